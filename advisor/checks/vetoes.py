"""What a veto removes."""

from __future__ import annotations

from advisor.knowledge import Knowledge, Pattern, Rule
from advisor.values import Approach, Reach

__all__ = ["covers", "is_half", "removes"]


def removes(rule: Rule, pattern: Pattern) -> bool:
    """Whether the pattern is out once the rule fires."""
    veto = rule.effect.veto
    return pattern.id in veto or pattern.approach in veto or any(veto.get(half) == "any" for half in pattern.halves)


def covers(target: str, reach: Reach, by: str, by_reach: Reach, knowledge: Knowledge) -> bool:
    """Whether a veto of `by` removes all that a veto of `target` does."""
    if target == by:
        return by_reach in (reach, "any")
    if reach != "pattern" or by_reach == "pattern":
        return False
    pattern = knowledge.patterns[target]
    return pattern.approach == by or (by_reach == "any" and by in pattern.halves)


def is_half(approach: Approach, knowledge: Knowledge) -> bool:
    """Whether some hybrid pattern has the approach as one of its halves."""
    return any(approach in pattern.halves for pattern in knowledge.approaches[Approach.HYBRID].patterns)
