"""What the search for possible answers says, held against profiles."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from advisor.checks.implied import implied_rules
from advisor.checks.possible import Possible, with_fact_settled
from advisor.conditions import Condition, parse
from advisor.knowledge import Knowledge
from advisor.states import states_of
from advisor.values import Outcome
from tests.profiles import profiles


def when(knowledge: Knowledge, **written: object) -> Condition:
    return parse(written, knowledge.vocabulary)


def complete(knowledge: Knowledge, codes: dict[str, str]) -> dict[str, str]:
    return {fact: codes.get(fact, ask.codes[0]) for fact, ask in knowledge.asks.items()}


def cannot_be(knowledge: Knowledge, codes: dict[str, str]) -> bool:
    states = states_of(knowledge, codes)
    return any(c.cannot_be and c.when.judge(states) is Outcome.TRUE for c in knowledge.conflicts)


@given(data=st.data())
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.filter_too_much])
def test_what_is_implied_fires_too(rules: Knowledge, data: st.DataObject) -> None:
    codes = complete(rules, data.draw(profiles(rules)))
    assume(not cannot_be(rules, codes))
    states = states_of(rules, codes)
    fired = {rule.id for rule in rules.rules if rule.when.judge(states) is Outcome.TRUE}
    for narrow, wider in implied_rules(rules).items():
        if narrow in fired:
            assert {rule.id for rule in wider} <= fired


def test_an_example_holds_however_it_is_completed(rules: Knowledge) -> None:
    possible = Possible.answers(rules)
    for rule in rules.rules:
        codes = possible.example([rule.when])
        if codes is not None:
            assert not cannot_be(rules, codes), rule.id
            assert rule.when.judge(states_of(rules, complete(rules, codes))) is Outcome.TRUE, rule.id


@pytest.mark.parametrize(
    ("one", "other"),
    [("task_type", "style_strictness"), ("knowledge_source", "corpus_size"), ("failure_mode", "baseline_quality")],
)
def test_the_search_finds_a_pair_of_codes_just_where_there_is_one(rules: Knowledge, one: str, other: str) -> None:
    """Every pair of codes against plain enumeration of the two facts; the others apply, or are left open."""
    possible = Possible.answers(rules)
    for a, b in itertools.product(rules.asks[one].codes, rules.asks[other].codes):
        pair = {one: a, other: b}
        states = states_of(rules, {"model_kind": "llm", "task_type": "grounded_qa", **pair})
        can_be = bool(states[other].possible) and not cannot_be(rules, {"model_kind": "llm", **pair})
        assert (possible.example([when(rules, **{one: a}), when(rules, **{other: b})]) is not None) == can_be, pair


def test_a_fact_that_does_not_apply_fulfils_no_condition(rules: Knowledge) -> None:
    possible = Possible.answers(rules)
    in_request = when(rules, knowledge_source="in_request")
    every_size = when(rules, corpus_size=list(rules.asks["corpus_size"].codes))
    assert possible.example([in_request, every_size]) is None
    assert possible.example([in_request], [every_size]) is not None


def test_an_answer_that_leaves_it_open_is_no_proof(rules: Knowledge) -> None:
    """Nothing fails, so a baseline that was measured meets its target; one that was not may do anything."""
    possible = Possible.answers(rules)
    nothing_fails, met = when(rules, failure_mode="none"), when(rules, baseline_quality="meets_target")
    assert not possible.implies(nothing_fails, met)
    measured = when(rules, failure_mode="none", baseline_quality=["meets_target", "close"])
    assert possible.implies(measured, met)
    assert not Possible(rules, ()).implies(measured, met)


def test_a_settled_fact_is_read_no_more(rules: Knowledge) -> None:
    both = when(rules, any=[{"citations": "mandatory"}, {"not": {"query_breadth": "narrow"}}])
    left = with_fact_settled(both, "citations", "helpful")
    assert left.facts() == {"query_breadth"}
    assert with_fact_settled(both, "citations", "mandatory").judge({}) is Outcome.TRUE
