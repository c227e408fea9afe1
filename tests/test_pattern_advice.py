"""What a recommendation says of its pattern: experiment, stages, grounds, and settings that follow from the facts."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from advisor.deciding import choose_settings, fired_rules
from advisor.documents import Recommendation
from advisor.knowledge import load_knowledge
from advisor.states import states_of
from tests.profiles import profiles

KNOWLEDGE = load_knowledge()
STRONGEST_FIRST = ["hard", "strong", "clear", "mild"]

ASKING = {"model_kind": "llm", "task_type": "grounded_qa", "knowledge_source": "private_documents"}


def test_the_recommendation_carries_what_its_pattern_says(recommend_for: Callable[..., Recommendation]) -> None:
    advice = recommend_for(**ASKING, volatility="daily", corpus_size="3000000", citations="mandatory")
    assert advice.chosen is not None
    pattern = KNOWLEDGE.patterns[advice.chosen.id]
    experiment = advice.chosen.first_experiment
    assert experiment is not None
    assert (experiment.do, experiment.days, experiment.stop_when) == (
        pattern.first_experiment.do,
        pattern.first_experiment.days,
        pattern.first_experiment.stop_when,
    )
    assert [stage.next_when for stage in advice.chosen.stages] == [stage.next_when for stage in pattern.stages]
    assert [note.id for note in advice.chosen.sources] == [ref.id for ref in pattern.sources]
    assert all(note.status in ("read", "second_hand", "derived") for note in advice.chosen.sources)


def test_each_setting_names_the_rule_that_chose_it(recommend_for: Callable[..., Recommendation]) -> None:
    advice = recommend_for(**ASKING, volatility="daily", corpus_size="3000000", citations="mandatory")
    assert advice.pattern == "incremental_index"
    chosen = {f"{one.section}.{one.key}": one for one in advice.settings}
    assert chosen["rag.refuse_below"].rule == "no_answer_without_its_source"
    assert chosen["rag.refuse_below"].value == 0.4
    assert chosen["rag.refuse_below"].says == KNOWLEDGE.rule("no_answer_without_its_source").says
    assert [note.id for note in chosen["rag.refuse_below"].sources] == ["C30", "E27"]
    assert chosen["retrieval.mode"].rule is None


def test_a_fact_that_sets_a_key_leaves_the_verdict_alone(recommend_for: Callable[..., Recommendation]) -> None:
    """Rules that only set keys weigh nothing, so they are no reasons and give no points."""
    advice = recommend_for(**ASKING, failure_mode="missing_facts", languages="several_major", domain_gap="proprietary")
    setters = {rule.id for rule in KNOWLEDGE.rules if rule.effect.set}
    assert setters
    assert setters.isdisjoint(reason.rule for reason in advice.reasons)
    assert {one.rule for one in advice.settings} & setters


@settings(max_examples=300, deadline=None)
@given(profiles(KNOWLEDGE), st.sampled_from(sorted(KNOWLEDGE.patterns)), st.integers(0, 2**32))
def test_for_every_profile_the_strongest_rule_decides_in_any_order(codes: dict[str, str], name: str, seed: int) -> None:
    pattern = KNOWLEDGE.patterns[name]
    fired = fired_rules(KNOWLEDGE, states_of(KNOWLEDGE, codes))
    chosen = choose_settings(pattern, fired)
    shuffled = list(fired)
    Random(seed).shuffle(shuffled)
    assert set(choose_settings(pattern, shuffled)) == set(chosen)
    assert len({(one.section, one.key) for one in chosen}) == len(chosen)
    for one in chosen:
        wanting = [rule for rule in fired if one.key in rule.effect.set.get(one.section, {})]
        if one.key in pattern.defines.get(one.section, {}):
            assert (one.rule, one.value) == (None, pattern.defines[one.section][one.key])
        elif one.rule is None:
            assert pattern.settings[one.section][one.key] == one.value
            assert not wanting or one.section not in pattern.rooms
        else:
            assert one.section in pattern.rooms
            best = min(STRONGEST_FIRST.index(rule.strength) for rule in wanting)
            equals = [rule for rule in wanting if STRONGEST_FIRST.index(rule.strength) == best]
            assert {rule.effect.set[one.section][one.key] for rule in equals} == {one.value}
