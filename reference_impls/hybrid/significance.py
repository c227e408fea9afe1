"""Paired comparisons where items may hang together: whole groups are drawn, and signs are turned group by group."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..evaluation.bootstrap import SEED, Interval, mean_interval
from ..evaluation.paired import Difference, compare
from ..evaluation.units import by_unit, unit_numbers

FLIPS = 9999
_AT_ONCE = 4_000_000


def paired(
    measure: str, first: Sequence[float], second: Sequence[float], groups: Sequence[str] = (), *, graded: bool = False
) -> tuple[Difference, float]:
    """Compares two systems on the same items, and says how likely chance alone would differ as much.

    Without groups the interval is that of `evaluation.paired.compare` and p that of McNemar's exact test; graded scores
    get a sign-flip test. With groups both follow the groups: the interval draws them with two made-up ones, as
    `compare` does with items, and the test turns the sign of a group as a whole.

    Formula: Fisher (1935), The design of experiments, section 21 (randomisation test of pairs), by 9,999 random flips;
    p = (1 + as extreme) / (1 + flips), after Phipson, Smyth (2010), Permutation p-values should never be zero.

    Args:
        measure: What is compared.
        first: One score for each item.
        second: Those of the other system.
        groups: One for each item, or none.
        graded: See `compare`.

    Returns:
        The difference, first minus second, and its two-sided p.
    """
    found = compare(measure, first, second, graded=graded, units=groups)
    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    unit = unit_numbers(groups, len(differences))
    if unit is None:
        return found, found.p if found.p is not None else sign_flip_p(differences)
    return found, sign_flip_p(by_unit(differences, unit)[0])


def interval_of(values: Sequence[float], groups: Sequence[str] = ()) -> Interval | None:
    """The 95 % interval of a mean over items; where they form groups, whole groups count."""
    return mean_interval(values, groups)


def sign_flip_p(differences: NDArray[np.float64], flips: int = FLIPS, seed: int = SEED) -> float:
    """Two-sided p of a sign-flip test of independent differences, float64 [n]; see `paired`."""
    kept = differences[differences != 0]
    if not len(kept):
        return 1.0
    seen = abs(float(kept.sum()))
    draw = np.random.default_rng(seed)
    block = max(1, _AT_ONCE // len(kept))
    extreme = 0
    for start in range(0, flips, block):
        signs = draw.integers(0, 2, size=(min(block, flips - start), len(kept)), dtype=np.int8) * 2.0 - 1.0
        # Sums of floats in another order differ in the last digits; a tie must count as one.
        extreme += int((np.abs(signs @ kept) >= seen * (1 - 1e-12)).sum())
    return (1 + extreme) / (1 + flips)
