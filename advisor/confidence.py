"""From the share of completions that keep a verdict to its level, and to whether it is given at all."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.deciding import Verdict
from advisor.knowledge.model import Levels, Rule
from advisor.values import Confidence, Undecided

__all__ = ["level_of", "undecided", "weighs"]


def level_of(share: float, levels: Levels) -> Confidence:
    """What a share of completions is called."""
    if share >= levels.high_from:
        return "high"
    return "medium" if share >= levels.medium_from else "low"


def undecided(verdict: Verdict, share: float, known: int, fired: Iterable[Rule], levels: Levels) -> Undecided | None:
    """Why there is no verdict; None when there is one.

    Args:
        verdict: what the rules lead to.
        share: of the completions, those that keep it.
        known: how many facts that apply are known.
        fired: the rules that hold.
        levels: from which share on there is a verdict.
    """
    if verdict.approach is None:
        return "everything_vetoed"
    wanted = levels.verdict_from if known >= levels.least_known else levels.medium_from
    return "too_little_known" if share < wanted or not any(weighs(rule) for rule in fired) else None


def weighs(rule: Rule) -> bool:
    """Whether the rule bears on the choice of an approach."""
    effect = rule.effect
    return bool(effect.need or effect.support or effect.oppose or effect.veto or effect.stop)
