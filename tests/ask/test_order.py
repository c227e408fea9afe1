"""Which question comes next: the one that settles most, and none that cannot change the verdict."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from functools import cache
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given as drawn
from hypothesis import settings

from advisor.ask.answers_file import read_given
from advisor.ask.order import SETTLED, Until, could_change, next_question
from advisor.deciding import decide_states, fired_rules
from advisor.documents import Answers, Given
from advisor.knowledge import Ask, Knowledge, load_knowledge
from advisor.pipeline import advise
from advisor.sensitivity import complete
from advisor.states import states_of
from advisor.strict_yaml import load_file
from advisor.values import DONT_KNOW, Outcome
from tests.profiles import answers_of, profiles

KNOWLEDGE = load_knowledge()

HELP_DESK = {
    "model_kind": "llm",
    "task_type": "dialogue_support",
    "failure_mode": "missing_facts",
    "baseline_quality": "far",
    "knowledge_source": "private_documents",
    "corpus_quality": "fair",
    "corpus_size": "200k_2m",
    "volatility": "weekly",
    "latency_p95": "2_10s",
    "reasoning_scope": "single_passage",
    "labelled_examples": "lt_50",
}

PROJECTS = complete({}, KNOWLEDGE)

Person = Callable[[Ask], str]


def contradicts_itself(codes: dict[str, str]) -> bool:
    states = states_of(KNOWLEDGE, codes)
    return any(one.cannot_be and one.when.judge(states) is Outcome.TRUE for one in KNOWLEDGE.conflicts)


def interview(
    person: Person, start: dict[str, str] | None = None, until: Until = Until.SETTLED, settled_from: float = SETTLED
) -> dict[str, str]:
    """Asks until no question is left; the answers in the order of the questions."""
    codes = dict(start or {})
    while True:
        question, _ = next_question(answers_of(codes), KNOWLEDGE, until, settled_from=settled_from)
        if question is None:
            return codes
        assert question.ask.fact not in codes, "asked twice"
        codes[question.ask.fact] = person(question.ask)


def somebody(seed: int) -> Person:
    """A team that knows everything about its project, and does not contradict itself."""
    return team(dict(PROJECTS[seed * 53 % len(PROJECTS)].filled))


def team(profile: dict[str, str]) -> Person:
    return lambda ask: profile.get(ask.fact, DONT_KNOW)


@cache
def of_help_desk(until: Until = Until.SETTLED) -> Mapping[str, str]:
    """What several tests start from."""
    return interview(team(HELP_DESK), until=until)


@cache
def of_somebody(seed: int, until: Until = Until.SETTLED) -> Mapping[str, str]:
    """What several tests start from."""
    return interview(somebody(seed), until=until)


def labelled_cases() -> list[dict[str, str]]:
    """The facts of all labelled cases that are shipped."""
    found: list[dict[str, str]] = []
    for path in sorted((Path(__file__).parents[2] / "rules" / "cases").glob("*.yaml")):
        content: dict[str, Any] = load_file(path).data
        cases = [case for listed in content.values() if isinstance(listed, list) for case in listed]
        for case in cases:
            given = [read_given(fact, str(written), KNOWLEDGE) for fact, written in case["facts"].items()]
            found.append({one.fact: one.code for one in given})
    return found


CASES = labelled_cases()


def told(codes: Mapping[str, str]) -> dict[str, str]:
    return {fact: code for fact, code in codes.items() if code != DONT_KNOW}


def left_open(codes: Mapping[str, str]) -> list[Ask]:
    """The questions that were not asked and could be."""
    states = states_of(KNOWLEDGE, told(codes))
    return [ask for fact, ask in KNOWLEDGE.asks.items() if fact not in codes and len(states[fact].possible) > 1]


def test_the_first_question_splits_the_field() -> None:
    question, progress = next_question(Answers(), KNOWLEDGE)
    assert question is not None
    assert "It can tip the verdict: " in question.why_now
    assert progress.share < 0.5
    assert progress.unasked == len(KNOWLEDGE.asks)
    first = question.ask
    leads = {next_question(answers_of({first.fact: code}), KNOWLEDGE)[1].leading for code in first.settled_codes}
    assert len(leads) > 1


@pytest.mark.timeout(1200)
@pytest.mark.parametrize("every", [30, pytest.param(1, marks=pytest.mark.soak)])
def test_it_ends_where_the_whole_profile_does_after_a_third_of_the_questions(every: int) -> None:
    """On labelled cases, whatever they do not say being unknown; the target is a median of nine."""
    whole = CASES[::every]
    ended = [interview(team(facts)) for facts in whole]
    same = [
        advise(answers_of(codes), KNOWLEDGE).approach == advise(answers_of(facts), KNOWLEDGE).approach
        for codes, facts in zip(ended, whole, strict=True)
    ]
    assert sum(same) >= 0.95 * len(same)
    assert sorted(map(len, ended))[len(ended) // 2] <= 9


@pytest.mark.parametrize("facts", CASES[1::20], ids=str)
def test_no_single_answer_that_was_not_asked_for_makes_another_approach(facts: dict[str, str]) -> None:
    """However little counts as settled."""
    codes = interview(team(facts), settled_from=0)
    approach = decide_states(KNOWLEDGE, states_of(KNOWLEDGE, told(codes))).approach
    for ask in left_open(codes):
        for code in ask.settled_codes:
            more = {**told(codes), ask.fact: code}
            if not contradicts_itself(more):
                assert decide_states(KNOWLEDGE, states_of(KNOWLEDGE, more)).approach is approach, (ask.fact, code)


@pytest.mark.parametrize("facts", CASES[2::20], ids=str)
def test_what_can_forbid_the_advice_was_asked_before_it_stops(facts: dict[str, str]) -> None:
    """No veto against what would be built can come from one or two answers that nobody asked for, however little
    counts as settled.
    """
    codes = interview(team(facts), settled_from=0)
    now = decide_states(KNOWLEDGE, states_of(KNOWLEDGE, told(codes)))
    assert now.approach is not None
    unasked = left_open(codes)
    vetoes = [rule for rule in KNOWLEDGE.rules if {now.approach, now.pattern} & set(rule.effect.veto)]
    for rule in vetoes:
        for pair in product([ask for ask in unasked if ask.fact in rule.facts], repeat=2):
            for first, second in product(*(ask.settled_codes for ask in pair)):
                more = {**told(codes), pair[1].fact: second, pair[0].fact: first}
                if not contradicts_itself(more):
                    assert rule not in fired_rules(KNOWLEDGE, states_of(KNOWLEDGE, more)), (rule.id, first, second)


@pytest.mark.parametrize("seed", range(3))
def test_what_is_settled_stays_so_when_the_rest_is_answered(seed: int) -> None:
    """Held against completions that the questionnaire never looked at: everything answered, nothing unknown."""
    codes = of_somebody(seed)
    verdict = decide_states(KNOWLEDGE, states_of(KNOWLEDGE, told(codes))).approach
    rest = complete(told(codes), KNOWLEDGE, vary_weights=False, points=500)
    assert sum(one.approach is verdict for one in rest) >= 0.8 * len(rest)
    assert next_question(answers_of(codes), KNOWLEDGE)[1].share >= SETTLED


@pytest.mark.parametrize("seed", range(2))
def test_certain_goes_on_until_no_way_to_answer_the_rest_changes_it(seed: int) -> None:
    settled, certain = of_somebody(seed), of_somebody(seed, Until.CERTAIN)
    assert set(settled) <= set(certain)
    assert len(certain) < len(KNOWLEDGE.asks), "it asked everything"
    assert next_question(answers_of(certain), KNOWLEDGE, Until.CERTAIN)[1].share == 1
    assert not could_change(answers_of(certain), KNOWLEDGE)


def test_it_knows_what_could_still_change_what_is_settled() -> None:
    codes = of_help_desk()
    could = could_change(answers_of(codes), KNOWLEDGE)
    certain = of_help_desk(Until.CERTAIN)
    assert could <= {ask.fact for ask in left_open(codes)}
    assert bool(could) == (set(codes) != set(certain))


@settings(max_examples=25, deadline=None)
@drawn(profiles(KNOWLEDGE))
def test_any_answers_have_a_next_question_or_an_end(codes: dict[str, str]) -> None:
    unsure = {fact: DONT_KNOW if number % 3 == 0 else code for number, (fact, code) in enumerate(codes.items())}
    for until in (Until.SETTLED, Until.CERTAIN):
        question, progress = next_question(answers_of(unsure), KNOWLEDGE, until)
        assert 0 < progress.share <= 1
        assert progress.unasked == len(left_open(unsure))
        assert question is None or question.ask in left_open(unsure)
        if question is None and until is Until.CERTAIN:
            assert progress.share == 1


def test_it_asks_for_nothing_that_does_not_apply() -> None:
    """Judged when it is asked: a later answer may take an earlier question's meaning away."""
    for until in Until:
        codes = interview(somebody(5), until=until)
        for place, fact in enumerate(codes):
            before = {known: code for known, code in list(codes.items())[:place] if code != DONT_KNOW}
            assert states_of(KNOWLEDGE, before)[fact].possible, (fact, before)


def test_a_predictive_model_is_not_asked_about_documents() -> None:
    codes = interview(somebody(1), {"model_kind": "predictive"}, Until.EVERYTHING)
    assert not {"volatility", "citations"} & set(codes)


def test_a_fact_that_no_rule_reads_is_not_asked() -> None:
    """Chance gives every fact a share in the verdicts looked at; that is no reason to ask."""
    model = KNOWLEDGE.asks["team_skills"]
    idle = dataclasses.replace(model, fact="colour", question="Which colour?")
    knowledge = dataclasses.replace(
        KNOWLEDGE,
        asks={**KNOWLEDGE.asks, "colour": idle},
        vocabulary={**KNOWLEDGE.vocabulary, "colour": KNOWLEDGE.vocabulary["team_skills"]},
    )
    known = {fact: code for fact, code in HELP_DESK.items() if fact != "latency_p95"}
    codes = {**known, "latency_p95": DONT_KNOW}
    while (question := next_question(answers_of(codes), knowledge)[0]) is not None:
        assert question.ask.fact != "colour"
        codes[question.ask.fact] = DONT_KNOW


def test_who_knows_nothing_is_not_sent_away_with_a_verdict() -> None:
    codes = interview(lambda ask: DONT_KNOW)
    assert set(codes.values()) == {DONT_KNOW}
    assert advise(answers_of(codes), KNOWLEDGE).undecided == "too_little_known"


def test_it_goes_on_while_too_little_is_known_for_a_verdict() -> None:
    """A few answers of no consequence may settle what the rules say; the recommendation would still be withheld."""
    for start in ({"team_skills": "app_dev"}, {"monthly_queries": "lt_10k", "upfront_budget": "gt_100k"}):
        codes = interview(team({}), start)
        if advise(answers_of(codes), KNOWLEDGE).undecided:
            assert not could_change(answers_of(codes), KNOWLEDGE)


def test_everything_goes_on_with_the_rest() -> None:
    settled = of_help_desk()
    everything = of_help_desk(Until.EVERYTHING)
    assert set(settled) < set(everything)
    states = {fact.fact: fact for fact in advise(answers_of(everything), KNOWLEDGE).facts}
    assert set(everything) == {fact for fact, state in states.items() if state.applies}
    certain = of_help_desk(Until.CERTAIN)
    question, progress = next_question(answers_of(certain), KNOWLEDGE, Until.EVERYTHING)
    assert question is not None
    assert "changes the advice in none of the ways tried" in question.why_now
    assert progress == next_question(answers_of(certain), KNOWLEDGE, Until.CERTAIN)[1]


def test_a_veto_is_asked_for_with_its_reason() -> None:
    """Answered like a help desk, rights may forbid the index for everybody that would be built."""
    codes = of_help_desk()
    asked = list(codes)
    assert "access_control" in asked
    before = {fact: codes[fact] for fact in asked[: asked.index("access_control")]}
    question, _ = next_question(answers_of(before), KNOWLEDGE)
    assert question is not None
    assert question.ask.fact == "access_control"
    assert "forbid" in question.why_now or "change how it is built" in question.why_now


def test_the_same_answers_give_the_same_question(knowledge: Knowledge) -> None:
    codes = {"model_kind": "llm", "volatility": "weekly", "citations": "mandatory"}
    backwards = Answers(given=tuple(Given(fact=fact, code=code) for fact, code in reversed(codes.items())))
    again = load_knowledge()
    first, progress = next_question(answers_of(codes), knowledge)
    second, other = next_question(backwards, again)
    assert first is not None
    assert second is not None
    assert (first.ask.fact, first.why_now, progress) == (second.ask.fact, second.why_now, other)
