"""Uncertainty of a mean over questions, by drawing the questions again."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .rates import wilson_interval

Interval = tuple[float, float]

RESAMPLES = 2000
SEED = 20_260_101
_TAIL = 0.025
_NUMBERS_AT_ONCE = 4_000_000


def resampled_means(values: Sequence[float], resamples: int = RESAMPLES, seed: int = SEED) -> NDArray[np.float64]:
    """Means of random draws of as many values, with replacement: float64 [resamples].

    Args:
        values: One for each question, at least one.
        resamples: How many draws.
        seed: The same seed and values give the same means.
    """
    given = np.asarray(values, dtype=np.float64)
    draw = np.random.default_rng(seed)
    block = max(1, _NUMBERS_AT_ONCE // len(given))
    means = [
        given[draw.integers(0, len(given), size=(min(block, resamples - start), len(given)))].mean(axis=1)
        for start in range(0, resamples, block)
    ]
    return np.concatenate(means)


def bootstrap_interval(values: Sequence[float], resamples: int = RESAMPLES, seed: int = SEED) -> Interval:
    """The 95 % interval of a mean: the percentiles 2.5 and 97.5 of its resampled means.

    Formula: Efron, Tibshirani (1993), An introduction to the bootstrap, chapter 13 (percentile interval).

    Args:
        values: One for each question, at least one.
        resamples: How many draws.
        seed: Of the draws.
    """
    low, high = np.quantile(resampled_means(values, resamples, seed), [_TAIL, 1 - _TAIL])
    return float(low), float(high)


def mean_interval(values: Sequence[float]) -> Interval | None:
    """The 95 % interval of a mean of values in [0, 1], or None without values.

    Values that are all 0 or 1 are a share, and get Wilson's interval: where nothing went wrong, every draw is alike and
    the bootstrap would claim certainty after three questions. Other values get the bootstrap.
    """
    if not values:
        return None
    if all(value in {0.0, 1.0} for value in values):
        return wilson_interval(round(sum(values)), len(values))
    return bootstrap_interval(values)
