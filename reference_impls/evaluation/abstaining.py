"""When a model had better not answer: how accuracy grows as it answers less, and a threshold that keeps a promise."""

from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from .holm import holm
from .rates import chance_of_so_few

RISK = 0.05
"""How often a promise of `choose_threshold` may be broken: once in 20 validation samples."""
_THRESHOLDS = 40


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class CurvePoint(_Frozen):
    """What answering from a threshold on comes to.

    Attributes:
        threshold: The least confidence that is answered.
        coverage: Share of items that are answered.
        accuracy: Share of the answered items that are right.
    """

    threshold: float
    coverage: float
    accuracy: float


class Threshold(_Frozen):
    """A threshold that keeps a promise.

    Attributes:
        threshold: The least confidence that is answered.
        coverage: Share of the validation items that are answered.
        accuracy: Share of these that are right.
        promised: The accuracy on new items of the same kind.
        risk: In what share of all validation samples, at most, such a promise is wrong.
        answered: How many validation items are answered.
    """

    threshold: float
    coverage: float
    accuracy: float
    promised: float
    risk: float
    answered: int


def coverage_curve(confidence: NDArray[Any], right: NDArray[Any]) -> tuple[CurvePoint, ...]:
    """Coverage against accuracy, from the surest item to all of them; one point for each confidence that occurs.

    Formula: El-Yaniv, Wiener (2010), On the foundations of noise-free selective classification.

    Args:
        confidence: Probability of the given label, [n].
        right: Whether that label is right, bool [n].
    """
    thresholds, answered, hits = _steps(confidence, right)
    return tuple(
        CurvePoint(threshold=threshold, coverage=count / len(confidence), accuracy=rights / count)
        for threshold, count, rights in zip(thresholds.tolist(), answered.tolist(), hits.tolist(), strict=True)
    )


def choose_threshold(
    confidence: NDArray[Any], right: NDArray[Any], wanted_accuracy: float, risk: float = RISK
) -> Threshold | None:
    """The threshold that answers most and promises an accuracy of the answers; None where no threshold can.

    The promise is that of Geifman, El-Yaniv (2017), Selective classification for deep neural networks: an exact
    binomial test on validation items. Forty thresholds are tested, which answer the surest 2.5 %, 5 % ... of the items,
    and Holm's correction makes the promise hold for whichever is chosen. (Their bisection looks only at some, but at
    which depends on the sample.) It is about items like those given, which the model must not have been trained on.

    Args:
        confidence: Probability of the given label, [n].
        right: Whether that label is right, bool [n].
        wanted_accuracy: Of the answered items, in (0, 1).
        risk: How often the promise may be broken, in (0, 1).
    """
    thresholds, answered, hits = _steps(confidence, right)
    ranks = np.ceil(np.arange(1, _THRESHOLDS + 1) * len(confidence) / _THRESHOLDS)
    places = np.unique(np.searchsorted(answered, ranks))
    ps = [
        chance_of_so_few(int(answered[place] - hits[place]), int(answered[place]), 1 - wanted_accuracy)
        for place in places
    ]
    # The number of tests is that of the plan: items of one confidence share one, as it happens, in this sample alone.
    kept = [place for place, p in zip(places, holm(ps, _THRESHOLDS), strict=True) if p <= risk]
    if not kept:
        return None
    chosen = kept[-1]
    return Threshold(
        threshold=float(thresholds[chosen]),
        coverage=float(answered[chosen] / len(confidence)),
        accuracy=float(hits[chosen] / answered[chosen]),
        promised=wanted_accuracy,
        risk=risk,
        answered=int(answered[chosen]),
    )


def _steps(confidence: NDArray[Any], right: NDArray[Any]) -> tuple[NDArray[Any], NDArray[np.int64], NDArray[np.int64]]:
    """Each confidence that occurs, highest first, and how many items at or above it there are and are right."""
    if not len(confidence) or len(confidence) != len(right):
        raise ValueError("a threshold needs a confidence for each of at least one item")
    order = np.argsort(-np.asarray(confidence), kind="stable")
    ordered = np.asarray(confidence)[order]
    last = np.append(ordered[1:] != ordered[:-1], True)
    hits = np.cumsum(np.asarray(right, dtype=np.int64)[order])
    return ordered[last], np.flatnonzero(last) + 1, hits[last]
