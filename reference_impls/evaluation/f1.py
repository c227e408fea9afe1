"""F1 and its uncertainty, from counts."""

import numpy as np
from numpy.typing import ArrayLike, NDArray

from .bootstrap import Interval
from .rates import wilson_intervals

_TAIL = 0.025


def ratio(part: ArrayLike, whole: ArrayLike) -> NDArray[np.float64]:
    """A part of a whole, and 0 where the whole is 0; element by element."""
    parts, wholes = np.asarray(part, dtype=np.float64), np.asarray(whole, dtype=np.float64)
    return np.divide(parts, wholes, out=np.zeros(np.broadcast_shapes(parts.shape, wholes.shape)), where=wholes > 0)


def f1_intervals(right: ArrayLike, concerned: ArrayLike) -> NDArray[np.float64]:
    """95 % intervals of F1 values, float64 [values, 2]; (0, 1) where nothing is concerned.

    Of the items that carry a label or were given it, those that are right are a share, J (Jaccard's index), and
    F1 = 2 J / (1 + J). So the interval of F1 is Wilson's interval of J under the same function, which is honest where
    few items are concerned or none is wrong.

    Args:
        right: How many were given the label and carry it, [values].
        concerned: How many carry it or were given it, each counted once, [values].
    """
    share = wilson_intervals(right, concerned)
    found: NDArray[np.float64] = 2 * share / (1 + share)
    return found


def macro_interval(value: float, drawn: NDArray[np.float64], right: ArrayLike, concerned: ArrayLike) -> Interval:
    """The 95 % interval of a mean of F1 values: all that either of two intervals holds.

    The percentile bootstrap sees that one mistake harms two labels, but claims certainty where nothing went wrong. The
    sum of the labels' own intervals sees how few items a label has, but takes labels for independent. It is that of
    Zou, Donner (2008), Construction of confidence limits about effect measures: a general approach.

    Args:
        value: The mean.
        drawn: Means of items drawn again, float64 [draws].
        right: As `f1_intervals` takes it, for all labels that occur, [labels].
        concerned: As `f1_intervals` takes it, [labels].
    """
    low, high = (float(each) for each in np.quantile(drawn, [_TAIL, 1 - _TAIL]))
    concerned = np.asarray(concerned)
    own = f1_intervals(right, concerned)
    share = ratio(right, concerned)
    f1 = 2 * share / (1 + share)
    below = float(np.sqrt(((f1 - own[:, 0]) ** 2).sum())) / len(f1)
    above = float(np.sqrt(((own[:, 1] - f1) ** 2).sum())) / len(f1)
    return max(0.0, min(low, value - below)), min(1.0, max(high, value + above))
