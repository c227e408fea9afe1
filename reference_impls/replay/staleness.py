"""What the age of a model costs, and the cadence that balances it against the price of a retrain."""

import math
from collections.abc import Sequence

import numpy as np

from .blocks import draw, mean_with_interval
from .cost import SECONDS_AN_HOUR
from .results import Aged, Blocks, Played, Prices

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
    freshest = next((each for each in policies if each.kind == "scheduled" and each.cadence == 1), None)
    if freshest is None:
        return ()
    cells = np.asarray(blocks.windows)
    fresh_age = np.array([score.age for score in freshest.by_window])
    parts: dict[int, list[tuple[np.ndarray, np.ndarray]]] = {}
    for each in policies:
        if each.kind not in {"never", "scheduled"} or each is freshest:
            continue
        lost = np.asarray(each.losses) - np.asarray(freshest.losses)
        older = np.array([score.age for score in each.by_window]) - fresh_age
        for age in sorted({round(value) for value in older.tolist() if value >= 0.5}):
            chosen = np.flatnonzero(np.round(older)[cells] == age)
            parts.setdefault(age, []).append((chosen, lost[chosen]))
    found = []
    for age, pairs in sorted(parts.items()):
        chosen = np.concatenate([pair[0] for pair in pairs])
        # Two policies whose models are of one age on one row share that model; it counts once.
        chosen, first = np.unique(chosen, return_index=True)
        lost = np.concatenate([pair[1] for pair in pairs])[first]
        rows, block_of = np.asarray(blocks.rows)[chosen], np.asarray(blocks.blocks)[chosen]
        if len(np.unique(block_of)) < _FEWEST_BLOCKS:
            continue
        mean, interval = mean_with_interval(lost, draw(rows.tolist(), block_of.tolist(), resamples, seed))
        found.append(Aged(age=age, rows=int(rows.sum()), loss=mean, interval=interval))
    return tuple(found)


def best_cadence(found: Sequence[Aged], rows_a_window: float, seconds_a_retrain: float, at: Prices) -> float | None:
    """Windows between two retrains at which the price of retrains and the cost of staleness are together the lowest.

    With a loss that grows by `s` a row and window of age, a cadence of `c` windows costs a window
    `retrain / c + s rows error (c - 1) / 2`, which is lowest at `c = sqrt(2 retrain / (s rows error))`: the square-root
    formula of Harris (1913), How many parts to make at once.

    Args:
        found: The loss by age.
        rows_a_window: Mean rows of a window.
        seconds_a_retrain: Mean processor time of a training.
        at: Prices.

    Returns:
        At least 1; None where age is not seen to cost anything.
    """
    weights = np.array([each.rows for each in found], dtype=np.float64)
    age = np.array([each.age for each in found], dtype=np.float64)
    lost = np.array([each.loss for each in found], dtype=np.float64)
    spread = float(np.sum(weights * age**2))
    slope = float(np.sum(weights * age * lost)) / spread if spread else 0.0
    if slope * rows_a_window * at.error <= 0:
        return None
    retrain = at.retrain + seconds_a_retrain / SECONDS_AN_HOUR * at.compute_hour
    return max(1.0, math.sqrt(2.0 * retrain / (slope * rows_a_window * at.error)))
