"""How much rows count by their age."""

import numpy as np

from ..history.base import History
from .base import Floats


def recency_weights(history: History, half_life: float, moment: float | None = None) -> Floats:
    """Weights that halve with each half-life of age: float64 [n], in (0, 1].

    Args:
        history: The rows.
        half_life: In the units of `history.time`, above 0.
        moment: The present, on the scale of `history.time`; None takes the latest row.

    Raises:
        ValueError: The half-life is not above 0.
    """
    if not half_life > 0:
        raise ValueError("a half-life must be above 0")
    now = moment if moment is not None else (float(history.time[-1]) if len(history) else 0.0)
    age = np.maximum(now - history.time, 0.0)
    # Rows of long ago stay above 0, so that what they alone know is not lost.
    weights: Floats = np.maximum(np.exp2(-age / half_life), 1e-6)
    return weights
