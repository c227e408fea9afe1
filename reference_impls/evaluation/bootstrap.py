"""Uncertainty of a mean over questions, by drawing the questions again."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from .rates import wilson_interval, wilson_intervals
from .units import Floats, by_unit, effective_counts, unit_numbers

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


def resampled_unit_means(
    sums: Floats, sizes: Floats, resamples: int = RESAMPLES, seed: int = SEED
) -> NDArray[np.float64]:
    """Means over the items of random draws of as many units, with replacement: float64 [resamples].

    Args:
        sums: Of the values of each unit, float64 [units].
        sizes: How many items it has, float64 [units].
        resamples: How many draws.
        seed: The same seed and values give the same means.
    """
    draw = np.random.default_rng(seed)
    block = max(1, _NUMBERS_AT_ONCE // len(sums))
    means = []
    for start in range(0, resamples, block):
        chosen = draw.integers(0, len(sums), size=(min(block, resamples - start), len(sums)))
        means.append(sums[chosen].sum(axis=1) / sizes[chosen].sum(axis=1))
    return np.concatenate(means)


def bootstrap_interval(
    values: Sequence[float], resamples: int = RESAMPLES, seed: int = SEED, units: Sequence[str] = ()
) -> Interval:
    """The 95 % interval of a mean: the percentiles 2.5 and 97.5 of its resampled means.

    Formula: Efron, Tibshirani (1993), An introduction to the bootstrap, chapter 13 (percentile interval).

    Args:
        values: One for each question, at least one.
        resamples: How many draws.
        seed: Of the draws.
        units: What hangs together is drawn as one; see `units.unit_numbers`.
    """
    unit = unit_numbers(units, len(values))
    if unit is None:
        means = resampled_means(values, resamples, seed)
    else:
        means = resampled_unit_means(*by_unit(np.asarray(values, dtype=np.float64), unit), resamples, seed)
    low, high = np.quantile(means, [_TAIL, 1 - _TAIL])
    return float(low), float(high)


def mean_interval(values: Sequence[float], units: Sequence[str] = ()) -> Interval | None:
    """The 95 % interval of a mean of values in [0, 1], or None without values.

    Values that are all 0 or 1 are a share, and get Wilson's interval: where nothing went wrong, every draw is alike and
    the bootstrap would claim certainty after three questions. Other values get the bootstrap.

    Args:
        values: One for each question.
        units: What hangs together tells as much as `units.effective_counts` says; none where nothing does.
    """
    if not values:
        return None
    if any(value not in {0.0, 1.0} for value in values):
        return bootstrap_interval(values, units=units)
    unit = unit_numbers(units, len(values))
    if unit is None:
        return wilson_interval(round(sum(values)), len(values))
    given, nought = np.asarray(values, dtype=np.float64), np.zeros(len(values), dtype=np.int64)
    low, high = wilson_intervals(*effective_counts(nought, unit, given, np.ones(len(given)), 1))[0]
    return float(low), float(high)
