"""Patterns and other parts that never hold, are always removed, or are never chosen."""

from __future__ import annotations

from dataclasses import replace

from advisor.checks.chosen import patterns_never_chosen
from advisor.checks.never import conditions_that_never_hold
from advisor.conditions import parse
from advisor.knowledge import Knowledge, Pattern, Side
from advisor.values import Approach


def with_pattern(rules: Knowledge, pattern: Pattern) -> Knowledge:
    spec = rules.approaches[pattern.approach]
    patterns = tuple(pattern if one.id == pattern.id else one for one in spec.patterns)
    return replace(
        rules,
        patterns={**rules.patterns, pattern.id: pattern},
        approaches={**rules.approaches, pattern.approach: replace(spec, patterns=patterns)},
    )


def without_preference(rules: Knowledge, pattern: str) -> Knowledge:
    changed = tuple(
        replace(
            rule,
            effect=replace(
                rule.effect, prefer={key: points for key, points in rule.effect.prefer.items() if key != pattern}
            ),
        )
        for rule in rules.rules
    )
    return replace(rules, rules=changed)


def test_a_pattern_whose_condition_cannot_hold_is_found(rules: Knowledge) -> None:
    nowhere = parse({"knowledge_source": "in_request", "citations": "mandatory"}, rules.vocabulary)
    broken = with_pattern(rules, replace(rules.patterns["incremental_index"], when=nowhere))
    (flaw,) = [flaw for flaw in conditions_that_never_hold(broken) if "pattern" in flaw.says]
    assert flaw.where == rules.patterns["incremental_index"].where
    assert flaw.says.startswith("pattern incremental_index: no answers fulfil its condition")


def test_a_pattern_that_a_veto_always_removes_is_found(rules: Knowledge) -> None:
    large = parse({"corpus_size": {"at_least": "2m_100m"}}, rules.vocabulary)
    broken = with_pattern(rules, replace(rules.patterns["whole_corpus_prompt"], when=large))
    assert "pattern whole_corpus_prompt: wherever it fits, a veto removes it" in [
        flaw.says for flaw in conditions_that_never_hold(broken)
    ]


def test_a_pattern_that_nothing_prefers_any_more_is_found(rules: Knowledge) -> None:
    assert "unchosen online_incremental" not in {flaw.name for flaw in patterns_never_chosen(rules)}
    found = {flaw.name: flaw for flaw in patterns_never_chosen(without_preference(rules, "online_incremental"))}
    assert found["unchosen online_incremental"].where == rules.patterns["online_incremental"].where


def test_needs_that_exclude_each_other_close_every_hybrid(rules: Knowledge) -> None:
    gate = replace(rules.hybrid, behaviour_is_real=parse({"knowledge_source": "in_request"}, rules.vocabulary))
    says = [flaw.says for flaw in conditions_that_never_hold(replace(rules, hybrid=gate))]
    assert "no answers make both needs of a hybrid real" in says


def test_a_side_of_a_conflict_that_is_right_nowhere_is_found(rules: Knowledge) -> None:
    nowhere = parse({"knowledge_source": "in_request", "citations": "mandatory"}, rules.vocabulary)
    first, *others = rules.conflicts
    broken = replace(first, sides=(Side("wrong", nowhere), *first.sides))
    (flaw,) = [
        flaw for flaw in conditions_that_never_hold(replace(rules, conflicts=(broken, *others))) if "side" in flaw.says
    ]
    assert (flaw.where, flaw.says.partition(":")[0]) == (first.where, f"conflict {first.id} side 1")


def test_a_need_that_is_never_served_is_found(rules: Knowledge) -> None:
    spec = rules.approaches[Approach.PROMPTING]
    nowhere = parse({"knowledge_source": "in_request", "citations": "mandatory"}, rules.vocabulary)
    broken = replace(
        rules, approaches={**rules.approaches, spec.id: replace(spec, serves={**spec.serves, "knowledge": nowhere})}
    )
    assert any(flaw.says.startswith("prompting serves knowledge: no") for flaw in conditions_that_never_hold(broken))
