"""Error rates with their uncertainty."""

import math

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
