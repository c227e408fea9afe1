"""What must hold for every profile (section 'how it decides' of the README)."""

from __future__ import annotations

import dataclasses
import os
from collections.abc import Mapping
from itertools import pairwise
from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from advisor.confidence import why_undecided
from advisor.deciding import Verdict, contributions, decide, decide_states, fired_rules
from advisor.derive import derive
from advisor.documents import Answers
from advisor.documents.stability import Flip
from advisor.flips import flips_of
from advisor.knowledge import Knowledge, load_knowledge
from advisor.pipeline import advise
from advisor.sensitivity import complete
from advisor.states import answered_codes, states_of
from advisor.values import Approach, Outcome
from tests.profiles import answers_of, profiles

KNOWLEDGE = load_knowledge()
VOLATILITY = KNOWLEDGE.asks["volatility"].settled_codes
LABELS = KNOWLEDGE.asks["labelled_examples"].settled_codes
SOAK = int(os.environ.get("ADVISOR_SOAK_PROFILES", "10000"))

NOTHING_LEFT = {"model_kind": "predictive", "task_type": "prediction_ranking", "label_flow": "none"}

few = settings(max_examples=1000, deadline=None, suppress_health_check=[HealthCheck.too_slow])
fewer = settings(few, max_examples=300)
"""For what judges every neighbour of a profile; `make soak` tries a thousand."""
any_profile = profiles(KNOWLEDGE)


def verdict(codes: Mapping[str, str], knowledge: Knowledge = KNOWLEDGE) -> Verdict:
    return decide_states(knowledge, states_of(knowledge, codes))


def check_order(codes: dict[str, str], seed: int) -> None:
    shuffle = Random(seed)
    shuffled_rules = shuffle.sample(KNOWLEDGE.rules, len(KNOWLEDGE.rules))
    shuffled_codes = dict(shuffle.sample(list(codes.items()), len(codes)))
    other = dataclasses.replace(KNOWLEDGE, rules=tuple(shuffled_rules))
    ours, theirs = verdict(codes), verdict(shuffled_codes, other)
    assert (ours.approach, ours.vetoed, ours.ranking) == (theirs.approach, theirs.vetoed, theirs.ranking)


def check_veto_wins(codes: dict[str, str]) -> None:
    states = states_of(KNOWLEDGE, codes)
    fired = fired_rules(KNOWLEDGE, states)
    decided = decide(KNOWLEDGE, states, fired)
    vetoed = {Approach(target) for rule in fired for target, reach in rule.effect.veto.items() if reach != "pattern"}
    single = {target for rule in fired for target, reach in rule.effect.veto.items() if reach == "pattern"}
    halves = {Approach(t) for rule in fired for t, reach in rule.effect.veto.items() if reach == "any"}
    assert decided.approach not in vetoed
    assert decided.pattern not in single
    if decided.pattern is not None:
        assert halves.isdisjoint(KNOWLEDGE.patterns[decided.pattern].halves)


def check_no_support_outvotes_a_veto(codes: dict[str, str]) -> None:
    """Whatever the points, multiplied beyond reason, the vetoed stay out."""
    states = states_of(KNOWLEDGE, codes)
    fired = fired_rules(KNOWLEDGE, states)
    plain = decide(KNOWLEDGE, states, fired)
    for approach in plain.vetoed:
        pushed = {rule.id: 1000.0 if approach in rule.effect.support else 0.001 for rule in KNOWLEDGE.rules}
        assert decide(KNOWLEDGE, states, fired, pushed).approach != approach


def check_faster_facts(codes: dict[str, str]) -> None:
    """Making facts change faster never helps fine-tuning against RAG."""
    gaps = []
    verdicts = []
    for speed in VOLATILITY:
        decided = verdict({**codes, "volatility": speed})
        gaps.append(decided.scores[Approach.FINE_TUNING] - decided.scores[Approach.RAG])
        verdicts.append(decided.approach)
    assert all(later <= earlier + 1e-9 for earlier, later in pairwise(gaps))
    for place, one in enumerate(verdicts):
        if one is Approach.RAG:
            assert Approach.FINE_TUNING not in verdicts[place:]


def check_fewer_labels(codes: dict[str, str]) -> None:
    """No fall in labels turns RAG, prompting or retraining into fine-tuning."""
    verdicts = [verdict({**codes, "labelled_examples": labels}).approach for labels in LABELS]
    for place, one in enumerate(verdicts):
        if one in (Approach.RAG, Approach.PROMPTING, Approach.RETRAINING):
            assert Approach.FINE_TUNING not in verdicts[:place]


def check_closed_models(codes: dict[str, str]) -> None:
    """A closed model is never itself tuned; a small encoder of one's own may be."""
    decided = verdict({**codes, "model_access": "closed_no_ft", "model_kind": "llm"})
    assert decided.approach != Approach.RETRAINING
    assert decided.pattern not in ("lora_causal", "qlora_causal", "full_tuning", "tuned_inside_rag")


def check_support_helps(codes: dict[str, str], rule_id: str) -> None:
    """A rule that supports an approach, when it fires, never lowers that approach's score."""
    states = states_of(KNOWLEDGE, codes)
    fired = fired_rules(KNOWLEDGE, states)
    rule = KNOWLEDGE.rule(rule_id)
    without = decide(KNOWLEDGE, states, [one for one in fired if one.id != rule_id])
    with_it = decide(KNOWLEDGE, states, [*(one for one in fired if one.id != rule_id), rule])
    for approach in rule.effect.support:
        if not any(points < 0 for points in rule.effect.need.values()):
            assert with_it.scores[approach] >= without.scores[approach]


def contradicts(codes: Mapping[str, str]) -> set[str]:
    states = states_of(KNOWLEDGE, codes)
    return {one.id for one in KNOWLEDGE.conflicts if one.cannot_be and one.when.judge(states) is Outcome.TRUE}


def check_cliffs(codes: dict[str, str], found: tuple[Flip, ...]) -> None:
    """Every neighbouring band that leads elsewhere is named among the flips."""
    now = advised(codes)
    if now is None:
        return
    named = {(flip.fact, code) for flip in found for code in flip.codes}
    for fact in derive(answers_of(codes), KNOWLEDGE).facts:
        ask = KNOWLEDGE.asks[fact.fact]
        if fact.origin != "answered" or not ask.ordered or not fact.applies or fact.code not in ask.settled_codes:
            continue
        place = ask.settled_codes.index(fact.code)
        for near in ask.settled_codes[max(place - 1, 0) : place + 2]:
            changed = {**codes, fact.fact: near}
            if near == fact.code or contradicts(changed) - contradicts(codes):
                continue
            if advised(changed) != now:
                assert (fact.fact, near) in named


def share(codes: Mapping[str, str], approach: Approach) -> float:
    verdicts = [one.approach for one in complete(codes, KNOWLEDGE)]
    return verdicts.count(approach) / len(verdicts)


def advised(codes: dict[str, str]) -> Approach | None:
    """The approach of the recommendation, without all that is said about it."""
    states = states_of(KNOWLEDGE, codes)
    fired = fired_rules(KNOWLEDGE, states)
    found = decide(KNOWLEDGE, states, fired)
    if found.approach is None:
        return None
    known = sum(state.answered is not None for state in states.values())
    held = share(codes, found.approach) if known < KNOWLEDGE.levels.least_known else 1.0
    points = [line[3] for line in contributions(KNOWLEDGE, states, fired) if line[0] is found.approach]
    return None if why_undecided(found, held, known, points, KNOWLEDGE.levels) else found.approach


def flips(codes: dict[str, str]) -> tuple[Flip, ...]:
    facts = derive(answers_of(codes), KNOWLEDGE)
    return flips_of(facts, answered_codes(facts), KNOWLEDGE, share)


def check_flips_flip(codes: dict[str, str], found: tuple[Flip, ...]) -> None:
    now = verdict(codes).approach
    if now is not None and advised(codes) is None:
        return  # too little is known, so there is nothing to flip
    for flip in found:
        together = {change.fact: change.codes[0] for change in flip.also}
        for code in flip.codes:
            changed = {**codes, flip.fact: code, **together}
            after = advised(changed) if now else verdict(changed).approach
            assert after == flip.approach != now
            assert contradicts(changed) <= contradicts(codes)
        # None of the changes is idle: without it the rest brings nothing back.
        parts = {flip.fact: flip.codes[0], **together}
        for left_out in parts if together else ():
            rest = {fact: code for fact, code in parts.items() if fact != left_out}
            assert verdict({**codes, **rest}).approach is None


@few
@given(any_profile, st.integers(0, 2**32))
def test_the_order_of_rules_and_answers_does_not_matter(codes: dict[str, str], seed: int) -> None:
    check_order(codes, seed)


@few
@given(any_profile)
def test_a_veto_always_wins(codes: dict[str, str]) -> None:
    check_veto_wins(codes)
    check_no_support_outvotes_a_veto(codes)


@few
@given(any_profile)
def test_faster_facts_never_help_fine_tuning_against_rag(codes: dict[str, str]) -> None:
    check_faster_facts(codes)


@few
@given(any_profile)
def test_a_closed_model_is_never_itself_tuned(codes: dict[str, str]) -> None:
    check_closed_models(codes)


@few
@given(any_profile)
def test_fewer_labels_never_lead_to_fine_tuning(codes: dict[str, str]) -> None:
    check_fewer_labels(codes)


@few
@given(any_profile, st.sampled_from([rule.id for rule in KNOWLEDGE.rules if rule.effect.support]))
def test_support_never_lowers_what_it_supports(codes: dict[str, str], rule_id: str) -> None:
    check_support_helps(codes, rule_id)


@fewer
@given(any_profile)
def test_cliffs_are_named_and_flips_flip(codes: dict[str, str]) -> None:
    found = flips(codes)
    check_cliffs(codes, found)
    check_flips_flip(codes, found)


@fewer
@given(any_profile)
def test_where_everything_is_vetoed_the_ways_out_lead_out(codes: dict[str, str]) -> None:
    left = {**codes, **NOTHING_LEFT}
    check_flips_flip(left, flips(left))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_profile)
def test_the_document_survives_saving_and_is_canonical(codes: dict[str, str]) -> None:
    recommendation = advise(answers_of(codes), KNOWLEDGE)
    text = recommendation.model_dump_json()
    assert type(recommendation).model_validate_json(text) == recommendation
    assert len(recommendation.ranking) == len(Approach)
    assert (recommendation.approach is None) == (recommendation.undecided is not None)


def test_nothing_known_is_no_verdict() -> None:
    recommendation = advise(Answers(), KNOWLEDGE)
    assert recommendation.approach is None
    assert recommendation.undecided == "too_little_known"
    assert recommendation.unknowns[0].worth > 0


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=SOAK, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_profile, st.integers(0, 2**32))
def test_soak_every_property(codes: dict[str, str], seed: int) -> None:
    check_order(codes, seed)
    check_veto_wins(codes)
    check_no_support_outvotes_a_veto(codes)
    check_faster_facts(codes)
    check_fewer_labels(codes)
    check_closed_models(codes)


@pytest.mark.soak
@pytest.mark.timeout(3600)
@settings(max_examples=SOAK // 10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(any_profile)
def test_soak_cliffs_and_flips(codes: dict[str, str]) -> None:
    found = flips(codes)
    check_cliffs(codes, found)
    check_flips_flip(codes, found)
