"""From which confidence on a wanted accuracy can be promised, where few examples have to suffice."""

import math
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from ...evaluation.abstaining import RISK, Threshold
from ...evaluation.rates import chance_of_so_few

STARTS: Final = 4
"""Chains of tests, each with its share of the risk: one alone would end at a single early error."""
_STEPS: Final = 40


def fewest_right(wanted_accuracy: float, risk: float = RISK) -> int:
    """How many items that are all right promise an accuracy in (0, 1) at a risk in (0, 1); fewer never do."""
    return math.ceil(math.log(risk / STARTS) / math.log(wanted_accuracy))


def promise_accuracy(
    confidence: NDArray[Any], right: NDArray[Any], wanted_accuracy: float, risk: float = RISK
) -> Threshold | None:
    """The threshold that answers most and promises an accuracy of what is answered; None where no threshold can.

    `evaluation.abstaining.choose_threshold` tests forty thresholds and divides the risk among them, for which the few
    requests with a fixed answer seldom suffice: 64 right ones in a row promise 0.9 there, and 42 here. Fixed-sequence
    testing does not divide it along a chain: each exact binomial test stands at the whole level of its chain, the chain
    goes from the surest examples on and ends at the first test that fails. Formula: Angelopoulos, Bates, Candès,
    Jordan, Lei (2021), Learn then test, section 3.2, with four starts, spread evenly by rank.

    Args:
        confidence: Probability of the given label, [n], of items that the model was not trained on.
        right: Whether that label is right, bool [n].
        wanted_accuracy: Of the answered items, in (0, 1).
        risk: How often the promise may be broken, in (0, 1).
    """
    order = np.argsort(-confidence, kind="stable")
    ordered, hits = confidence[order], np.cumsum(right[order].astype(np.int64))
    # Items of one confidence are answered together: each rank goes on to the last of its equals.
    last = np.searchsorted(-ordered, -ordered, side="right") - 1
    level = risk / STARTS
    fewest = fewest_right(wanted_accuracy, risk)
    if fewest > len(ordered):
        return None
    ranks = np.unique(np.linspace(fewest, len(ordered), _STEPS).astype(np.int64))
    starts = np.unique(np.linspace(0, len(ranks), STARTS, endpoint=False).astype(np.int64))
    chosen = -1
    for start in starts:
        for rank in ranks[start:]:
            place = int(last[rank - 1])
            errors = place + 1 - int(hits[place])
            if chance_of_so_few(errors, place + 1, 1 - wanted_accuracy) > level:
                break
            chosen = max(chosen, place)
    if chosen < 0:
        return None
    return Threshold(
        threshold=float(ordered[chosen]),
        coverage=(chosen + 1) / len(ordered),
        accuracy=float(hits[chosen]) / (chosen + 1),
        promised=wanted_accuracy,
        risk=risk,
        answered=chosen + 1,
    )
