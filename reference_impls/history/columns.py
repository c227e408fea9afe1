"""What a column is (numbers, categories, text or dates), and its values as a model can take them."""

from collections.abc import Set
from dataclasses import dataclass, replace
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from .base import DateForm, Kind
from .distinct import Distinct, distinct, numbers_or_texts
from .faults import some
from .moments import date_column
from .numerals import AmbiguousNumbers, is_code, numbers_of
from .settings import Settings

_MOSTLY_NUMBERS = 0.9
"""Above this share of numbers, what is none is rather a mistake or a sign for missing than a name."""
_TEXT_WORDS = 4.0
_TEXT_VALUES = 30
_DAY = 86_400.0

Expected = DateForm | Literal["no dates"] | None
"""What a column of numbers was when a model learnt from it; None where nobody knows."""


@dataclass(frozen=True)
class Column:
    """A column that was understood, or the problem that prevents it.

    Attributes:
        kind: What it is.
        values: [n] float64 with NaN for numbers, object (str or None) for categories and texts.
        wrong: Positions of cells that do not fit its kind, with the reason.
        notes: What was decided where another reading was possible.
        problem: Why nobody can tell what the column is, and what to do; empty where all is well.
        constant: Its present values are all the same, or there are none.
        dates: From where days are counted, where it holds dates.
    """

    kind: Kind
    values: NDArray[Any]
    wrong: tuple[tuple[int, str], ...] = ()
    notes: tuple[str, ...] = ()
    problem: str = ""
    constant: bool = False
    dates: DateForm | None = None


def understand(
    name: str,
    cells: NDArray[Any],
    wanted: Kind | None,
    settings: Settings,
    missing: Set[str],
    dates: NDArray[np.float64] | None,
    places: tuple[str, ...],
    expected: Expected = None,
) -> Column:
    """Tells what a column is and converts it.

    Args:
        name: Of the column.
        cells: [n] As the file holds them: float64, or object (str, int, float, bool, None).
        wanted: Its kind where that is given; None to detect it.
        settings: Decimals, zone and form of dates.
        missing: What means no value, in lower case.
        dates: [n] The moments of the rows in seconds since 1970 where they are dates: a column of dates becomes the
            days by which it lies before the row. None for other clocks, where it becomes days since 1970.
        places: [n] Where each row stands, for messages.
        expected: Of a column of numbers, what it was before.
    """
    found = _understood(name, cells, wanted, settings, missing, dates, places, expected)
    if found.problem or found.kind != "number" or np.isnan(found.values).all():
        return found
    if expected == "no dates" and found.dates:
        return replace(
            found, problem=f"column {name!r} held numbers when the model learnt from it, and holds dates now"
        )
    if expected not in {None, "no dates"} and not found.dates:
        return replace(
            found, problem=f"column {name!r} held dates when the model learnt from it, and holds numbers now"
        )
    return found


def _understood(
    name: str,
    cells: NDArray[Any],
    wanted: Kind | None,
    settings: Settings,
    missing: Set[str],
    dates: NDArray[np.float64] | None,
    places: tuple[str, ...],
    expected: Expected,
) -> Column:
    plain = numbers_or_texts(cells)
    if plain.dtype == np.float64 and wanted in {None, "number"}:
        return _number(name, plain, places)
    found = distinct(plain, missing)
    if wanted == "category" or wanted == "text":  # noqa: PLR1714  # so the type checker knows which kinds are left
        return _words(found, wanted)
    try:
        values = numbers_of(found.texts, settings.decimal)
    except AmbiguousNumbers as example:
        why = f"column {name!r}: in {example} the comma may divide thousands or begin the decimals"
        return Column("number", np.full(len(cells), np.nan), problem=f"{why}; set history.decimal to point or comma")
    numeric = ~np.isnan(values)
    if wanted is None and not (numeric.all() and not is_code(found.texts)):
        return _detected(name, found, values, numeric, settings, dates, places)
    return _forced(name, found, values, numeric, settings, dates, places, expected)


def _forced(
    name: str,
    found: Distinct,
    values: NDArray[np.float64],
    numeric: NDArray[np.bool_],
    settings: Settings,
    dates: NDArray[np.float64] | None,
    places: tuple[str, ...],
    expected: Expected,
) -> Column:
    """Numbers, and dates where there are no numbers; a cell that is neither does not fit."""
    seconds = None if numeric.any() else date_column(found, settings)
    if seconds is not None:
        return _days(name, seconds, dates, settings, expected)
    wrong = tuple(
        (int(row), f"{name}: {found.texts[found.codes[row]][:40]!r} is no number") for row in found.rows_of(~numeric)
    )
    return _number(name, found.spread(values, np.nan), places, wrong)


def _number(
    name: str, values: NDArray[np.float64], places: tuple[str, ...], wrong: tuple[tuple[int, str], ...] = ()
) -> Column:
    notes = []
    infinite = np.flatnonzero(np.isinf(values))
    if len(infinite):
        values = np.where(np.isinf(values), np.nan, values)
        where = some([places[row] for row in infinite[:4]], 3)
        notes.append(f"column {name!r}: {len(infinite):,} infinite values are taken as missing ({where})")
    present = values[~np.isnan(values)]
    constant = not len(present) or bool((present == present[0]).all() and len(present) == len(values))
    return Column("number", values, wrong, tuple(notes), constant=constant)


def _words(found: Distinct, kind: Literal["category", "text"]) -> Column:
    constant = len(found.texts) == 0 or (len(found.texts) == 1 and bool((found.codes == 0).all()))
    return Column(kind, found.objects(), constant=constant)


def _detected(
    name: str,
    found: Distinct,
    values: NDArray[np.float64],
    numeric: NDArray[np.bool_],
    settings: Settings,
    dates: NDArray[np.float64] | None,
    places: tuple[str, ...],
) -> Column:
    if numeric.all():
        codes = _words(found, "category")
        note = (
            f"column {name!r} has numerals with leading zeros, and is taken as codes (history.numbers says otherwise)"
        )
        return Column("category", codes.values, notes=(note,), constant=codes.constant)
    counts = found.counts()
    share = counts[numeric].sum() / counts.sum()
    if share >= _MOSTLY_NUMBERS:
        others = [found.texts[place] for place in np.flatnonzero(~numeric)]
        rows = found.rows_of(~numeric)
        where = some([places[row] for row in rows[:4].tolist()], 3)
        told = some([repr(other[:30]) for other in others], 3)
        problem = (
            f"column {name!r} holds {counts[numeric].sum():,} numbers and {len(rows):,} others: {told} ({where}); "
            f"add what means no value to history.missing, or {name} to history.categories or history.numbers"
        )
        return Column("number", found.spread(values, np.nan), problem=problem)
    seconds = date_column(found, settings)
    if seconds is not None:
        return _days(name, seconds, dates, settings, None)
    words = float(np.mean([len(text.split()) for text in found.texts[:2000]]))
    many = len(found.texts) > _TEXT_VALUES
    own = len(found.texts) > 0.5 * counts.sum() and words >= 2
    return _words(found, "text" if many and (words >= _TEXT_WORDS or own) else "category")


def _days(
    name: str,
    seconds: NDArray[np.float64],
    dates: NDArray[np.float64] | None,
    settings: Settings,
    expected: Expected,
) -> Column:
    if expected == "before its row" and dates is None:
        how = f"the column {settings.time!r}" if settings.time else "files with dates in their names, as in training"
        why = f"column {name!r} counts the days before its row, and these rows have no dates of their own"
        return Column("number", np.full(len(seconds), np.nan), problem=f"{why}; give {how}")
    form: DateForm = "since 1970" if dates is None or expected == "since 1970" else "before its row"
    values = seconds / _DAY if dates is None or form == "since 1970" else (dates - seconds) / _DAY
    note = f"column {name!r} holds dates, and is taken as days {form}"
    present = values[~np.isnan(values)]
    constant = not len(present) or bool((values == present[0]).all())
    return Column("number", values, notes=(note,), constant=constant, dates=form)
