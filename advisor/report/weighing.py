"""What weighs how: the side on which each reason stands, and the order of the vetoes."""

from __future__ import annotations

from typing import Literal

from advisor.documents import Recommendation
from advisor.documents.recommendation import Reason, Veto
from advisor.values import Approach

__all__ = ["Side", "bearing_reason", "own_points", "side_of", "stops", "vetoes_by_rule"]

Side = Literal["for", "against", "removes"]


def side_of(reason: Reason, recommendation: Recommendation) -> Side:
    """For the verdict, against it (or for a rival), or a veto that only removes something."""
    points = [point.value for point in reason.points]
    own = own_points(reason, recommendation)
    if own:
        return "for" if own > 0 else "against"
    if stops(reason, recommendation):
        return "for"
    if reason.decides and not points:
        return "removes"
    return "against" if any(value > 0 for value in points) else "for"


def stops(reason: Reason, recommendation: Recommendation) -> bool:
    """Whether it is the stop rule that ended the weighing: it decides, removes nothing, and prompting it is."""
    removes = any(veto.rule == reason.rule for veto in recommendation.vetoes)
    return reason.decides and not removes and recommendation.approach == Approach.PROMPTING


def own_points(reason: Reason, recommendation: Recommendation) -> float:
    """What it gives the verdict; negative when it takes away."""
    return sum(point.value for point in reason.points if point.name == recommendation.approach)


def bearing_reason(recommendation: Recommendation) -> Reason | None:
    """The one reason to name when there is room for one: a stop rule, else what weighs most for the verdict."""
    speaking = [reason for reason in recommendation.reasons if side_of(reason, recommendation) == "for"]
    strongest = max(speaking, key=lambda reason: own_points(reason, recommendation), default=None)
    return next((reason for reason in speaking if stops(reason, recommendation)), strongest)


def vetoes_by_rule(advice: Recommendation) -> list[list[Veto]]:
    """The vetoes of each rule together, those of single patterns last."""
    groups: dict[str, list[Veto]] = {}
    for veto in advice.vetoes:
        groups.setdefault(veto.rule, []).append(veto)
    return sorted(groups.values(), key=lambda group: all(veto.reach == "pattern" for veto in group))
