"""From the share of completions that keep a verdict to its level, and to whether it is given at all."""

from __future__ import annotations

from collections.abc import Iterable

from advisor.deciding import Verdict
from advisor.knowledge.model import Levels
from advisor.values import Confidence, Undecided

__all__ = ["level_of", "why_undecided"]


def level_of(share: float, levels: Levels) -> Confidence:
    """What a share of completions is called."""
    if share >= levels.high_from:
        return "high"
    return "medium" if share >= levels.medium_from else "low"


def why_undecided(
    verdict: Verdict, share: float, known: int, points: Iterable[float], levels: Levels
) -> Undecided | None:
    """Why there is no verdict; None when there is one.

    Args:
        verdict: what the rules lead to.
        share: of the completions, those that keep it.
        known: how many facts that apply are known.
        points: what each rule adds to its score, or takes away.
        levels: from when on there is a verdict.
    """
    if verdict.approach is None:
        return "everything_vetoed"
    if known < levels.least_known and share < levels.medium_from:
        return "too_little_known"
    support = sum(one for one in points if one > 0)
    return "too_little_known" if support < levels.least_support and not verdict.vetoed else None
