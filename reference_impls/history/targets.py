"""The target of each row: a number or a label, and what is to be predicted where the settings leave it open."""

from collections.abc import Set
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from .base import Task
from .distinct import Distinct, as_text, distinct, numbers_or_texts
from .numerals import AmbiguousNumbers, is_code, numbers_of
from .settings import Settings

_MOST_CLASSES_OF_NUMBERS = 10
"""Whole numbers with at most so many different values are taken as labels."""
_MOST_CLASSES = 1000


@dataclass(frozen=True)
class Target:
    """What came of each row.

    Attributes:
        task: What is predicted.
        values: [n] float64 with NaN (regression), or object with None (classification).
        wrong: Positions of cells that are no target, with the reason.
        notes: What was decided.
    """

    task: Task
    values: NDArray[Any]
    wrong: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]

    @property
    def missing(self) -> NDArray[np.bool_]:
        """[n] Whether a row has no target."""
        if self.task == "regression":
            return np.isnan(self.values.astype(np.float64))
        return np.array([value is None for value in self.values.tolist()], dtype=np.bool_)


def read_target(
    name: str,
    cells: NDArray[Any],
    settings: Settings,
    missing: Set[str],
    before: Task | None = None,
) -> Target:
    """Reads the target.

    Args:
        name: Of the column.
        cells: [n] As the file holds them.
        settings: Task and decimals.
        missing: What means no value, in lower case.
        before: What it was read for when a model learnt from it, which holds where the settings leave the task open.

    Raises:
        UserError: No row has a target, all have the same, or it does not fit the task.
    """
    plain = numbers_or_texts(cells)
    found = distinct(plain, missing)
    if not found.texts:
        raise UserError(
            f"the target {name!r} is missing in every row", "set history.target to the column that is predicted"
        )
    if len(found.texts) == 1:
        raise UserError(
            f"the target {name!r} is {found.texts[0][:40]!r} wherever there is one, so there is nothing to learn",
            "set history.target to another column, or give a history in which it varies",
        )
    values = _numbers(found, name, settings)
    task = settings.task if settings.task != "auto" else before or _task(found, values)
    notes = [_counted(name, found, task)] if settings.task == "auto" and not np.isnan(values).all() else []
    notes += _tokens(name, plain, found)
    if task == "regression":
        return _regression(name, found, values, tuple(notes))
    if len(found.texts) > _MOST_CLASSES:
        raise UserError(
            f"the target {name!r} has {len(found.texts):,} different values, too many for labels (at most "
            f"{_MOST_CLASSES:,})",
            "set history.task to regression if it is a number, or history.target to another column",
        )
    if not np.isnan(values).any() and not is_code(found.texts):
        # A column with gaps comes from many programs as 1.0, and without them as 1.
        labels = np.empty(len(values), dtype=object)
        labels[:] = [as_text(value) for value in values.tolist()]
        return Target("classification", found.spread(labels, None), (), tuple(notes))
    labels, spelled = _one_spelling(found)
    return Target("classification", labels, (), (*notes, *spelled))


def _numbers(found: Distinct, name: str, settings: Settings) -> NDArray[np.float64]:
    try:
        return numbers_of(found.texts, settings.decimal)
    except AmbiguousNumbers as example:
        if settings.task == "classification":
            return np.full(len(found.texts), np.nan)
        raise UserError(
            f"the target {name!r}: in {example} the comma may divide thousands or begin the decimals",
            "set history.decimal to point or comma",
        ) from example


def _task(found: Distinct, values: NDArray[np.float64]) -> Literal["classification", "regression"]:
    numeric = ~np.isnan(values)
    counts = found.counts()
    if counts[numeric].sum() < 0.9 * counts.sum():
        return "classification"
    whole = bool((np.mod(values[numeric], 1) == 0).all())
    return "classification" if whole and numeric.all() and len(values) <= _MOST_CLASSES_OF_NUMBERS else "regression"


def _counted(name: str, found: Distinct, task: Task) -> str:
    other = "regression" if task == "classification" else "classification"
    what = "labels" if task == "classification" else "numbers"
    taken = f"the {len(found.texts):,} different values of {name!r} are taken as {what}"
    return f"{taken}; if not, set history.task to {other}"


def _tokens(name: str, plain: NDArray[Any], found: Distinct) -> list[str]:
    if plain.dtype == np.float64:
        return []
    kept = set(found.texts)
    gone: dict[str, int] = {}
    for row in np.flatnonzero(found.codes < 0).tolist():
        token = str(plain[row] or "").strip()
        if token and token not in kept:
            gone[token] = gone.get(token, 0) + 1
    if not gone:
        return []
    told = ", ".join(f"{token!r} in {count:,}" for token, count in list(gone.items())[:3])
    return [f"the target {name!r} is taken as not yet known where it is {told} rows (history.missing)"]


def _regression(name: str, found: Distinct, values: NDArray[np.float64], notes: tuple[str, ...]) -> Target:
    bad = ~np.isfinite(values)
    if bad.all():
        raise UserError(
            f"the target {name!r} holds no numbers, for example {found.texts[0][:40]!r}",
            "set history.task to classification, or history.target to another column",
        )
    rows = found.rows_of(bad)
    wrong = tuple((int(row), f"target {name}: {found.texts[found.codes[row]][:40]!r} is no number") for row in rows)
    return Target("regression", found.spread(np.where(bad, np.nan, values), np.nan), wrong, notes)


def _one_spelling(found: Distinct) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Labels that differ in case and spaces alone become the commonest of them."""
    counts = found.counts()
    spellings: dict[str, list[int]] = {}
    for place, text in enumerate(found.texts):
        spellings.setdefault(" ".join(text.casefold().split()), []).append(place)
    labels = np.empty(len(found.texts), dtype=object)
    notes = []
    for places in spellings.values():
        chosen = found.texts[max(places, key=lambda place: (counts[place], -place))]
        labels[places] = chosen
        if len(places) > 1:
            others = ", ".join(repr(found.texts[place]) for place in places if found.texts[place] != chosen)
            notes.append(f"the labels {others} are taken as {chosen!r}")
    return found.spread(labels, None), tuple(notes)
