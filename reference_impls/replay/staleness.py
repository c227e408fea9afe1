"""What the age of a model costs, and the cadence that balances it against the price of a retrain."""

import math
from collections.abc import Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from .blocks import draw, mean_with_interval
from .cost import SECONDS_AN_HOUR
from .results import Aged, Blocks, Interval, Played, Prices

Floats = NDArray[np.float64]

_FEWEST_BLOCKS = 2


def ages(policies: Sequence[Played], blocks: Blocks, resamples: int, seed: int) -> tuple[Aged, ...]:
    """How much more models of each age lose than the freshest, on the same rows.

    Compares `never` and the schedules with the schedule of every window: all learn from all the past, at other times.
    What is lost is lost to age and to the rows that came since, which is what the owner of an old model loses.

    Args:
        policies: All; without a schedule of every window nothing can be said.
        blocks: Of the judged rows.
        resamples: Draws of the bootstrap.
        seed: Of the draws.
    """
    found = []
    for age, cells, lost in _lost_by_age(policies, blocks):
        rows, block_of = np.asarray(blocks.rows)[cells], np.asarray(blocks.blocks)[cells]
        if len(np.unique(block_of)) < _FEWEST_BLOCKS:
            continue
        mean, interval = mean_with_interval(lost, draw(rows.tolist(), block_of.tolist(), resamples, seed))
        found.append(Aged(age=age, rows=int(rows.sum()), loss=mean, interval=interval))
    return tuple(found)


def fading(policies: Sequence[Played], blocks: Blocks, resamples: int, seed: int) -> tuple[float, Interval] | None:
    """What a row loses with each window of age, and its 95 % interval; None where no age can be compared.

    The least squares line through the origin of what is lost over age: a ratio of two sums, as a mean by row is.

    Args:
        policies: As of `ages`.
        blocks: Of the judged rows.
        resamples: Draws of the bootstrap.
        seed: Of the draws.
    """
    parts = list(_lost_by_age(policies, blocks))
    if not parts:
        return None
    cells = np.concatenate([cells for _, cells, _ in parts])
    block_of = np.asarray(blocks.blocks)[cells]
    if len(np.unique(block_of)) < _FEWEST_BLOCKS:
        return None
    weights = np.concatenate([age**2 * np.asarray(blocks.rows, dtype=np.float64)[cells] for age, cells, _ in parts])
    lost = np.concatenate([age * lost for age, _, lost in parts])
    return mean_with_interval(lost, draw(weights.tolist(), block_of.tolist(), resamples, seed))


def _lost_by_age(policies: Sequence[Played], blocks: Blocks) -> Iterator[tuple[int, NDArray[np.int64], Floats]]:
    """Of each age the cells that some model of it has predicted, and what it lost there beside the freshest."""
    freshest = next((each for each in policies if each.kind == "scheduled" and each.cadence == 1), None)
    if freshest is None:
        return
    of_cells = np.asarray(blocks.windows)
    fresh_age = np.array([score.age for score in freshest.by_window])
    parts: dict[int, list[tuple[NDArray[np.int64], Floats]]] = {}
    for each in policies:
        if each.kind not in {"never", "scheduled"} or each is freshest:
            continue
        lost = np.asarray(each.losses) - np.asarray(freshest.losses)
        older = np.array([score.age for score in each.by_window]) - fresh_age
        for age in sorted({round(value) for value in older.tolist() if value >= 0.5}):
            chosen = np.flatnonzero(np.round(older)[of_cells] == age)
            parts.setdefault(age, []).append((chosen, lost[chosen]))
    for age, pairs in sorted(parts.items()):
        # Two policies whose models are of one age on one row share that model; it counts once.
        cells, first = np.unique(np.concatenate([pair[0] for pair in pairs]), return_index=True)
        if len(cells):
            yield age, cells, np.concatenate([pair[1] for pair in pairs])[first]


def best_cadence(
    slope: tuple[float, Interval] | None, rows_a_window: float, seconds_a_retrain: float, at: Prices
) -> float | None:
    """Windows between two retrains at which the price of retrains and the cost of staleness are together the lowest.

    With a loss that grows by `s` a row and window of age, a cadence of `c` windows costs a window
    `retrain / c + s rows error (c - 1) / 2`, which is lowest at `c = sqrt(2 retrain / (s rows error))`: the square-root
    formula of Harris (1913), How many parts to make at once.

    Args:
        slope: See `fading`.
        rows_a_window: Mean rows of a window.
        seconds_a_retrain: Mean processor time of a training.
        at: Prices.

    Returns:
        At least 1; None where age is not shown to cost anything.
    """
    if slope is None or slope[1][0] <= 0 or at.error <= 0:
        return None
    retrain = at.retrain + seconds_a_retrain / SECONDS_AN_HOUR * at.compute_hour
    return max(1.0, math.sqrt(2.0 * retrain / (slope[0] * rows_a_window * at.error)))
