"""Facts, risks and steps that stand in the folder and have no part in any advice."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.checks.flaw import Flaw
from advisor.knowledge import Knowledge

__all__ = ["unused_parts"]


def unused_parts(knowledge: Knowledge) -> Iterator[Flaw]:
    """Facts that no rule reads; risks and steps that no rule and no pattern names."""
    read = {fact for rule in knowledge.rules for fact in rule.facts}
    for fact, ask in knowledge.asks.items():
        if fact not in read:
            yield Flaw(ask.where, f"fact {fact}: no rule reads it, so asking for it is a waste of time")
    rules, patterns = knowledge.rules, knowledge.patterns.values()
    risks = {risk for rule in rules for risk in rule.effect.risks}
    risks |= {risk for pattern in patterns for risk in pattern.risks}
    for risk in knowledge.risks.values():
        if risk.id not in risks:
            yield Flaw(risk.where, f"risk {risk.id}: no rule and no pattern names it")
    steps = {step for rule in rules for step in rule.effect.plan}
    steps |= {step for pattern in patterns for step in pattern.plan}
    for step in knowledge.steps:
        if step.id not in steps:
            yield Flaw(step.where, f"plan step {step.id}: no rule and no pattern names it")
