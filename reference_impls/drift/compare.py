"""Compares the rows of today with those of a reference: one verdict, at one level over all that is tested."""

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray

from ..history.base import History
from ..project_base.errors import UserError
from .aspects import Compared, aspects_of
from .base import Drift, Kind, Performance, Shift, Size, Together
from .blocks import evenly, lengths_for
from .columns import shifts
from .performance import FEWEST, fall, given, row_scores
from .permuting import within_reach
from .settings import Settings
from .together import numbers_of, rung_with_halves, tell_apart
from .words import ORDER, named, reasons, why

_OUT_OF_REACH = (
    "so many comparisons share drift.level that none of them can reach its part; longer windows (history.window) or a "
    "higher drift.level would tell"
)


@dataclass(frozen=True, eq=False)
class Predicted:
    """Rows with their predictions.

    Attributes:
        history: The rows.
        predictions: [n], None or NaN where there is none.
    """

    history: History
    predictions: NDArray[Any]


def compare(
    reference: History,
    current: History,
    settings: Settings,
    reference_predictions: NDArray[Any] | None = None,
    current_predictions: NDArray[Any] | None = None,
    *,
    comparisons: int = 1,
    now: float = math.inf,
) -> Drift:
    """Compares current rows with reference rows.

    Args:
        reference: The rows that the model was made for, or the first windows of the history.
        current: Later rows, with the same columns.
        settings: The level, the thresholds and the rest.
        reference_predictions: [n] Predictions of the reference, None or NaN where there is none. Of rows that the model
            was trained on they are better than any later ones, and would make every later window look worse: give
            those of rows that it had not seen.
        current_predictions: [m] The same of the current rows.
        comparisons: How many such comparisons share the level: the number of windows of a history.
        now: Labels known by this moment count.

    Raises:
        UserError: The two sides do not have the same columns.
    """
    both = reference_predictions is not None and current_predictions is not None
    return judge(
        reference,
        current,
        settings,
        (Predicted(reference, reference_predictions), Predicted(current, current_predictions))
        if both and reference_predictions is not None and current_predictions is not None
        else None,
        comparisons=comparisons,
        now=now,
    )


def judge(
    reference: History,
    current: History,
    settings: Settings,
    predicted: tuple[Predicted, Predicted] | None,
    *,
    comparisons: int,
    now: float,
    questions: int | None = None,
) -> Drift:
    """The same, with a reference of their own for the predictions, whose first rows may have none.

    Args:
        reference: As of `compare`.
        current: As of `compare`.
        settings: As of `compare`.
        predicted: Of both sides.
        comparisons: As of `compare`.
        now: As of `compare`.
        questions: How many questions share the level; None counts those that the rows allow. Who asks some of them
            later, when labels have come, gives the number of all.
    """
    if dict(reference.kinds) != dict(current.kinds):
        other = sorted(set(reference.kinds.items()) ^ set(current.kinds.items()))
        raise UserError(
            f"the rows that are compared differ in their columns: {named([name for name, _ in other])}",
            "give both the same columns, each with the same kind of values",
        )
    remarks: list[str] = []
    label_rows = tuple(_labelled(side, now) for side in (reference, current))
    outcome = _outcome(predicted, now)
    labelled = min(map(len, label_rows)) >= FEWEST
    scored = outcome is not None and min(len(side.scores) for side in outcome) >= FEWEST
    foreseen = outcome is not None and min(len(side.predictions) for side in outcome) >= FEWEST
    # What is asked follows from what is there, never from what it says.
    tests = (questions or (1 + settings.together + labelled + foreseen + scored)) * comparisons
    columns: tuple[Shift, ...] = ()
    together: Together | None = None
    if not within_reach(settings.level / tests):
        remarks.append(_OUT_OF_REACH)
    if min(len(reference), len(current)) >= FEWEST:
        columns, together = _inputs(reference, current, tests, settings, remarks)
    else:
        remarks.append(f"columns are not judged: fewer than {FEWEST} rows on one side")
    labels = predictions = None
    if labelled:
        values = reference.target[label_rows[0]], current.target[label_rows[1]]
        labels = _one("target", reference, values, tests, settings, settings.seed + 2, remarks)
    if outcome is not None and foreseen:
        values = outcome[0].predictions, outcome[1].predictions
        predictions = _one("prediction", reference, values, tests, settings, settings.seed + 3, remarks)
    performance: Performance | None = None
    if outcome is not None and scored:
        performance = fall(outcome[0].scores, outcome[1].scores, reference.task, tests, settings, settings.seed + 4)
        if performance.p is None:
            remarks.append(_slow([performance.metric], tests, settings))
    found = (*columns, *(each for each in (together, labels, predictions, performance) if each is not None))
    judged = any(each.p is not None for each in found)
    untold = performance.metric if performance is not None and performance.p is None else ""
    size: Size = max((each.size for each in found if each.shifted), key=ORDER.index, default="stable")
    least = 0 if settings.smallest == "any" else ORDER.index(settings.smallest)
    drifted = any(each.shifted for each in found) and ORDER.index(size) >= least
    moved = list(reasons(columns, together, labels, predictions, performance))
    return Drift(
        reference_rows=len(reference),
        current_rows=len(current),
        level=settings.level,
        comparisons=comparisons,
        columns=columns,
        together=together,
        labels=labels,
        predictions=predictions,
        performance=performance,
        verdict="drift" if drifted else "cannot be told" if untold or not judged else "none",
        size=size,
        why=why(moved, drifted, settings.level, bool(found), judged, untold),
        remarks=tuple(dict.fromkeys(remarks)),
    )


def _slow(names: list[str], tests: int, settings: Settings) -> str:
    if not within_reach(settings.level / tests):
        return _OUT_OF_REACH
    return (
        f"{named(names)} cannot be judged: what changes so slowly stands in too few separate stretches of these rows; "
        "longer windows would tell"
    )


def _inputs(
    reference: History, current: History, tests: int, settings: Settings, remarks: list[str]
) -> tuple[tuple[Shift, ...], Together | None]:
    rows = _in_order(reference, len(current), settings.seed), _in_order(current, len(reference), settings.seed)
    sides = [side.features.iloc[places] for side, places in zip((reference, current), rows, strict=True)]
    compared: list[Compared] = []
    for column, kind in reference.kinds.items():
        compared += aspects_of(column, kind, sides[0][column].to_numpy(), sides[1][column].to_numpy(), settings.bins)
    columns = tuple(shifts(compared, tests, settings, settings.seed))
    slow = [shift.column for shift in columns if shift.p is None]
    if slow:
        remarks.append(_slow(list(dict.fromkeys(slow)), tests, settings))
    remarks += [
        f"{shift.column}: {shift.unseen_rows:,} rows have a value that the reference does not have "
        f"({named([value[:40] for value in shift.unseen])})"
        for shift in columns
        if shift.unseen
    ]
    if not settings.together or not columns:
        return columns, None
    lengths = lengths_for(*map(len, rows))
    able = [rung for rung in range(8) if rung_with_halves(lengths, rung, settings.level / tests)]
    longest = lengths.rows(max(able)) if able else 0
    kept = {shift.column for shift in columns if shift.block <= longest and shift.p is not None}
    # A text takes part as a whole.
    kept -= {shift.column for shift in columns if shift.block > longest or shift.p is None}
    if not kept:
        remarks.append("the columns are not judged together: too few rows that do not hang together")
        return columns, None
    kinds = {column: kind for column, kind in reference.kinds.items() if column in kept}
    rung = lengths.rung_of(max(shift.block for shift in columns if shift.column in kept))
    numbers = numbers_of(pd.concat(sides, ignore_index=True), kinds)
    left_out = tuple(column for column in reference.kinds if column not in kept)
    split = len(rows[0])
    seed = settings.seed + 1
    return columns, tell_apart(numbers[:split], numbers[split:], lengths, rung, left_out, tests, settings, seed)


def _one(
    name: str,
    history: History,
    values: tuple[NDArray[Any], NDArray[Any]],
    tests: int,
    settings: Settings,
    seed: int,
    remarks: list[str],
) -> Shift:
    kept = [side[evenly(len(side), len(other))] for side, other in (values, values[::-1])]
    kind: Kind = "category" if history.task == "classification" else "number"
    (found,) = shifts(aspects_of(name, kind, kept[0], kept[1], settings.bins), tests, settings, seed)
    if found.p is None:
        remarks.append(_slow([f"the {name}"], tests, settings))
    return found


@dataclass(frozen=True, eq=False)
class _Outcome:
    """Predictions in the order of time, and the scores of those whose label is known."""

    predictions: NDArray[Any]
    scores: NDArray[np.float64]


def _outcome(predicted: tuple[Predicted, Predicted] | None, now: float) -> tuple[_Outcome, _Outcome] | None:
    if predicted is None:
        return None
    sides = []
    for side in predicted:
        history = side.history
        order = _in_order(history, len(history), 0)
        order = order[given(side.predictions)[order]]
        known = order[(history.known[order] <= now) & np.isfinite(history.known[order])]
        scores = row_scores(history.target[known], side.predictions[known], history.task)
        sides.append(_Outcome(side.predictions[order], scores))
    return sides[0], sides[1]


def _labelled(history: History, now: float) -> NDArray[np.int64]:
    order = _in_order(history, len(history), 0)
    return order[(history.known[order] <= now) & np.isfinite(history.known[order])]


def _in_order(history: History, other: int, seed: int) -> NDArray[np.int64]:
    """Positions of the rows that take part, in the order of time.

    Rows of one moment have no order, and get a random one: in a file they may stand sorted by their label, which would
    pass for a long memory.
    """
    order = np.arange(len(history))
    if len(history) > 1 and (np.diff(history.time) == 0).any():
        order = np.lexsort((np.random.default_rng(seed).random(len(history)), history.time))
    return order[evenly(len(order), other)]
