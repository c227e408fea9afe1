"""Reads a history: files to rows, columns to kinds, moments and labels, all in the order of time."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from .base import Columns, DateForm, History, Kind, Task, frame_of
from .columns import Expected, understand
from .faults import Fault, Tell, settle, some
from .files import files_of
from .late_labels import known_from
from .names import find, nearest, shown
from .ordering import Ordering, order_of
from .settings import Settings, listed
from .tables import Table, read_tables
from .targets import Target, read_target


def read_history(
    data: Path,
    settings: Settings,
    with_target: bool = True,
    tell: Tell = lambda _: None,
    columns: Columns | None = None,
) -> History:
    """Reads the rows of a file, a folder of files or a pattern for files, and sorts them by time.

    Args:
        data: A csv, tsv, jsonl or parquet file, a folder of such files, or a pattern (`data/batch*.dat`).
        settings: Columns, moments and the form of the files.
        with_target: False for rows to predict: target and time may be absent, and no label is known.
        tell: Hears, one line each, what was decided, sorted or left out.
        columns: The feature columns that are wanted, as a former history had them: just these are read, in the same
            way, and each must be there. None takes all columns and detects their kinds.

    Returns:
        A history in which at least one row stands; with a target, at least one has a label.

    Raises:
        UserError: The files, the columns or single rows are wrong; the message names places and what to do.
    """
    return read_with_table(data, settings, with_target, tell, columns)[0]


def read_with_table(
    data: Path,
    settings: Settings,
    with_target: bool = True,
    tell: Tell = lambda _: None,
    columns: Columns | None = None,
) -> tuple[History, Table]:
    """`read_history`, and the table of the files that it was made of: `rows` of the history are positions in it."""
    files = files_of(data)
    table = read_tables(files, settings, _mentioned(settings))
    for note in table.notes:
        tell(note)
    names = list(table.columns)
    if with_target and columns is not None:
        _same_task(columns, settings)
    time = _time_column(names, settings, with_target, tell)
    target = _target_column(names, settings, with_target)
    # Without such a column a delay says from when on labels are known.
    delay = "empty it and set history.label_delay, "
    known = find(settings.known, names, "history.known", delay) if settings.known and with_target else ""
    missing = {token.casefold() for token in listed(settings.missing)}
    try:
        ordering = order_of(files, table, time, settings, tell)
        before = columns.task if columns is not None else None
        came = read_target(target, table.columns[target], settings, missing, before) if with_target else None
    except UserError:
        # Lines that gave no row may be why the rest looks odd: they are told first.
        settle(table.faults, len(table.places), settings, lambda _: None)
        raise
    for note in came.notes if came else ():
        tell(note)
    late = known_from(table, ordering, came.missing, known, settings, tell) if came else None
    wanted = _wanted(names, {time, target, known, settings.known}, settings, columns)
    features, found_kinds, dates, faults = _features(table, wanted, ordering, settings, missing, columns, tell)
    faults += [Fault(row, table.places[row], reason) for row, reason in ordering.wrong]
    faults += [Fault(row, table.places[row], reason) for row, reason in (*(came.wrong if came else ()),)]
    faults += [Fault(row, table.places[row], reason) for row, reason in (*(late.wrong if late else ()),)]
    lost = settle([*table.faults, *sorted(faults)], len(table.places), settings, tell)
    order = _sorted(ordering, table, lost, tell)
    moments = ordering.values[order]
    history = History(
        features=frame_of({name: values[order] for name, values in features.items()}),
        kinds=found_kinds,
        time=moments,
        known=np.maximum(late.values[order], moments) if late else np.full(len(order), np.inf),
        target=came.values[order] if came else _no_target(_task_of(came, columns, settings), len(order)),
        places=tuple(table.places[row] for row in order.tolist()),
        task=_task_of(came, columns, settings),
        clock=ordering.clock,
        ordering=ordering.name,
        zone=settings.zone,
        rows=order,
        dates=dates,
    )
    return history, table


def _same_task(columns: Columns, settings: Settings) -> None:
    if columns.task is not None and settings.task not in {"auto", columns.task}:
        raise UserError(
            f"history.task is {settings.task}, and the model that reads these rows was made for {columns.task}",
            f"set history.task back to {columns.task}, or train another model",
        )


def _mentioned(settings: Settings) -> tuple[str, ...]:
    single = (settings.target, settings.time, settings.known)
    lists = (settings.ignore, settings.numbers, settings.categories, settings.texts)
    return (*(name for name in single if name), *(name for setting in lists for name in listed(setting)))


def _time_column(names: Sequence[str], settings: Settings, with_target: bool, tell: Tell) -> str:
    if not settings.time:
        return ""
    try:
        return find(settings.time, names, "history.time")
    except UserError:
        if with_target:
            raise
        tell(f"there is no column {settings.time!r}; the rows are taken in the order in which they stand")
        return ""


def _target_column(names: Sequence[str], settings: Settings, with_target: bool) -> str:
    if with_target and not settings.target:
        raise UserError(
            f"history.target does not say which column is predicted. Columns: {shown(names)}",
            "set history.target to one of them",
        )
    try:
        return find(settings.target, names, "history.target") if settings.target else ""
    except UserError:
        if with_target:
            raise
        return ""


def _wanted(
    names: Sequence[str], roles: set[str], settings: Settings, columns: Columns | None
) -> dict[str, Kind | None]:
    """The feature columns with their kinds; None where a kind is to be detected."""
    if columns is not None:
        problems = []
        for name in columns.kinds:
            if name not in names:
                near = nearest(name, [other for other in names if other not in columns.kinds])
                problems.append(f"there is no column {name!r}" + (f"; was it renamed to {near!r}?" if near else ""))
        if problems:
            raise UserError(
                "\n       ".join(problems) + f"\n       columns: {shown(names)}",
                "give data with the columns of the training data",
            )
        return dict(columns.kinds)
    ignored = {find(name, names, "history.ignore") for name in listed(settings.ignore)}
    free = [name for name in names if name not in roles | ignored]
    given: dict[str, Kind] = {}
    lists: dict[Kind, str] = {"number": settings.numbers, "category": settings.categories, "text": settings.texts}
    plural = {"number": "numbers", "category": "categories", "text": "texts"}
    for kind, setting in lists.items():
        for name in listed(setting):
            given[find(name, names, f"history.{plural[kind]}")] = kind
    return {name: given.get(name) for name in free}


def _features(
    table: Table,
    wanted: Mapping[str, Kind | None],
    ordering: Ordering,
    settings: Settings,
    missing: set[str],
    columns: Columns | None,
    tell: Tell,
) -> tuple[dict[str, NDArray[Any]], dict[str, Kind], dict[str, DateForm], list[Fault]]:
    moments = ordering.values if ordering.clock == "dates" else None
    values: dict[str, NDArray[Any]] = {}
    kinds: dict[str, Kind] = {}
    dates: dict[str, DateForm] = {}
    faults: list[Fault] = []
    problems, constant = [], []
    for name, kind in wanted.items():
        expected = _expected(name, columns)
        column = understand(name, table.columns[name], kind, settings, missing, moments, table.places, expected)
        for note in column.notes:
            tell(note)
        if column.problem:
            problems.append(column.problem)
        elif column.constant and columns is None:
            constant.append(name)
        else:
            values[name], kinds[name] = column.values, column.kind
            faults += [Fault(row, table.places[row], reason) for row, reason in column.wrong]
            if column.dates:
                dates[name] = column.dates
    if problems:
        raise UserError("\n       ".join(problems), "mend the columns or the settings that are named")
    if constant:
        tell(f"left out, since they never change: {some(constant, 10)}")
    if not values:
        raise UserError(
            "no column is left to predict from, beside the target and what is ignored or never changes",
            "give data with more columns, or shorten history.ignore",
        )
    return values, kinds, dates, faults


def _expected(name: str, columns: Columns | None) -> Expected:
    """What a column of numbers was when a model learnt from it."""
    if columns is None or columns.dates is None:
        return None
    return columns.dates.get(name, "no dates")


def _sorted(ordering: Ordering, table: Table, lost: set[int], tell: Tell) -> NDArray[np.int64]:
    kept = np.setdiff1d(np.arange(len(table.places)), np.fromiter(lost, dtype=np.int64, count=len(lost)))
    moments = ordering.values[kept]
    before = np.maximum.accumulate(moments)
    late = np.flatnonzero(moments < before)
    if len(late):
        where = some([table.places[row] for row in kept[late[:4]].tolist()], 3)
        tell(f"{len(late):,} of {len(kept):,} rows stood out of order ({where}); all rows are sorted by time")
    order: NDArray[np.int64] = kept[np.argsort(moments, kind="stable")]
    return order


def _task_of(came: Target | None, columns: Columns | None, settings: Settings) -> Task:
    if came is not None:
        return came.task
    if columns is not None and columns.task is not None:
        return columns.task
    return "regression" if settings.task == "regression" else "classification"


def _no_target(task: str, rows: int) -> NDArray[Any]:
    return np.full(rows, np.nan) if task == "regression" else np.full(rows, None, dtype=object)
