"""How right the predictions are: whether they became worse, and by window with intervals."""

import math
from collections.abc import Sequence
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, t  # type: ignore[import-untyped]  # scipy has no types

from ..history.base import History, Task
from ..history.windows import Window
from .base import Interval, Measured, Performance
from .blocks import block_sums, lengths_for, times_of
from .columns import size_of
from .permuting import Draws, Part, permute
from .psi import from_difference
from .settings import Settings

Floats = NDArray[np.float64]
Metric = Literal["accuracy", "mae"]

_CONFIDENCE = 0.95
_FEWEST_INDEPENDENT = 8
FEWEST = 32
"""Fewer rows than this are not judged."""


def metric_of(task: Task) -> Metric:
    """The metric of a task."""
    return "accuracy" if task == "classification" else "mae"


def given(predictions: NDArray[Any]) -> NDArray[np.bool_]:
    """Which rows have a prediction, bool [n]: neither None nor NaN."""
    if predictions.dtype == object:
        return np.array([value is not None for value in predictions.tolist()], dtype=bool)
    return np.asarray(~np.isnan(predictions))


def row_scores(target: NDArray[Any], predictions: NDArray[Any], task: Task) -> Floats:
    """How right each prediction is, float64 [n], higher is better: 1 or 0, or minus the absolute error.

    Args:
        target: What came true, of rows whose label is known.
        predictions: What was predicted, none missing.
        task: Classification or regression.
    """
    if task == "classification":
        return np.asarray(target == predictions, dtype=np.float64)
    return -np.abs(np.asarray(target, dtype=np.float64) - np.asarray(predictions, dtype=np.float64))


def fall(reference: Floats, current: Floats, task: Task, tests: int, settings: Settings, seed: int) -> Performance:
    """Whether the scores of the current rows are lower than those of the reference.

    Args:
        reference: Scores in the order of time, float64 [n], at least one.
        current: The same of the current rows, float64 [m], at least one.
        task: Names the metric.
        tests: Questions times comparisons, which share the level.
        settings: The level, the thresholds and the block.
        seed: Of the permutations.
    """
    lengths = lengths_for(len(reference), len(current))
    alpha = settings.level / tests
    # A reference without any error has no spread, and would make the first error infinitely many of it.
    spread = max(float(reference.std()), float(current.std()) / 2, 1e-12)
    # From the middle of both: sums of large errors would lose their decimals.
    middle = float(np.concatenate([reference, current]).mean())
    first, second = (_with_counts(side - middle) for side in (reference, current))
    steps = block_sums(first[:, :1], 1, lengths.step).astype(np.float64)
    memory = times_of(steps, np.ones(1), float(reference.var()), lengths.step)
    rung = lengths.rung_of(settings.block) if settings.block else lengths.rung_for(memory.steps)
    p: float | None
    if lengths.tells(rung, alpha):
        rows = lengths.rows(rung)
        part = Part(block_sums(first, 2, rows), block_sums(second, 2, rows), _drop)
        p = float(permute([part], alpha, seed).p[0])
    else:
        p = None if settings.block else _by_independent_rows(reference, current)
    corrected = None if p is None else min(1.0, p * tests)
    shifted = corrected is not None and corrected <= settings.level
    lost = max(0.0, float(reference.mean() - current.mean())) / spread
    sign = 1 if task == "classification" else -1
    return Performance(
        metric=metric_of(task),
        reference=sign * float(reference.mean()),
        current=sign * float(current.mean()),
        reference_rows=len(reference),
        current_rows=len(current),
        p=p,
        corrected_p=corrected,
        lost=lost,
        memory=min(memory.rows, float(len(reference))),
        block=min(lengths.rows(min(rung, 40)), len(reference)),
        shifted=shifted,
        size=size_of(from_difference(lost), settings) if shifted else "stable",
    )


def _by_independent_rows(reference: Floats, current: Floats) -> float | None:
    """One-sided p of Welch's t test, with rows that count for as many as are independent; None for fewer than eight.

    Blocks must be long against the memory, and a window may hold too few of them to be exchanged, though the means of
    both sides lie far apart against what their rows can vary by.

    Formula: Welch (1947), The generalization of Student's problem when several different population variances are
    involved; a mean varies by the variance of a row divided by the independent rows.
    """
    squares, rows = [], []
    for side in (reference, current):
        lengths = lengths_for(len(side), len(side))
        steps = block_sums(side[:, None] - side.mean(), 1, lengths.step).astype(np.float64)
        rows.append(len(side) / times_of(steps, np.ones(1), float(side.var()), lengths.step).rows_at_most)
        squares.append(float(side.var()) / max(rows[-1] - 1, 1e-12))
    if min(rows) < _FEWEST_INDEPENDENT or not sum(squares):
        return None
    freedom = sum(squares) ** 2 / sum(square**2 / (count - 1) for square, count in zip(squares, rows, strict=True))
    return float(t.sf((reference.mean() - current.mean()) / math.sqrt(sum(squares)), freedom))


def _with_counts(scores: Floats) -> Floats:
    return np.stack([scores, np.ones(len(scores))], axis=1)


def _drop(current: Draws, reference: Draws) -> Draws:
    before, now = (side[:, :1] / np.maximum(side[:, 1:2], 1) for side in (reference, current))
    return np.asarray(before - now, dtype=np.float32)


def performance(
    history: History, windows: Sequence[Window], predictions: NDArray[Any], now: float = math.inf
) -> tuple[Measured, ...]:
    """The metric by window, with intervals.

    Args:
        history: All rows.
        windows: Of this history.
        predictions: [n], None or NaN where there is none, as for rows that the model was trained on: they would say
            nothing.
        now: Labels known by this moment count.
    """
    known = (history.known <= now) & np.isfinite(history.known)
    usable = known & given(predictions)
    return tuple(
        _measured(history, window, predictions, usable[window.start : window.stop], known[window.start : window.stop])
        for window in windows
    )


def _measured(
    history: History, window: Window, predictions: NDArray[Any], usable: NDArray[np.bool_], known: NDArray[np.bool_]
) -> Measured:
    places = window.start + np.flatnonzero(usable)
    scores = row_scores(history.target[places], predictions[places], history.task)
    if history.task == "regression":
        scores = -scores
    return Measured(
        window=window.number,
        name=window.name,
        metric=metric_of(history.task),
        value=float(scores.mean()) if len(scores) else None,
        interval=interval_of(scores, history.task),
        rows=len(scores),
        labelled=float(known.mean()) if len(known) else 0.0,
    )


def interval_of(scores: Floats, task: Task) -> Interval | None:
    """The 95 % interval of the mean of scores in the order of time; None for fewer than two, or with too long a memory.

    The rows count as n divided by their memory independent ones. Shares get the interval of Wilson (1927), Probable
    inference, the law of succession, and statistical inference; other means that of Student's t.

    Args:
        scores: float64 [n].
        task: Shares of right answers for a classification, else errors.
    """
    if len(scores) < 2:
        return None
    lengths = lengths_for(len(scores), len(scores))
    steps = block_sums(scores[:, None] - scores.mean(), 1, lengths.step).astype(np.float64)
    rows = len(scores) / times_of(steps, np.ones(1), float(scores.var()), lengths.step).rows
    if rows < 2:
        return None
    mean = float(scores.mean())
    if task == "classification":
        z = float(norm.ppf((1 + _CONFIDENCE) / 2))
        middle = (mean + z**2 / (2 * rows)) / (1 + z**2 / rows)
        half = z / (1 + z**2 / rows) * math.sqrt(mean * (1 - mean) / rows + z**2 / (4 * rows**2))
        return max(0.0, middle - half), min(1.0, middle + half)
    half = float(t.ppf((1 + _CONFIDENCE) / 2, rows - 1)) * float(scores.std(ddof=1)) / math.sqrt(rows)
    return mean - half, mean + half
