"""How much rows count by their age."""

import numpy as np

from .base import Floats

_LEAST = 1e-6
"""Rows of long ago stay above 0, so that what they alone know is not lost."""


def recency_weights(ages: Floats, half_life: float) -> Floats:
    """Weights that halve with each half-life of age, float64 [n].

    They sum to the number of rows, which leaves the strength of a model's penalty as it is.

    Args:
        ages: Of the rows, 0 or above; not empty.
        half_life: In the unit of the ages, above 0.

    Raises:
        ValueError: The half-life is not above 0.
    """
    if not half_life > 0:
        raise ValueError("a half-life must be above 0")
    weights = np.maximum(np.exp2(-np.asarray(ages, dtype=np.float64) / half_life), _LEAST)
    return np.asarray(weights * (len(weights) / weights.sum()), dtype=np.float64)
