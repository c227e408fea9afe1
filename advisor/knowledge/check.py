"""What is wrong in rules that read well: cases that do not hold, names that nothing uses, bands with gaps."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import pairwise

from advisor import resources
from advisor.errors import allowed
from advisor.knowledge.disagreement import disagreements
from advisor.knowledge.model import Ask, Knowledge, Rule
from advisor.states import states_of
from advisor.values import Outcome

__all__ = ["check_knowledge"]

_WANTED = {"fires": Outcome.TRUE, "silent": Outcome.FALSE, "unknown": Outcome.UNKNOWN}


def check_knowledge(knowledge: Knowledge) -> list[str]:
    """Every fault found, each with the place where it is mended.

    Args:
        knowledge: read with its cases.
    """
    faults: list[str] = []
    for rule in knowledge.rules:
        faults += _cases(rule, knowledge)
    faults += disagreements(knowledge)
    faults += _unused(knowledge)
    faults += _components(knowledge)
    for ask in knowledge.asks.values():
        faults += _bands(ask)
    return faults


def _cases(rule: Rule, knowledge: Knowledge) -> Iterator[str]:
    always = not rule.facts
    for kind in ("fires", "silent", "unknown"):
        if not rule.cases[kind] and not always:
            yield f"{rule.where}: {rule.id} has no case under '{kind}'"
    for kind, wanted in _WANTED.items():
        for number, profile in enumerate(rule.cases[kind], 1):
            where = f"{rule.where}: {rule.id}, {kind} case {number}"
            codes, faults = _codes(profile, knowledge)
            if faults:
                yield from (f"{where}: {fault}" for fault in faults)
                continue
            found = rule.when.judge(states_of(knowledge, codes))
            if found is not wanted:
                yield f"{where}: the condition is {found.value}, wanted {wanted.value}"


def _codes(profile: Mapping[str, str | int | float], knowledge: Knowledge) -> tuple[dict[str, str], list[str]]:
    codes: dict[str, str] = {}
    faults = []
    for fact, value in profile.items():
        ask = knowledge.asks.get(fact)
        if ask is None:
            faults.append(f"unknown fact {fact!r}; {allowed(fact, sorted(knowledge.asks))}")
            continue
        code = value if isinstance(value, str) else ask.banded(value)
        if code is None or code not in ask.codes:
            faults.append(f"{fact} has no code {value!r}; {allowed(str(value), ask.codes)}")
            continue
        codes[fact] = code
    return codes, faults


def _unused(knowledge: Knowledge) -> Iterator[str]:
    read: set[str] = set()
    for rule in knowledge.rules:
        read |= rule.facts
    for fact in knowledge.asks:
        if fact not in read:
            yield f"{knowledge.asks[fact].where}: fact {fact}: no rule reads it, so asking for it is a waste of time"
    used = {risk for rule in knowledge.rules for risk in rule.effect.risks}
    used |= {risk for pattern in knowledge.patterns.values() for risk in pattern.risks}
    for risk in sorted(set(knowledge.risks) - used):
        yield f"rules/risks.yaml: risk {risk}: no rule and no pattern names it"
    wanted = {step for rule in knowledge.rules for step in rule.effect.plan}
    wanted |= {step for pattern in knowledge.patterns.values() for step in pattern.plan}
    for step in knowledge.steps:
        if step.id not in wanted:
            yield f"rules/plans.yaml: plan step {step.id}: no rule and no pattern names it"


def _components(knowledge: Knowledge) -> Iterator[str]:
    wanted = {pattern.component for pattern in knowledge.patterns.values() if pattern.component is not None}
    for component in sorted(wanted):
        for place, file in (
            ("reference_impls", f"{component}/component.yaml"),
            ("templates", f"use/{component}.md.jinja"),
        ):
            if not (resources.folder(place) / file).is_file():
                yield f"rules/approaches.yaml: component {component!r} has no {place}/{file}"


def _bands(ask: Ask) -> Iterator[str]:
    bands = sorted((option.band for option in ask.options if option.band is not None), key=lambda b: (b.low, b.high))
    for before, after in pairwise(bands):
        touches = before.high == after.low and before.high_included != after.low_included
        if not touches:
            yield f"{ask.where}: {ask.fact}: the bands at {before.high:g} and {after.low:g} leave a gap or overlap"
