"""Accuracy, precision, recall and F1 of labels as shares, counted in items that hang together as little as they do."""

from typing import NamedTuple

import numpy as np

from .units import Floats, Integers, effective_counts

Counts = tuple[Floats, Floats]
"""Numerators and denominators, in independent items: float64 [shares] each."""


class ShareCounts(NamedTuple):
    """The shares of a classification.

    Attributes:
        accuracy: Right ones of all items, one share.
        precision: Right ones of those that were given a label, [labels].
        recall: Right ones of those that carry a label, [labels].
        jaccard: Right ones of those that carry a label or were given it, [labels].
    """

    accuracy: Counts
    precision: Counts
    recall: Counts
    jaccard: Counts


def share_counts(true: Integers, given: Integers, unit: Integers | None, labels: int) -> ShareCounts:
    """Counts the shares.

    Args:
        true: The label of each item, int64 [items].
        given: The label that it was given, int64 [items].
        unit: The number of its unit, int64 [items]; None where each item is one.
        labels: How many labels there are.
    """
    of = np.arange(len(true)) if unit is None else unit
    hit, wrong = (true == given).astype(np.float64), true != given
    nothing = np.zeros(int(wrong.sum()))
    shares = (
        (np.zeros(len(true), dtype=np.int64), of, hit, 1),
        (given, of, hit, labels),
        (true, of, hit, labels),
        # An item that was given another label than it carries counts once for each of the two.
        (
            np.concatenate([true, given[wrong]]),
            np.concatenate([of, of[wrong]]),
            np.concatenate([hit, nothing]),
            labels,
        ),
    )
    return ShareCounts(
        *(effective_counts(part, units, right, np.ones(len(part)), parts) for part, units, right, parts in shares)
    )
