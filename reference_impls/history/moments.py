"""Moments as files write them: dates in the common forms, seconds since 1970, or plain numbers that grow with time."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from .base import Clock
from .dates import Form, Written, agreed_form, looks_like_date, parse
from .distinct import Distinct, distinct, numbers_or_texts
from .numerals import AmbiguousNumbers, numbers_of
from .settings import Settings, listed

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_SECONDS = (8e8, 4.2e9)
"""Seconds since 1970 of the years 1995 to 2103; the same in milli-, micro- and nanoseconds are told by their size."""
_COMPACT = re.compile(r"(19|20)\d{2}(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])")


@dataclass(frozen=True)
class Moments:
    """The moments of a column.

    Attributes:
        values: [n] float64; NaN where a cell is missing or no moment.
        clock: Whether they are seconds since 1970 (UTC), or values of the column.
        wrong: Positions of cells that are neither missing nor a moment, with what stands there.
        notes: How they were read, where that was not plain.
        whole_days: No moment has a time of day.
    """

    values: NDArray[np.float64]
    clock: Clock
    wrong: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]
    whole_days: bool


def moments_of(cells: NDArray[Any], name: str, settings: Settings) -> Moments:
    """Reads a column of moments.

    Args:
        cells: [n] As a file holds them.
        name: Of the column, with the setting that names it.
        settings: Zone, form of the dates, missing values, decimals.

    Raises:
        UserError: Not one cell is a moment, or day and month cannot be told apart.
    """
    missing = {token.casefold() for token in listed(settings.missing)}
    plain = numbers_or_texts(cells)
    found = distinct(plain, missing)
    if not found.texts:
        raise UserError(f"{name} is empty in every row", "set it to a column with dates or numbers")
    if plain.dtype == np.float64 and settings.dates in {"auto", "day_first", "month_first"}:
        return _of_numbers(plain, (), name)
    if settings.dates in {"auto", "day_first", "month_first"}:
        try:
            numbers = numbers_of(found.texts, settings.decimal)
        except AmbiguousNumbers:
            numbers = np.full(len(found.texts), np.nan)
        numeric = ~np.isnan(numbers)
        if found.counts()[numeric].sum() * 2 > (found.codes >= 0).sum():
            wrong = tuple((int(row), found.texts[found.codes[row]]) for row in found.rows_of(~numeric))
            return _of_numbers(found.spread(numbers, np.nan), wrong, name)
    return _of_dates(found, name, settings)


def _of_numbers(values: NDArray[np.float64], wrong: tuple[tuple[int, str], ...], name: str) -> Moments:
    finite = values[np.isfinite(values)]
    if not len(finite):
        raise UserError(f"{name} holds no number that is finite", "set it to a column with dates or numbers")
    low, high = float(finite.min()), float(finite.max())
    for factor, unit in ((1.0, "seconds"), (1e3, "milliseconds"), (1e6, "microseconds"), (1e9, "nanoseconds")):
        if _SECONDS[0] <= low / factor and high / factor <= _SECONDS[1]:
            return Moments(values / factor, "dates", wrong, (f"{name} is read as {unit} since 1970",), False)
    whole = np.unique(finite)
    if len(whole) <= 50_000 and all(value.is_integer() and _COMPACT.fullmatch(f"{value:.0f}") for value in whole):
        days = {value: _day(value) for value in whole.tolist()}
        if None not in days.values():
            seconds = np.array([days.get(value, np.nan) for value in values.tolist()], dtype=np.float64)
            return Moments(seconds, "dates", wrong, (f"{name} is read as dates, year month day",), True)
    infinite = tuple((int(row), str(values[row])) for row in np.flatnonzero(np.isinf(values)))
    return Moments(np.where(np.isinf(values), np.nan, values), "values", (*wrong, *infinite), (), False)


def _day(number: float) -> float | None:
    text = f"{number:.0f}"
    try:
        return datetime(int(text[:4]), int(text[4:6]), int(text[6:]), tzinfo=UTC).timestamp()
    except ValueError:
        return None


def _of_dates(found: Distinct, name: str, settings: Settings) -> Moments:
    form = agreed_form(found.texts, name, settings.dates)
    written = [parse(text, form) for text in found.texts]
    if not any(written):
        raise UserError(
            f"{name} holds neither dates nor numbers, for example {found.texts[0][:40]!r}",
            "set it to another column, or history.dates to the pattern of its dates, for example %d.%m.%Y %H:%M",
        )
    seconds = _all_seconds(written, settings.zone)
    bad = np.isnan(seconds)
    zoned = sum(moment.moment.tzinfo is not None for moment in written if moment)
    notes = []
    if 0 < zoned < sum(moment is not None for moment in written):
        notes.append(f"{name}: some moments say their time zone and others do not; these are taken as {settings.zone}")
    return Moments(
        found.spread(seconds, np.nan),
        "dates",
        tuple((int(row), found.texts[found.codes[row]]) for row in found.rows_of(bad)),
        tuple(notes),
        not any(moment.timed for moment in written if moment),
    )


def _all_seconds(written: Sequence[Written | None], zone: str) -> NDArray[np.float64]:
    """[k] Seconds since 1970; NaN where there is no date."""
    if zone == "UTC" and all(moment is None or moment.moment.tzinfo is None for moment in written):
        naive = [None if moment is None else moment.moment for moment in written]
        moments = np.array(naive, dtype="datetime64[us]")
        return np.where(np.isnat(moments), np.nan, moments.astype(np.int64) / 1e6)
    known = ZoneInfo(zone)
    return np.array([float("nan") if moment is None else _seconds(moment.moment, known) for moment in written])


def _seconds(moment: datetime, zone: ZoneInfo) -> float:
    # An hour that the clocks repeat is its first pass; one that they skip is moved on by as much. The first and last
    # hours of the calendar, which stand for "never" in many exports, are none in UTC, but have their seconds.
    placed = moment if moment.tzinfo else moment.replace(tzinfo=zone)
    offset = placed.utcoffset() or timedelta(0)
    return (moment.replace(tzinfo=UTC) - _EPOCH).total_seconds() - offset.total_seconds()


def date_column(found: Distinct, settings: Settings) -> NDArray[np.float64] | None:
    """Seconds since 1970 of a feature column that holds dates and nothing else; None for every other.

    Args:
        found: Its texts.
        settings: Zone and form of the dates.
    """
    if not found.texts or not looks_like_date(found.texts[0]):
        return None
    form: Form = "iso" if settings.dates == "auto" else settings.dates
    written = []
    for text in found.texts:
        written.append(parse(text, form))
        if written[-1] is None:
            return None
    return found.spread(_all_seconds(written, settings.zone), np.nan)
