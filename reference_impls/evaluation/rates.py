"""Error rates with their uncertainty."""

import math

import numpy as np
from numpy.typing import ArrayLike, NDArray

_Z = 1.959964


def wilson_interval(errors: int, trials: int) -> tuple[float, float]:
    """The 95 % interval of a rate, in [0, 1]; (0, 1) without trials.

    Formula: Wilson (1927), Probable inference, the law of succession, and statistical inference. Unlike the textbook
    interval it says something sensible where no error was seen, which small question files often give.

    Args:
        errors: How many trials went wrong.
        trials: How many there were.
    """
    if not trials:
        return 0.0, 1.0
    rate = errors / trials
    spread = _Z**2 / trials
    centre = rate + spread / 2
    half = _Z * math.sqrt(rate * (1 - rate) / trials + spread / (4 * trials))
    low, high = (centre - half) / (1 + spread), (centre + half) / (1 + spread)
    return (0.0 if errors == 0 else low), (1.0 if errors == trials else high)


def wilson_intervals(errors: ArrayLike, trials: ArrayLike) -> NDArray[np.float64]:
    """`wilson_interval` of many rates at once: float64 [rates, 2].

    Args:
        errors: How many trials went wrong, [rates].
        trials: How many there were, [rates].
    """
    wrong, count = np.asarray(errors, dtype=np.float64), np.asarray(trials, dtype=np.float64)
    safe = np.maximum(count, 1)
    rate, spread = wrong / safe, _Z**2 / safe
    half = _Z * np.sqrt(rate * (1 - rate) / safe + spread / (4 * safe))
    low = np.where(wrong == 0, 0.0, (rate + spread / 2 - half) / (1 + spread))
    high = np.where(wrong == count, 1.0, (rate + spread / 2 + half) / (1 + spread))
    return np.stack([np.where(count > 0, low, 0.0), np.where(count > 0, high, 1.0)], axis=1)


def chance_of_so_few(errors: int, trials: int, rate: float) -> float:
    """How likely at most so many errors are if each trial goes wrong at a rate: the lower tail of the binomial.

    At most `risk` says the same as: the exact one-sided limit of Clopper, Pearson (1934), The use of confidence or
    fiducial limits illustrated in the case of the binomial, at the level `risk`, is at most `rate`.

    Args:
        errors: How many trials went wrong.
        trials: How many there were.
        rate: In (0, 1).
    """
    if errors >= trials:
        return 1.0
    # log C(trials, k) for k = 0 ... errors.
    steps = np.arange(1, errors + 1)
    ways = np.concatenate([[0.0], np.cumsum(np.log(trials - steps + 1) - np.log(steps))])
    seen = np.arange(errors + 1)
    return min(1.0, float(np.exp(ways + seen * math.log(rate) + (trials - seen) * math.log1p(-rate)).sum()))
