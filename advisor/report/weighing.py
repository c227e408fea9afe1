"""On which side of the verdict each reason stands."""

from __future__ import annotations

from typing import Literal

from advisor.documents import Recommendation
from advisor.documents.recommendation import Reason

__all__ = ["Side", "bearing_reason", "own_points", "side_of", "stops"]

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
    """Whether it is a stop rule, which ends the weighing: it decides, and removes nothing."""
    return reason.decides and all(veto.rule != reason.rule for veto in recommendation.vetoes)


def own_points(reason: Reason, recommendation: Recommendation) -> float:
    """What it gives the verdict; negative when it takes away."""
    return sum(point.value for point in reason.points if point.name == recommendation.approach)


def bearing_reason(recommendation: Recommendation) -> Reason | None:
    """The one reason to name when there is room for one: a stop rule, else what weighs most for the verdict."""
    speaking = [reason for reason in recommendation.reasons if side_of(reason, recommendation) == "for"]
    strongest = max(speaking, key=lambda reason: own_points(reason, recommendation), default=None)
    return next((reason for reason in speaking if stops(reason, recommendation)), strongest)
