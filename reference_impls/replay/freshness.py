"""Whether newer rows teach more about the next rows than as many older ones: an exact test by shuffling blocks."""

import itertools
import math

import numpy as np
from numpy.typing import NDArray

from .results import Freshness

Floats = NDArray[np.float64]
Positions = NDArray[np.int64]

FEWEST_BLOCKS = 6
"""With six blocks, 720 orders: an order and its mirror image give the smallest p, 2 / 720."""
FEWEST_ROWS = 30
"""Rows of a block below which a model and its score say too little."""
_SMALLEST_SHARE = 100
"""A block has at least a hundredth of all rows: the smallest decides how many rows all models learn from."""
_MOST_DRAWS = 5
_NUMBERS_AT_ONCE = 4_000_000
_TIMES = 2
"""So many times the shuffles that could just reach the level."""


def blocks_for(level: float) -> int:
    """The fewest blocks with which the test can reach a level."""
    return next(count for count in itertools.count(FEWEST_BLOCKS) if 2 / math.factorial(count) <= level)


def blocks_that_show(level: float) -> int:
    """The fewest blocks with which a change halfway that is as plain as can be reaches a level.

    Scores tell two halves apart then, and nothing else: all orders that keep each half together are as extreme.
    """
    return next(
        count
        for count in itertools.count(FEWEST_BLOCKS, 2)
        if 2 * math.factorial(count // 2) ** 2 / math.factorial(count) <= level
    )


def cut_for_test(
    time: Floats, labelled: Positions, window_of: Positions, most: int, seed: int, level: float = 0.01
) -> list[list[Positions]]:
    """The rows that the test trains on: as many from each block, drawn at random within it.

    The blocks are the windows, as the policies see them: several together where there are many, or they are small.
    Where they are too few to show even a plain change, each is divided, but never within a moment, whose rows have no
    order. Where most blocks are much larger than the smallest one, they are drawn from several times, so that their
    other rows say something too.

    Args:
        time: Moments of all rows, [n].
        labelled: Positions of the rows with a label, ascending.
        window_of: The window of each row, [n].
        most: How many blocks at most; `blocks_for` the level comes before it.
        seed: Of the draws.
        level: Of the test.

    Returns:
        For each draw the ascending positions of each block, all of one length; empty where the history is too short.
    """
    fewest = blocks_for(level)
    most = max(most, fewest)
    blocks = _joined(labelled, window_of[labelled], most) if len(labelled) else []
    blocks = _parts_of(blocks, time, min(most, blocks_that_show(level)))
    if len(blocks) < fewest:
        blocks = _divided(labelled, time[labelled], min(most, len(labelled) // FEWEST_ROWS), fewest)
    if len(blocks) < fewest:
        return []
    rows = min(map(len, blocks))
    generator = np.random.default_rng(seed)
    draws = min(_MOST_DRAWS, max(1, round(float(np.median([len(block) for block in blocks])) / rows)))
    return [[np.sort(generator.choice(block, rows, replace=False)) for block in blocks] for _ in range(draws)]


def _joined(labelled: Positions, window_of: Positions, most: int) -> list[Positions]:
    """Whole windows, joined until each block has enough rows."""
    enough = max(FEWEST_ROWS, len(labelled) / _SMALLEST_SHARE)
    windows = [labelled[window_of == window] for window in np.unique(window_of)]
    together = math.ceil(len(windows) / most)
    windows = [np.concatenate(windows[start : start + together]) for start in range(0, len(windows), together)]
    blocks: list[Positions] = []
    for window in windows:
        if blocks and len(blocks[-1]) < enough:
            blocks[-1] = np.concatenate([blocks[-1], window])
        else:
            blocks.append(window)
    if len(blocks) > 1 and len(blocks[-1]) < enough:
        blocks[-2:] = [np.concatenate(blocks[-2:])]
    return blocks


def _parts_of(windows: list[Positions], time: Floats, wanted: int) -> list[Positions]:
    """Windows, each in as many parts as make so many blocks of them; as they were, where one cannot be divided so."""
    count = math.ceil(wanted / len(windows)) if windows else 1
    divided = [_divided(window, time[window], count, count) for window in windows] if count > 1 else []
    return [part for parts in divided for part in parts] if divided and all(divided) else windows


def _divided(labelled: Positions, time: Floats, count: int, fewest: int) -> list[Positions]:
    """Nearly equal parts, each beginning with a new moment."""
    if count < fewest:
        return []
    wanted = np.linspace(0, len(labelled), count + 1)[1:-1].astype(np.int64)
    edges = np.unique(np.searchsorted(time, time[wanted], "left"))
    parts = np.split(labelled, edges[edges > 0])
    return parts if min(map(len, parts)) >= FEWEST_ROWS else []


def too_short(labelled: int, level: float) -> Freshness:
    """What is said of a history that is too short for the test."""
    return Freshness(
        blocks=0,
        rows=0,
        gain=None,
        p=None,
        by_distance=(),
        level=level,
        fades=False,
        why=f"{labelled:,} labelled rows, or their moments, are too few to tell whether newer rows are worth more than "
        f"older ones: {blocks_for(level)} blocks of {FEWEST_ROWS} rows are needed (replay.level {level:g})",
    )


def judge_freshness(scores: Floats, rows: int, level: float, resamples: int, seed: int) -> Freshness:
    """Tests whether models do better on blocks that are near to their own.

    Scores are first freed of how hard each block is and how good each model is (two-way residuals). The statistic is
    the sum of the residuals, each weighted with 1 / distance. Where nothing drifts, blocks can change places: its place
    among the statistics of shuffled blocks is an exact p, whatever the model, and however much models differ by chance.
    The idea is that of Mantel (1967), The detection of disease clustering and a generalized regression approach.

    Args:
        scores: [blocks, blocks]: mean score, higher is better, of the model of the first block on the second; what
            stands on the diagonal is not looked at.
        rows: Of each block.
        level: Of the test.
        resamples: Shuffles, where there are more than can be tried; there are more where the level asks for more.
        seed: Of the shuffles.
    """
    count = len(scores)
    places = np.arange(count)
    distance = np.abs(places[:, None] - places[None, :])
    apart = distance > 0
    residuals, mean = _residuals(scores, apart)
    nearness = np.where(apart, 1.0 / np.maximum(distance, 1), 0.0)
    seen = float(np.sum(residuals * nearness))
    shuffles, exact = _orders(count, max(resamples, math.ceil(_TIMES / level)), seed)
    step = max(1, _NUMBERS_AT_ONCE // count**2)
    found = np.concatenate(
        [
            np.einsum("kij,ij->k", residuals[part[:, :, None], part[:, None, :]], nearness)
            for part in (shuffles[start : start + step] for start in range(0, len(shuffles), step))
        ]
    )
    as_high = int(np.sum(found >= seen - 1e-9 * max(1.0, abs(seen))))
    p = as_high / len(found) if exact else (1 + as_high) / (1 + len(found))
    by_distance = tuple(float(residuals[distance == step].mean() + mean) for step in range(1, count))
    gain = float(residuals[distance == 1].mean() - residuals[distance > 1].mean())
    fades = p <= level
    return Freshness(
        blocks=count,
        rows=rows,
        gain=gain,
        p=p,
        by_distance=by_distance,
        level=level,
        fades=fades,
        why=(
            f"models of {rows:,} rows do better on neighbouring rows than on rows further away in time (by {gain:.3g}, "
            f"p = {p:.2g}): what was learnt fades"
            if fades
            else f"models of {rows:,} rows are not shown to do better on neighbouring rows than on rows further away "
            f"in time ({gain:+.3g}, p = {p:.2g}): that is no proof that old rows serve as well"
        ),
    )


def _residuals(scores: Floats, apart: NDArray[np.bool_]) -> tuple[Floats, float]:
    """Off-diagonal scores less the least-squares effects of rows and columns, 0 on the diagonal; and their mean."""
    count = len(scores)
    models, blocks = np.nonzero(apart)
    design = np.zeros((len(models), 2 * count))
    design[np.arange(len(models)), models] = 1.0
    design[np.arange(len(models)), count + blocks] = 1.0
    given = scores[models, blocks]
    effects, *_ = np.linalg.lstsq(design, given, rcond=None)
    residuals = np.zeros((count, count))
    residuals[models, blocks] = given - design @ effects
    return residuals, float(given.mean())


def _orders(count: int, resamples: int, seed: int) -> tuple[NDArray[np.int64], bool]:
    if math.factorial(count) <= resamples:
        return np.array(list(itertools.permutations(range(count))), dtype=np.int64), True
    generator = np.random.default_rng(seed)
    return generator.permuted(np.tile(np.arange(count), (resamples, 1)), axis=1), False
