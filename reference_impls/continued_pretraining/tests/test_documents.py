"""Held-out documents, and whatever is nearly the same, are never trained on."""

import random
from pathlib import Path

import pytest

from ...project_base.errors import UserError
from ..base import Text
from ..documents import check_enough, read_texts, split
from ..sample_text import as_lines, documents
from .projects import GENERAL, SAMPLE, settings, write_texts


def of_domain(texts: list[str]) -> list[Text]:
    return [Text(f"a/{number}", text, "domain") for number, text in enumerate(texts)]


def test_near_repeats_stand_on_one_side_and_repeats_are_read_once(tmp_path: Path) -> None:
    given = documents(40)
    near = [f"{text} It was cold that day." for text in given]
    found = split(of_domain([*given, *near, given[0].upper()]), settings(tmp_path))
    assert found.repeats == 1
    assert found.near == 80
    side = {text.place: side for text, side in zip(found.texts, found.sides, strict=True)}
    assert all(side[f"a/{number}"] == side[f"a/{number + 40}"] for number in range(40))
    assert set(side.values()) == {"train", "validation", "held_out"}


def test_the_side_does_not_hang_on_the_order_nor_on_other_documents(tmp_path: Path) -> None:
    # From 300 documents on the shares are those of the settings, whatever is added.
    given = settings(tmp_path, continued_pretraining__held_out_share=0.3, continued_pretraining__validation_share=0.1)
    texts = of_domain(documents(300, seed=9))
    first = split(texts, given)
    sides = {text.text: side for text, side in zip(first.texts, first.sides, strict=True)}
    random.Random(0).shuffle(texts)
    second = split([*texts, *of_domain(documents(150, seed=10))], given)
    again = {text.text: side for text, side in zip(second.texts, second.sides, strict=True)}
    assert all(again[text] == side for text, side in sides.items())


def test_a_small_corpus_holds_more_of_itself_out(tmp_path: Path) -> None:
    found = split(
        [*of_domain(documents(240)), *(Text(f"b/{text[:9]}", text, "general") for text in GENERAL)], settings(tmp_path)
    )
    counts = {side: len(found.of("domain", side)) for side in ("held_out", "validation")}
    assert 18 < counts["held_out"] < 45
    assert 5 < counts["validation"] < 25
    assert 12 < len(found.of("general", "held_out")) < 32


def test_a_text_of_both_kinds_is_on_one_side(tmp_path: Path) -> None:
    given = documents(40)
    both = [
        *of_domain(given),
        *(Text(f"g/{number}", f"{text} Thus it stands.", "general") for number, text in enumerate(given)),
    ]
    found = split(both, settings(tmp_path))
    side = {text.place: side for text, side in zip(found.texts, found.sides, strict=True)}
    assert all(side[f"a/{number}"] == side[f"g/{number}"] for number in range(40))


def test_files_that_cannot_be_read_are_named_and_others_go_on(tmp_path: Path) -> None:
    given = settings(tmp_path)
    (tmp_path / "domain" / "picture.png").write_bytes(b"\x89PNG")
    found = read_texts(given)
    assert any("picture.png" in line for line in found.skipped)
    assert len(found.of("domain", "train"))


@pytest.mark.parametrize(
    ("texts", "says"), [(documents(6), "too few documents of the domain"), ([" ".join(documents(30))], "too few")]
)
def test_too_few_documents_are_refused(tmp_path: Path, texts: list[str], says: str) -> None:
    given = settings(tmp_path, corpus__folder=str(write_texts(tmp_path / "few", texts)))
    with pytest.raises(UserError, match=says) as refused:
        check_enough(read_texts(given))
    assert "one text a line" in refused.value.next_step


def test_a_missing_folder_of_general_text_is_told_by_its_setting(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="general text") as refused:
        read_texts(settings(tmp_path, continued_pretraining__general=str(tmp_path / "nowhere")))
    assert "continued_pretraining.general" in refused.value.next_step


def test_the_sample_is_what_its_generator_writes() -> None:
    assert (SAMPLE / "domain" / "reports.jsonl").read_text(encoding="utf-8") == as_lines(documents())
    assert len(set(documents())) == len(documents())
    assert len(set(GENERAL)) == len(GENERAL)
