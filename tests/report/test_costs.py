"""Costs in the report: amounts in words, the warning of old prices, and what fits on a screen."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given as for_any
from hypothesis import strategies as st

from advisor.documents import Dossier
from advisor.documents.costs import Amount
from advisor.report import build_sections, render_markdown, render_text
from advisor.report.money import exact, money, quantity
from advisor.report.page import render_page
from advisor.report.sections.costs import overdue
from tests.report import dossiers as given


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (0.0001, 0.004, "under USD 0.01"),
        (0.0001, 0.0312, "up to USD 0.031"),
        (0.012, 0.0451, "USD 0.012 to 0.045"),
        (505.2, 2058, "USD 510 to 2,100"),
        (123456, 123456, "USD 120,000"),
        (20, None, "from USD 20"),
        (0.001, None, "from USD under 0.01"),
    ],
)
def test_money_in_words(low: float, high: float | None, said: str) -> None:
    assert money(Amount(low=low, high=high), "USD") == said


@for_any(st.floats(0, 1e12, exclude_min=True), st.floats(1, 1e3))
def test_nothing_that_costs_reads_as_nothing(low: float, times: float) -> None:
    for amount in (Amount(low=low, high=low * times), Amount(low=low, high=None), Amount(low=0, high=low)):
        said = money(amount, "EUR")
        assert "EUR" in said
        assert not {"0", "0.0", "0.00", "-0"} & set(said.split())


def test_a_figure_is_shown_as_it_was_reckoned_with() -> None:
    assert exact(Amount(low=1.25, high=1.25), "times") == "1.25 times"
    assert quantity(Amount(low=1.25, high=1.25), "times") == "1.2 times"
    assert quantity(Amount(low=0, high=120), "labels") == "up to 120 labels"
    assert exact(Amount(low=1e6, high=None), "queries per month") == "from 1,000,000 queries per month"


def test_old_prices_are_warned_of_on_the_page_alone() -> None:
    basis = given.BASIS
    assert overdue(basis, date.fromisoformat(basis.review_by)) is None
    assert basis.review_by in (overdue(basis, date(2027, 5, 21)) or "")
    assert overdue(None, date(2030, 1, 1)) is None
    fresh, old = (render_page(given.full(), day) for day in (date(2027, 5, 20), date(2027, 5, 21)))
    assert fresh == render_page(given.full())
    assert "These prices are old" in old
    assert "These prices are old" not in fresh


def test_the_verdict_and_the_baseline_fit_on_a_screen() -> None:
    brief = build_sections(given.full(), brief=True)
    (section,) = (one for one in brief if one.id == "costs")
    lines = render_text([section], width=80).splitlines()
    assert [line for line in lines if line and line != "What it costs"] == [
        "  RAG        USD 510 to 2,000 a month, USD 6,000 to 40,000 once",
        "  Prompting  USD 0.1 to 4 per 1,000 queries, USD 6,000 to 40,000 once",
    ]
    undecided = build_sections(Dossier(recommendation=given.undecided(costs=given.COSTS[1:])), brief=True)
    assert "costs" not in {one.id for one in undecided}


def test_the_full_section_holds_every_line_with_its_arithmetic() -> None:
    text = render_markdown(build_sections(given.full()))
    for said in ("Fine-tuning to save money?", "Not clear yet.", "within 12 months", "USD 500 a month", "by the month"):
        assert said in text
    assert "The cache is cold." in text
    assert "50,000 tokens" in text
    assert "corpus\\_size" in text
