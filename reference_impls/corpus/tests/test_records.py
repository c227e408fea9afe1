from pathlib import Path

import pytest
from pydantic import ValidationError

from ...project_base.errors import UserError
from ..chunking import chunk_document
from ..documents import Corpus
from ..reading import read_corpus
from ..settings import Settings


def read(folder: Path, name: str, content: str, **settings: str) -> Corpus:
    (folder / name).write_text(content)
    return read_corpus(Settings(folder=str(folder), duplicates="keep", **settings))  # type: ignore[arg-type]


def reasons(corpus: Corpus) -> dict[str, str]:
    return {item.path: item.reason for item in corpus.skipped}


def test_each_row_is_a_document_that_names_its_row(tmp_path: Path) -> None:
    corpus = read(tmp_path, "prices.csv", 'name,price,note\nBridge,129,"two\nlines"\n\nTag,19,\n')
    assert [(document.path, document.text) for document in corpus.documents] == [
        ("prices.csv#row=2", "name: Bridge\nprice: 129\nnote: two\nlines"),
        ("prices.csv#row=4", "name: Tag\nprice: 19"),
    ]
    assert {(document.title, document.file) for document in corpus.documents} == {("prices", "prices.csv")}


def test_columns_can_be_text_title_and_metadata(tmp_path: Path) -> None:
    content = '{"q": "How long?", "a": "Two years.", "id": 7, "by": {"team": "care"}, "live": true}\n'
    corpus = read(
        tmp_path, "faq.jsonl", content, record_text="a, missing", record_title="q", record_metadata="id, by.team, live"
    )
    (document,) = corpus.documents
    assert (document.title, document.text) == ("How long?", "a: Two years.")
    assert document.metadata == {"id": 7, "by.team": "care", "live": True}
    (chunk,) = chunk_document(document, Settings(folder="x"))
    assert chunk.context == "How long? > faq"
    assert read(tmp_path, "faq.jsonl", content, record_text="a").documents[0].text == "Two years."


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_that_of_the_header(tmp_path: Path, delimiter: str) -> None:
    rows = [["name", "note"], ["Tag", '"a, b; c"']]
    corpus = read(tmp_path, "a.csv", "\n".join(delimiter.join(row) for row in rows))
    assert corpus.documents[0].text == "name: Tag\nnote: a, b; c"


def test_broken_rows_are_listed_and_the_others_read(tmp_path: Path) -> None:
    corpus = read(tmp_path, "a.csv", 'a,b\n1,2\n3\n4,5,6\n7,8\n9,"open\n10,11\n')
    assert [document.path for document in corpus.documents] == ["a.csv#row=2", "a.csv#row=5"]
    found = reasons(corpus)
    assert found.keys() == {"a.csv#row=3", "a.csv#row=4", "a.csv#row=6"}
    assert found["a.csv#row=3"] == "1 cells, where the header has 2"
    assert "to the end of the file" in found["a.csv#row=6"]


def test_broken_lines_are_listed_and_the_others_read(tmp_path: Path) -> None:
    lines = [
        '{"a": "x"}',
        "{oops",
        "[1]",
        '{"a": 1, "a": 2}',
        '{"a": NaN}',
        '{"a": "\\ud800"}',
        '{"a": null}',
        '{"b": 1}',
    ]
    corpus = read(tmp_path, "a.jsonl", "\n".join(lines), record_text="a")
    assert [(document.path, document.text) for document in corpus.documents] == [
        ("a.jsonl#row=1", "x"),
        ("a.jsonl#row=6", "?"),
    ]
    assert [path.partition("=")[2] for path in reasons(corpus)] == ["2", "3", "4", "5", "8"]
    assert "corpus.record_text" in reasons(corpus)["a.jsonl#row=8"]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("a,b,a\n1,2,3\n", "two columns 'a'"),
        ("a,b\n", "no rows with text"),
        ('a,"b\n1,2\n', "no CSV table"),
        ("b\n1\n", "no column a or c (corpus.record_text); its columns: b"),
    ],
)
def test_a_table_that_cannot_be_used_is_listed(tmp_path: Path, content: str, expected: str) -> None:
    (tmp_path / "good.txt").write_text("text")
    found = reasons(read(tmp_path, "bad.csv", content, record_text="a,c" if content.startswith("b") else ""))
    assert expected in found["bad.csv"]


def test_a_folder_of_broken_rows_alone_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(UserError, match=r"a\.jsonl#row=1: no JSON"):
        read(tmp_path, "a.jsonl", "oops\n")


@pytest.mark.parametrize("name", ["readers", "tenant"])
def test_rights_are_no_column(name: str) -> None:
    with pytest.raises(ValidationError, match=r"_metadata\.yaml"):
        Settings(folder="x", record_metadata=f"id, {name}")
