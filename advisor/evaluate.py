"""FACTS -> FINDINGS: what every rule makes of the facts, with its trace; the silent ones too."""

from __future__ import annotations

from functools import lru_cache

from advisor.conditions import State
from advisor.deciding import contributions
from advisor.documents import Facts, Finding, Findings, TraceStep
from advisor.documents.findings import ScoreLine, Vetoed
from advisor.knowledge import Knowledge, Rule
from advisor.states import answered_codes, states_of
from advisor.values import Approach, Outcome, as_written

__all__ = ["effect_in_words", "evaluate"]


def evaluate(facts: Facts, knowledge: Knowledge) -> Findings:
    """Judges every rule of `knowledge` on `facts`."""
    states = states_of(knowledge, answered_codes(facts))
    findings = [_finding(rule, tuple(states[fact] for fact in rule.facts)) for rule in knowledge.rules]
    fired = [rule for rule, found in zip(knowledge.rules, findings, strict=True) if found.outcome == Outcome.TRUE.value]
    return Findings(
        findings=tuple(findings),
        contributions=tuple(
            ScoreLine(approach=approach, rule=rule, via=via, points=points)
            for approach, rule, via, points in contributions(knowledge, states, fired)
        ),
        vetoes=tuple(veto for rule in fired for veto in _vetoes(rule, knowledge)),
    )


@lru_cache(maxsize=8192)
def _finding(rule: Rule, found: tuple[State, ...]) -> Finding:
    """What `rule` makes of the states of its facts; many profiles share them."""
    states = dict(zip(rule.facts, found, strict=True))
    return Finding(
        rule=rule.id,
        criterion=rule.criterion,
        says=rule.says,
        because=rule.because,
        strength=rule.strength,
        outcome=rule.when.judge(states).value,
        effect=effect_in_words(rule),
        steps=tuple(
            TraceStep(fact=step.fact, wanted=step.written, found=step.found, outcome=step.outcome.value)
            for step in rule.when.trace(states)
        ),
        sources=tuple(ref.id for ref in rule.sources),
        where=rule.where,
    )


def _vetoes(rule: Rule, knowledge: Knowledge) -> list[Vetoed]:
    relax = rule.effect.relax or ""
    vetoes = []
    for target, reach in rule.effect.veto.items():
        pattern = target if reach == "pattern" else None
        approach = knowledge.patterns[target].approach if pattern else Approach(target)
        vetoes.append(Vetoed(approach=approach, pattern=pattern, reach=reach, rule=rule.id, relax=relax))
    return vetoes


def effect_in_words(rule: Rule) -> str:
    """The effect of `rule` in one line: needs, support, opposition, vetoes, preferences, settings."""
    effect = rule.effect
    words = [f"need for {need} {points:+g}" for need, points in effect.need.items()]
    words += [f"{approach} +{points:g}" for approach, points in effect.support.items()]
    words += [f"{approach} -{points:g}" for approach, points in effect.oppose.items()]
    words += [f"veto: {target} ({reach})" for target, reach in effect.veto.items()]
    words += [f"stop at {effect.stop}"] if effect.stop else []
    words += [f"prefers {pattern} +{points:g}" for pattern, points in effect.prefer.items()]
    words += [
        f"sets {section}.{key} to {as_written(value)}"
        for section, keys in effect.set.items()
        for key, value in keys.items()
    ]
    words += [f"risk: {risk}" for risk in effect.risks]
    words += [f"plan: {step}" for step in effect.plan]
    return ", ".join(words)
