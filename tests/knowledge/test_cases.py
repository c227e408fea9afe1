"""Whole-path cases: what the advice is worth on projects that no rule was written for."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest

from advisor import resources
from advisor.documents import Recommendation
from advisor.knowledge import load_knowledge
from advisor.knowledge.compiled import read_compiled, write_compiled
from advisor.scoring import score


@pytest.mark.parametrize(("group", "least"), [("before_the_rules", 30), ("beside_the_rules", 26)])
def test_our_own_cases_end_acceptably(group: str, least: int, recommend_for: Callable[..., Recommendation]) -> None:
    cases = next(one for one in load_knowledge(with_cases=True).cases if one.id == group).cases
    missed = {}
    for case in cases:
        recommendation = recommend_for(**case.facts)
        if recommendation.approach not in case.acceptable:
            missed[case.id] = recommendation.approach
            assert recommendation.confidence.level != "high", case.id
    assert len(cases) - len(missed) >= least, missed


@pytest.mark.parametrize(("group", "least"), [("blind_a", 35), ("blind_b", 34), ("blind_c", 38), ("blind_d", 38)])
def test_cases_labelled_without_sight_of_the_rules_end_acceptably(group: str, least: int) -> None:
    """The floors lie one or two below what was measured; no rule was mended for the last group."""
    knowledge = load_knowledge(with_cases=True)
    cases = next(one for one in knowledge.cases if one.id == group)
    (found,) = score([cases], knowledge, leave_one_out=False).groups
    assert found.all_facts.acceptable >= least
    assert found.all_facts.high_acceptable == found.all_facts.high


def test_the_groups_and_how_much_they_hold() -> None:
    groups = {group.id: group for group in load_knowledge(with_cases=True).cases}
    counts = {name: (group.kind, len(group.cases)) for name, group in groups.items()}
    assert counts["documents"] == ("described", 30)
    assert counts["published"] == ("practice", 30)
    blind = [counts[f"blind_{letter}"] for letter in "abcd"]
    assert blind == [("practice", 36), ("practice", 36), ("practice", 40), ("practice", 40)]
    assert {counts[name][0] for name in ("before_the_rules", "beside_the_rules")} == {"invented"}


def test_the_compiled_copy_holds_precedents_and_no_invented_cases(tmp_path: Path) -> None:
    copy = tmp_path / "copy.json"
    write_compiled(load_knowledge(with_cases=True), copy)
    again = read_compiled(copy)
    assert again is not None
    for group in again.cases:
        assert bool(group.cases) == (group.kind != "invented")


def test_the_figures_of_a_remembered_report_are_not_shown() -> None:
    for group in load_knowledge(with_cases=True).cases:
        assert all(source.status != "remembered" for case in group.cases for source in case.sources)


def test_the_worked_example_of_a_case_can_be_used_as_it_stands(tmp_path: Path) -> None:
    text = (resources.folder("rules") / "README.md").read_text()
    (example,) = (block for block in re.findall(r"```yaml\n(.*?)```", text, re.DOTALL) if "cases/ours.yaml" in block)
    (tmp_path / "cases").mkdir()
    (tmp_path / "cases" / "ours.yaml").write_text(example)
    ours = next(group for group in load_knowledge(tmp_path).cases if group.id == "ours")
    assert (ours.kind, ours.cases[0].facts["labelled_examples"]) == ("practice", "lt_50")
