from pathlib import Path

import numpy as np
import pytest

from ..documents import Corpus, Document
from ..duplicates import find_repeats
from ..reading import read_corpus
from ..settings import Settings

WORDS = np.random.default_rng(7).choice([f"word{number}" for number in range(3000)], 400).tolist()


def document(path: str, words: list[str], record_of: str | None = None) -> Document:
    return Document(path, path, " ".join(words), (), "", record_of=record_of)


def read(folder: Path, duplicates: str, files: dict[str, str]) -> Corpus:
    for name, content in files.items():
        (folder / name).write_text(content)
    return read_corpus(Settings(folder=str(folder), duplicates=duplicates))  # type: ignore[arg-type]


def jaccard(left: list[str], right: list[str]) -> float:
    sets = [{tuple(words[place : place + 3]) for place in range(len(words) - 2)} for words in (left, right)]
    return len(sets[0] & sets[1]) / len(sets[0] | sets[1])


@pytest.mark.parametrize("changed", [1, 5, 10, 14])
def test_near_repeats_are_found_with_their_similarity(changed: int) -> None:
    other = list(WORDS)
    for place in range(changed):
        other[place * 25] = "changed"
    (repeat,) = find_repeats([document("a", WORDS), document("b", other)])[0]
    assert (repeat.document.path, repeat.of.path, repeat.exact) == ("b", "a", False)
    assert repeat.similarity == pytest.approx(jaccard(WORDS, other))


def test_different_texts_and_short_ones_are_no_near_repeats() -> None:
    half = WORDS[:200] + [f"other{number}" for number in range(200)]
    shuffled = WORDS[::-1]
    short = WORDS[:49]
    texts = [WORDS, half, shuffled, short, [*short[:-1], "end"]]
    assert find_repeats([document(str(number), words) for number, words in enumerate(texts)])[0] == []


def test_rows_of_a_table_are_compared_exactly_alone() -> None:
    rows = [WORDS[:100], [*WORDS[:99], "other"], WORDS[:100]]
    found = find_repeats([document(f"a.csv#row={number}", words, "a.csv") for number, words in enumerate(rows)])[0]
    assert [(repeat.document.path, repeat.of.path) for repeat in found] == [("a.csv#row=2", "a.csv#row=0")]


def test_a_family_has_one_original() -> None:
    others = [[*WORDS[:-1], f"end{number}"] for number in range(5)]
    found = find_repeats([document(str(number), words) for number, words in enumerate([WORDS, *others])])[0]
    assert {repeat.of.path for repeat in found} == {"0"}
    assert len(found) == 5


def test_the_nearest_of_many_from_one_template_is_named() -> None:
    ends = [[f"end{number}x{place}" for place in range(150)] for number in range(8)]
    template = [document(str(number), WORDS[:250] + end) for number, end in enumerate(ends)]
    (repeat,) = find_repeats([*template, document("copy", [*WORDS[:250], *ends[5][:-1], "other"])])[0]
    assert (repeat.document.path, repeat.of.path) == ("copy", "5")


FILES = {"a.md": "The warranty  lasts\ntwo years.", "b.md": "The warranty lasts two years.", "c.md": "Other words."}


def test_repeats_are_listed_and_kept_by_default(tmp_path: Path) -> None:
    corpus = read(tmp_path, "warn", FILES)
    assert len(corpus.documents) == 3
    assert [(remark.path, remark.text) for remark in corpus.remarks] == [("b.md", "the same text as a.md")]


def test_repeats_are_left_out_and_listed(tmp_path: Path) -> None:
    corpus = read(tmp_path, "skip", FILES | {"near1.md": " ".join(WORDS), "near2.md": " ".join([*WORDS, "end"])})
    assert [item.path for item in corpus.documents] == ["a.md", "c.md", "near1.md", "near2.md"]
    assert [(item.path, "a.md" in item.reason) for item in corpus.skipped] == [("b.md", True)]
    assert [(remark.path, "near1.md" in remark.text) for remark in corpus.remarks] == [("near2.md", True)]


def test_repeats_can_be_kept_unseen(tmp_path: Path) -> None:
    corpus = read(tmp_path, "keep", FILES)
    assert (len(corpus.documents), corpus.skipped, corpus.remarks) == (3, (), ())


@pytest.mark.parametrize("rule", ["{readers: [hr]}", "{tenant: x}", "{team: x}"])
def test_no_reader_and_no_filter_loses_a_text_by_skipping(tmp_path: Path, rule: str) -> None:
    corpus = read(tmp_path, "skip", FILES | {"_metadata.yaml": f'"a.md": {rule}\n'})
    assert [item.path for item in corpus.documents] == ["a.md", "b.md", "c.md"]
    assert [remark.path for remark in corpus.remarks] == ["b.md"]


def test_known_signatures_give_the_same_repeats() -> None:
    documents = [document("a.md", WORDS), document("b.md", [*WORDS[:390], "other"]), document("c.md", ["short"])]
    repeats, signatures = find_repeats(documents)
    assert [repeat.document.path for repeat in repeats] == ["b.md"]
    assert find_repeats(documents, known=signatures) == (repeats, signatures)
