"""The examples as a simple model sees them that was trained on others."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .base import Example
from .sides import Units
from .simple_model import Floats, Integers, Labelling, cross_fitted, word_features

FOLDS = 5
_WORK = 2_000_000
"""Rows times labels that the logistic regressions take in some seconds."""


@dataclass(frozen=True)
class CrossFit:
    """Cross-fitted probabilities.

    Attributes:
        positions: int64 [rows]; which examples the rows are.
        labelling: Their labels.
        features: Sparse, one row each.
        folds: int64 [rows]; what stands together in a unit has one fold.
        probabilities: float32 [rows, labels], by logistic regressions without the fold of the row.
        seed: Of the regressions.
    """

    positions: Integers
    labelling: Labelling
    features: Any
    folds: Integers
    probabilities: Floats
    seed: int

    @property
    def right(self) -> Integers:
        """1 where the likeliest label is the given one, else 0: int64 [rows]."""
        return np.asarray(self.probabilities.argmax(axis=1) == self.labelling.numbers, dtype=np.int64)


def cross_fit(examples: Sequence[Example], places: Sequence[int], units: Units, seed: int) -> CrossFit | None:
    """Cross-fits the examples at `places`, or as many of them as a few seconds allow; None with fewer than two labels.

    Args:
        examples: With one label each.
        places: Positions of those that may be looked at.
        units: What stands together, of the same examples.
        seed: Of the regressions.
    """
    labels = {str(examples[place].target) for place in places}
    order = in_random_order(places, units)[: max(_WORK // max(len(labels), 1), 1)]
    labelling = Labelling.of([str(examples[place].target) for place in order])
    if len(labelling.names) < 2:
        return None
    features = word_features([examples[place].text for place in order])
    folds = folds_of(order, units)
    probabilities = cross_fitted(features, labelling, folds, seed)
    return CrossFit(np.array(order, dtype=np.int64), labelling, features, folds, probabilities, seed)


def in_random_order(places: Sequence[int], units: Units) -> list[int]:
    """The places by the keys of their units: at random, and the same for other orders of the rows."""
    return sorted(places, key=lambda place: (units.key[units.unit[place]], units.unit[place], place))


def folds_of(order: Sequence[int], units: Units) -> Integers:
    """A fold for each place, from 0, the same for all of one unit: int64 [places]."""
    turn: dict[int, int] = {}
    for place in order:
        turn.setdefault(units.unit[place], len(turn))
    return np.array([turn[units.unit[place]] % FOLDS for place in order], dtype=np.int64)
