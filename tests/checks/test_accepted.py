"""Findings that an author lets stand: a warning, with the reason, never silence."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from advisor.checks import check_knowledge
from advisor.knowledge import Accepted, Knowledge

TODAY = date(2026, 11, 20)


STALE = Accepted("cliff citations no helpful", "it was so once", "rules/hybrid.yaml:80")


def test_the_rules_are_sound_and_every_accepted_finding_is_still_found(rules: Knowledge) -> None:
    """And what is accepted and not found any more is said."""
    checked = check_knowledge(replace(rules, accepted=(*rules.accepted, STALE)), TODAY)
    assert checked.faults == ()
    said = "rules/hybrid.yaml:80: 'cliff citations no helpful' is accepted, and not found any more: take it out"
    assert [warning for warning in checked.warnings if "Accepted: " not in warning] == [said]
    assert len(checked.warnings) > len(rules.accepted)


def test_without_its_reason_a_finding_is_a_fault_that_says_how_to_accept_it(rules: Knowledge) -> None:
    searched = tuple(one for one in rules.accepted if one.finding.startswith(("cliff ", "unchosen ")))
    read = tuple(one for one in rules.accepted if one not in searched)
    for dropped, kept in ((read, searched), (searched, read)):
        checked = check_knowledge(replace(rules, accepted=kept), TODAY)
        assert {one.finding for one in dropped} == {fault.split("'")[-2] for fault in checked.faults}


def test_the_search_begins_when_nothing_else_is_wrong(rules: Knowledge) -> None:
    assert not any("cliff" in fault for fault in check_knowledge(replace(rules, accepted=()), TODAY).faults)


def test_a_source_past_its_review_is_a_fault_unless_accepted(rules: Knowledge) -> None:
    late = date(2030, 1, 1)
    assert any("evidence E10: due for review" in fault for fault in check_knowledge(rules, late).faults)
    known = (*rules.accepted, Accepted("old E10", "no newer figures", "rules/criteria/baseline.yaml:1"))
    assert not any(
        "evidence E10: due for review" in fault
        for fault in check_knowledge(replace(rules, accepted=known), late).faults
    )


def test_below_a_folder_of_the_users_our_own_flaws_are_warnings(rules: Knowledge) -> None:
    theirs = replace(rules, accepted=(), own=(("criteria/moon.yaml", "added"),))
    checked = check_knowledge(theirs, TODAY)
    assert checked.faults == ()
    assert any("no_reference_text" in warning for warning in checked.warnings)
    mine = replace(theirs, own=(("criteria/knowledge_source.yaml", "replaced"),))
    assert any("no_reference_text" in fault for fault in check_knowledge(mine, TODAY).faults)
