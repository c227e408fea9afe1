"""Sources that are too old, or too weak for what rests on them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

from advisor.checks.sources import old_prices, old_sources, remembered_sources
from advisor.knowledge import Knowledge, SourceRef


def test_a_source_is_old_on_the_day_after_its_review(rules: Knowledge) -> None:
    dated = {key: source.review_by for key, source in rules.sources.items() if source.review_by}
    assert {"E10", "E13", "E26", "E34"} <= set(dated)
    day = date.fromisoformat(dated["E10"])
    assert "E10" not in {flaw.name.removeprefix("old ") for flaw in old_sources(rules, day)}
    late = {flaw.name: flaw for flaw in old_sources(rules, day + timedelta(days=1))}
    assert late["old E10"].where == rules.sources["E10"].where


def test_prices_grow_old_too(rules: Knowledge) -> None:
    day = date.fromisoformat(rules.prices.review_by)
    assert list(old_prices(rules, day)) == []
    (flaw,) = old_prices(rules, day + timedelta(days=1))
    assert rules.prices.review_by in flaw.says


def test_what_rests_on_memory_alone_is_found(rules: Knowledge) -> None:
    assert list(remembered_sources(rules)) == []
    rule = rules.rules[0]
    weak = replace(rule, sources=(SourceRef("E01", "remembered"),))
    (flaw,) = remembered_sources(replace(rules, rules=(weak, *rules.rules[1:])))
    assert flaw.where == rule.where
    assert flaw.says.startswith(f"rule {rule.id} rests on memory alone")


def test_memory_beside_a_source_that_was_read_is_no_fault(rules: Knowledge) -> None:
    rule = rules.rules[0]
    mixed = replace(rule, sources=(SourceRef("E01", "remembered"), SourceRef("E02", "read")))
    assert list(remembered_sources(replace(rules, rules=(mixed, *rules.rules[1:])))) == []


def test_a_remembered_source_shows_no_figure(rules: Knowledge) -> None:
    weak = replace(rules.sources["E16"], status="remembered")
    (flaw,) = remembered_sources(replace(rules, sources={**rules.sources, "E16": weak}))
    assert flaw.says == "evidence E16: nobody checked it, so it may show no figure"
