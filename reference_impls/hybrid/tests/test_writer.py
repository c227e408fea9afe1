"""What survives a rewriting and what does not, and what the writer does with it."""

import re

import pytest

from ...labelled_data.base import Example, Turn
from ..rag_then_writer.pattern import check_edits
from ..rag_then_writer.survival import facts_of, lost
from ..rag_then_writer.writing import HouseWriter, chrf, house_words, stated_in

DRAFT = (
    "The warranty lasts 36 months for the Bridge B1 and does not cover batteries. [1] "
    'The console says "Probe open" for 18 euros at Halcyard in Vienna. [2]'
)
STYLED = (
    "Hello! Batteries are not covered [1]; the Bridge B1 has a warranty of 36 months [1]. "
    'In Vienna, Halcyard asks 18 euros where the console says "Probe open" [2].'
)


def test_another_order_and_other_words_survive() -> None:
    assert lost(DRAFT, STYLED) == ()
    assert lost(DRAFT, DRAFT) == ()


def test_numbers_survive_in_another_spelling() -> None:
    assert lost("It costs 1,200 euros. [1]", "The price is €1200 [1].") == ()
    assert lost("It takes two days. [1]", "Allow 2 days for it [1].") == ()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("36 months", "38 months", "figure lost: 36 month"),
        ("36 months", "36 days", "figure lost: 36 month"),
        ("18 euros", "18 dollars", "figure lost: 18 euro"),
        ("a warranty of 36 months", "a warranty", "figure lost"),
        ("Bridge B1", "Bridge B2", "name lost: B1"),
        ("Halcyard", "Somebody", "name lost: Halcyard"),
        ("Hello!", "Hello from Graz, dear Bob!", "name added: Graz"),
        ("Probe open", "Probe is open", "quote lost: Probe open"),
        (" [2]", "", "citation lost: \\[2\\]"),
        ("[2]", "[2] [3]", "citation added: \\[3\\]"),
        ("are not covered", "are covered", "a denial was lost"),
    ],
)
def test_every_change_is_seen(old: str, new: str, says: str) -> None:
    changed = STYLED.replace(old, new)
    assert changed != STYLED
    assert any(re.search(says, each) for each in lost(DRAFT, changed)), lost(DRAFT, changed)


def test_a_figure_under_another_citation_and_an_added_denial_are_seen() -> None:
    swapped = "It weighs 5 kg [2]. It costs 9 euros [1]."
    assert len([each for each in lost("It weighs 5 kg. [1] It costs 9 euros. [2]", swapped) if "another" in each]) == 2
    assert lost("It is covered. [1]", "It isn't covered [1].") == ("a denial was added",)
    assert lost(DRAFT, "  ") == ("the rewriting is empty",)


def test_the_house_may_add_its_own_names() -> None:
    styled = f"{STYLED}\nYour Grazer Team"
    assert any("name added" in each for each in lost(DRAFT, styled))
    assert lost(DRAFT, styled, "Your Grazer Team") == ()


def test_names_are_known_by_their_look() -> None:
    found = facts_of("The HMAC-SHA256 key of iOS is in Vienna. Some say so. I agree.")
    assert found.names == {"HMAC-SHA256", "iOS", "Vienna"}


class Scripted:
    """Writes what is given; stands for a language model whose text is of no interest here."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.asked: list[tuple[Turn, ...]] = []

    def write(self, turns: list[tuple[Turn, ...]], advance: object = None) -> list[str]:
        self.asked += turns
        return [self.texts.pop(0) for _ in turns]


def test_a_rewriting_that_loses_a_fact_is_put_aside_with_the_reason() -> None:
    model = Scripted(STYLED, STYLED.replace("36", "63"))
    writer = HouseWriter(lambda: model)  # type: ignore[arg-type, return-value]
    kept, aside = writer.word("How long?", DRAFT), writer.word("How long?", DRAFT)
    assert (kept.text, kept.faults) == (STYLED, ())
    assert aside.text == DRAFT
    assert "figure lost: 36 month" in aside.faults
    assert model.asked[0] == (Turn("user", f"How long?\n\n{DRAFT}"),)


def rows(count: int, response: str) -> list[Example]:
    return [Example(f"q{number}?\n\n{DRAFT}", response, f"drafts:{number}") for number in range(count)]


def test_what_editors_lost_is_told_before_a_writer_learns_it() -> None:
    assert check_edits(rows(4, STYLED)) == []
    some = check_edits([*rows(4, STYLED), *rows(1, "Nothing of it.")])
    assert "1 of 5 edited drafts lose or add a fact" in some[0].says
    assert not some[0].blocking
    assert check_edits(rows(4, "Nothing of it."))[0].blocking


def test_question_and_draft_are_told_apart_and_shared_lines_are_of_the_house() -> None:
    assert stated_in(rows(1, "x")[0]) == ("q0?", DRAFT)
    assert stated_in(Example(DRAFT, "x", "d:1")) == ("", DRAFT)
    assert house_words(rows(5, "Dear reader,\nall is well")) == "Dear reader,\nall is well"
    assert house_words([Example("a", f"line {number}", "d") for number in range(5)]) == ""


def test_chrf_is_1_for_the_same_and_falls_with_what_is_missing() -> None:
    assert chrf("the cat sat", "the cat sat") == pytest.approx(1.0)
    assert chrf("", "the cat") == 0.0
    assert chrf("the cat", "the cat sat") < 1.0
    # Recall counts more: leaving out half costs more than adding as much.
    assert chrf("abcd", "abcdefgh") < chrf("abcdefgh", "abcd")
    # One run of one letter of two on each side: precision 1, recall 1/2, F2 = 5 * .5 / (4 + .5).
    assert chrf("a", "ab", longest=1) == pytest.approx(5 * 0.5 / 4.5)
