"""Paired comparisons where items may hang together: whole groups are drawn, and signs are turned group by group."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..evaluation.bootstrap import RESAMPLES, SEED, Interval, mean_interval
from ..evaluation.paired import Difference, compare, questions_needed, verdict_of

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
    found = compare(measure, first, second, graded=graded)
    differences = np.asarray(first, dtype=np.float64) - np.asarray(second, dtype=np.float64)
    if not groups or len(set(groups)) == len(groups):
        return found, found.p if found.p is not None else sign_flip_p(differences)
    sums, sizes = _by_group(differences, groups)
    made_up = (float(np.abs(sums / sizes).max()) if graded else 0.0) or 1.0
    size = float(sizes.mean())
    means = _drawn_means(np.append(sums, [made_up * size, -made_up * size]), np.append(sizes, [size, size]))
    low, high = (float(value) for value in np.quantile(means, [0.025, 0.975]))
    verdict = verdict_of((low, high))
    needed = None
    if verdict == "cannot tell":
        # In the mean a group counts like one item whose difference is that of the group.
        spread = float(np.var((sums - found.difference * sizes) / size))
        more = questions_needed(spread, len(sums), found.difference, made_up)
        needed = round(more * size)
    updated = found.model_copy(
        update={
            "interval": (low, high),
            "share_above_zero": float((means > 0).mean() + (means == 0).mean() / 2),
            # McNemar's test takes items for independent, which these are not.
            "p": None,
            "verdict": verdict,
            "questions_needed": needed,
        }
    )
    return updated, sign_flip_p(sums)


def interval_of(values: Sequence[float], groups: Sequence[str] = ()) -> Interval | None:
    """The 95 % interval of a mean over items; where they form groups, whole groups are drawn."""
    if not groups or len(set(groups)) == len(groups) or len({*values}) == 1:
        return mean_interval(values)
    means = _drawn_means(*_by_group(np.asarray(values, dtype=np.float64), groups))
    low, high = np.quantile(means, [0.025, 0.975])
    return float(low), float(high)


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


def _by_group(values: NDArray[np.float64], groups: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    _, place = np.unique(np.asarray(groups), return_inverse=True)
    return np.bincount(place, weights=values).astype(np.float64), np.bincount(place).astype(np.float64)


def _drawn_means(sums: NDArray[np.float64], sizes: NDArray[np.float64]) -> NDArray[np.float64]:
    draw = np.random.default_rng(SEED)
    block = max(1, _AT_ONCE // len(sums))
    means = []
    for start in range(0, RESAMPLES, block):
        chosen = draw.integers(0, len(sums), size=(min(block, RESAMPLES - start), len(sums)))
        means.append(sums[chosen].sum(axis=1) / sizes[chosen].sum(axis=1))
    return np.concatenate(means)
