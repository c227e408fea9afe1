"""The language of `when`: what it means when facts are known, unknown, open or do not apply."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from advisor.conditions import Codes, Not, State, parse
from advisor.holding import Holding
from advisor.states import NOT_APPLICABLE
from advisor.values import Outcome

SPEED = ("static", "monthly", "weekly", "daily")
VOCABULARY = {"speed": Codes(SPEED, SPEED), "colour": Codes(("red", "green", "open"), ())}


def state(fact: str, code: str | None) -> State:
    return State(code, frozenset((code,))) if code else State(None, frozenset(VOCABULARY[fact].named) - {"open"})


def judged(written: dict[str, Any], speed: str | None = None, colour: str | None = None) -> Outcome:
    return parse(written, VOCABULARY).judge({"speed": state("speed", speed), "colour": state("colour", colour)})


@pytest.mark.parametrize(
    ("written", "speed", "outcome"),
    [
        ({"speed": "weekly"}, "weekly", Outcome.TRUE),
        ({"speed": "weekly"}, "daily", Outcome.FALSE),
        ({"speed": "weekly"}, None, Outcome.UNKNOWN),
        ({"speed": ["weekly", "daily"]}, "daily", Outcome.TRUE),
        ({"speed": {"at_least": "weekly"}}, "weekly", Outcome.TRUE),
        ({"speed": {"at_least": "weekly"}}, "monthly", Outcome.FALSE),
        ({"speed": {"at_most": "monthly"}}, "monthly", Outcome.TRUE),
        ({"speed": {"at_most": "monthly"}}, "weekly", Outcome.FALSE),
        ({"not": {"speed": "weekly"}}, None, Outcome.UNKNOWN),
        ({"not": {"speed": "weekly"}}, "daily", Outcome.TRUE),
        ({"unsettled": "speed"}, None, Outcome.TRUE),
        ({"unsettled": "speed"}, "daily", Outcome.FALSE),
    ],
)
def test_leaf(written: dict[str, Any], speed: str | None, outcome: Outcome) -> None:
    assert judged(written, speed) is outcome


def test_every_possible_code_settles_an_unknown_fact() -> None:
    assert judged({"colour": ["red", "green"]}) is Outcome.TRUE


def test_one_false_part_decides_whatever_is_unknown() -> None:
    assert judged({"all": [{"speed": "weekly"}, {"colour": "red"}]}, colour="green") is Outcome.FALSE
    assert judged({"any": [{"speed": "weekly"}, {"colour": "red"}]}, colour="red") is Outcome.TRUE


def test_several_keys_mean_all_of_them() -> None:
    assert judged({"speed": "weekly", "colour": "red"}, "weekly", "green") is Outcome.FALSE


def test_a_fact_that_does_not_apply_has_no_code() -> None:
    states = {"speed": NOT_APPLICABLE, "colour": state("colour", "red")}
    assert parse({"speed": {"at_least": "static"}}, VOCABULARY).judge(states) is Outcome.FALSE
    assert parse({"not": {"speed": "weekly"}}, VOCABULARY).judge(states) is Outcome.TRUE


def test_trace_shows_every_leaf_with_what_it_found() -> None:
    condition = parse({"all": [{"speed": {"at_least": "weekly"}}, {"not": {"colour": "red"}}]}, VOCABULARY)
    steps = condition.trace({"speed": state("speed", "daily"), "colour": state("colour", None)})
    assert [(s.fact, s.written, s.found, s.outcome.value) for s in steps] == [
        ("speed", "at least weekly", "daily", "true"),
        ("colour", "red", "unknown", "unknown"),
    ]


@pytest.mark.parametrize(
    ("written", "words"),
    [
        ({"sped": "weekly"}, "did you mean speed?"),
        ({"speed": "weakly"}, "did you mean weekly?"),
        ({"colour": {"at_least": "red"}}, "has no order"),
        ({"speed": {"more_than": "weekly"}}, "at_least, at_most"),
        ({"speed": []}, "empty list"),
        ({"all": []}, "at least one"),
        ({}, "a condition is a mapping"),
    ],
)
def test_mistakes_name_what_is_allowed(written: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words.replace("?", r"\?")):
        parse(written, VOCABULARY)


leaves = st.one_of(
    st.sampled_from(SPEED).map(lambda code: {"speed": code}),
    st.sampled_from(SPEED).map(lambda code: {"speed": {"at_least": code}}),
    st.sampled_from(("red", "green")).map(lambda code: {"colour": code}),
)
conditions = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"all": parts}),
        st.lists(inner, min_size=1, max_size=3).map(lambda parts: {"any": parts}),
        inner.map(lambda part: {"not": part}),
    ),
    max_leaves=6,
)


@given(conditions, st.sampled_from(SPEED), st.sampled_from(("red", "green")))
def test_what_holds_on_little_holds_whatever_else_is_learned(written: dict[str, Any], speed: str, colour: str) -> None:
    full = judged(written, speed, colour)
    assert full is not Outcome.UNKNOWN
    for partial in (judged(written), judged(written, speed), judged(written, colour=colour)):
        assert partial in (Outcome.UNKNOWN, full)


@given(st.lists(conditions, max_size=4), st.sampled_from((*SPEED, None)), st.sampled_from(("red", "green", None)))
def test_many_at_once_hold_where_each_is_judged_true(
    written: list[dict[str, Any]], speed: str | None, colour: str | None
) -> None:
    parsed = [parse(one, VOCABULARY) for one in written]
    states = {"speed": state("speed", speed), "colour": state("colour", colour)}
    expected = [place for place, one in enumerate(parsed) if one.judge(states) is Outcome.TRUE]
    assert Holding((one, place) for place, one in enumerate(parsed)).on(states) == expected


@pytest.mark.parametrize("speed", ["weekly", "static", None])
def test_what_is_too_wide_to_spell_out_holds_all_the_same(speed: str | None) -> None:
    either = {"any": [{"speed": "weekly"}, {"colour": "red"}]}
    other = {"any": [{"speed": "weekly"}, {"colour": "green"}]}
    wide = parse({"all": [either, other] * 4}, VOCABULARY)
    narrow = parse({"speed": "weekly"}, VOCABULARY)
    states = {"speed": state("speed", speed), "colour": state("colour", None)}
    held = Holding([(wide, "wide"), (Not(wide), "not wide"), (narrow, "narrow")])
    wanted = {"weekly": ["wide", "narrow"], "static": [], None: []}[speed]
    assert held.on(states) == wanted
    assert held.on(states, {"narrow"}) == [one for one in wanted if one == "narrow"]
