"""The classifier two-sample test: can anything tell the rows of today from those of the reference?

Lopez-Paz, Oquab (2017), Revisiting classifier two-sample tests; with the area under the ROC curve in place of the
accuracy, and held-out blocks of rows that change sides as wholes.
"""

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray
from scipy.stats import rankdata, t  # type: ignore[import-untyped]  # scipy has no types
from sklearn.ensemble import HistGradientBoostingClassifier  # type: ignore[import-untyped]  # no types
from sklearn.feature_extraction.text import HashingVectorizer  # type: ignore[import-untyped]  # no types

from .base import Kind, Together
from .blocks import Lengths, block_sums
from .columns import size_of
from .permuting import Draws, Part, permute
from .psi import from_area
from .settings import Settings

Floats = NDArray[np.float64]

_LEVELS = 100
_WORDS = 48
_ROUNDS = 60
_LEAVES = 15
_LARGEST = 1e300
_BINS = 64


def numbers_of(features: pd.DataFrame, kinds: Mapping[str, Kind]) -> Floats:
    """The columns as numbers, float64 [n, numbers]: levels by how common they are, words as counts in buckets."""
    made: list[Floats] = []
    for column, kind in kinds.items():
        values = features[column]
        if kind == "number":
            # The trees take the mean of two neighbouring values, which infinite ones do not have.
            made.append(np.clip(values.to_numpy(dtype=np.float64), -_LARGEST, _LARGEST)[:, None])
        elif kind == "category":
            codes, names = pd.factorize(values)
            counts = np.bincount(codes[codes >= 0], minlength=len(names))
            rank = np.full(len(names) + 1, np.nan)
            rank[np.argsort(-counts, kind="stable")] = np.minimum(np.arange(len(names)), _LEVELS)
            made.append(rank[codes][:, None])
        else:
            texts = [text if isinstance(text, str) else "" for text in values]
            made.append(np.array([len(text) for text in texts], dtype=np.float64)[:, None])
            count = HashingVectorizer(n_features=_WORDS, alternate_sign=False, norm=None)
            made.append(count.transform(texts).toarray().astype(np.float64))
    return np.concatenate(made, axis=1)


def tell_apart(
    reference: Floats,
    current: Floats,
    lengths: Lengths,
    rung: int,
    left_out: tuple[str, ...],
    tests: int,
    settings: Settings,
    seed: int,
) -> Together:
    """Trains on every other block of both sides, and tests on the blocks between.

    Args:
        reference: float64 [n, numbers].
        current: float64 [m, numbers].
        lengths: Of the blocks of these rows.
        rung: The length that the columns ask for.
        left_out: Columns that are not among the numbers, to be reported.
        tests: Questions times comparisons, which share the level.
        settings: The level, the thresholds and the most rows.
        seed: Of the classifier and the permutations.
    """
    sides = [_blocks(side, lengths.rows(rung), settings.together_rows) for side in (reference, current)]
    train = np.concatenate([side[0::2].reshape(-1, reference.shape[1]) for side in sides])
    labels = np.repeat([0, 1], [math.ceil(len(side) / 2) * side.shape[1] for side in sides])
    held = [side[1::2].reshape(-1, reference.shape[1]) for side in sides]
    # Columns that hold nothing among these rows tell nothing, and the library fails on them.
    filled = ~np.isnan(train).all(axis=0)
    # No weights: the area does not depend on how many rows each side has, and weighted bins take many times as long.
    model = HistGradientBoostingClassifier(
        max_iter=_ROUNDS,
        max_leaf_nodes=_LEAVES,
        max_bins=_BINS,
        early_stopping=False,
        random_state=seed,
        l2_regularization=1.0,
    )
    model.fit(train[:, filled], labels)
    scores = [model.decision_function(side[:, filled]) for side in held]
    ranks = rankdata(np.concatenate(scores))
    n, m = len(scores[0]), len(scores[1])
    placed = [ranks[:n, None] / (n + m), ranks[n:, None] / (n + m)]
    parts = [block_sums(each, 1, side.shape[1]) for each, side in zip(placed, sides, strict=True)]
    part = Part(parts[0] / sides[0].shape[1], parts[1] / sides[1].shape[1], _sum_of_ranks)
    found = permute([part], settings.level / tests, seed)
    area = float((ranks[n:].sum() - m * (m + 1) / 2) / (n * m))
    corrected = min(1.0, float(found.p[0]) * tests)
    shifted = corrected <= settings.level
    return Together(
        auc=area,
        interval=_interval(scores[0], scores[1], area, (sides[0].shape[1], sides[1].shape[1])),
        rows=n + m,
        p=float(found.p[0]),
        corrected_p=corrected,
        block=lengths.rows(rung),
        shifted=shifted,
        size=size_of(from_area(area), settings) if shifted else "stable",
        left_out=left_out,
    )


def rung_with_halves(lengths: Lengths, wanted: int, alpha: float) -> bool:
    """Whether half of the blocks of a rung are enough to tell."""
    first, second = lengths.counts(wanted)
    halves = Lengths(lengths.step, lengths.steps, first // 2 * lengths.rows(wanted), second // 2 * lengths.rows(wanted))
    return halves.tells(wanted, alpha)


def _blocks(side: Floats, rows: int, most: int) -> Floats:
    """Whole blocks, float64 [blocks, rows, numbers]; evenly chosen rows of each where they hold more than `most`."""
    whole = len(side) // rows
    kept = max(1, min(rows, most // whole))
    places = np.linspace(0, rows - 1, kept).astype(np.int64)
    return np.asarray(side[: whole * rows].reshape(whole, rows, -1)[:, places])


def _sum_of_ranks(current: Draws, _reference: Draws) -> Draws:
    return current


def _interval(reference: Any, current: Any, area: float, rows: tuple[int, int]) -> tuple[float, float]:
    """The 95 % interval of the area, from the means of blocks of so many rows on both sides.

    Formula: Obuchowski (1997), Nonparametric analysis of clustered ROC curve data, with blocks as the clusters; t
    distribution with as many degrees of freedom as the side with fewer blocks allows.
    """
    first, second = np.sort(reference), np.sort(current)
    above = (np.searchsorted(first, current, "left") + np.searchsorted(first, current, "right")) / (2 * len(first))
    below = 1 - (np.searchsorted(second, reference, "left") + np.searchsorted(second, reference, "right")) / (
        2 * len(second)
    )
    means = [below.reshape(-1, rows[0]).mean(axis=1), above.reshape(-1, rows[1]).mean(axis=1)]
    if min(len(side) for side in means) < 2:
        return 0.0, 1.0
    error = math.sqrt(sum(float(side.var(ddof=1)) / len(side) for side in means))
    half = float(t.ppf(0.975, min(len(side) for side in means) - 1)) * error
    return max(0.0, area - half), min(1.0, area + half)
