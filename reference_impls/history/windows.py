"""Windows of time: by a number of rows, by a duration of the calendar, or one for each value of the ordering column."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np

from ..project_base.errors import UserError
from .base import History
from .durations import Duration, duration
from .settings import Settings

_FEW_WINDOWS, _MANY_WINDOWS, _WANTED_WINDOWS = 6, 40, 12
"""A replay wants enough windows to compare policies by, each with enough rows to measure."""
_FEWEST_ROWS = 30
_MOST_WINDOWS = 10_000
_NATURAL = ("1h", "6h", "1d", "7d", "1mo", "3mo", "1y")


@dataclass(frozen=True)
class Window:
    """A span of rows.

    Attributes:
        number: Counted from 1.
        start: Position of its first row.
        stop: Position behind its last row.
        begins: The moment from which it counts.
        ends: The moment at which it is over. Take the labels known by then among the rows before `stop`:
            `history.labelled_by(window.ends, window.stop)`.
        name: How it is told to people.
    """

    number: int
    start: int
    stop: int
    begins: float
    ends: float
    name: str

    def __len__(self) -> int:
        return self.stop - self.start


def cut(history: History, settings: Settings) -> tuple[Window, ...]:
    """The windows of a history, in the order of time; every row stands in one, and rows of one moment in the same.

    Args:
        history: Not empty.
        settings: `window` says how.

    Raises:
        UserError: The windows fit the history badly: a duration without dates, fewer than two windows, or far too many.
    """
    wanted = _automatic(history) if settings.window == "auto" else settings.window
    span = duration(wanted)
    if span is not None:
        windows = _by_duration(history, span)
    elif wanted == "values":
        windows = _by_moment(history)
    else:
        windows = _by_rows(history, int(wanted))
    if len(windows) < 2:
        raise UserError(
            f"history.window {wanted} makes only one window of {len(history):,} rows "
            f"({history.name_of(history.time[0])} to {history.name_of(history.time[-1])})",
            "set history.window to fewer rows or a shorter duration, or give a longer history",
        )
    return windows


def _automatic(history: History) -> str:
    count = len(history)
    moments = len(np.unique(history.time))
    if history.clock == "values" and 2 <= moments <= _MANY_WINDOWS and count >= _FEWEST_ROWS * moments:
        return "values"
    if history.clock == "dates":
        days = (history.time[-1] - history.time[0]) / 86_400
        lengths = {"1h": 1 / 24, "6h": 0.25, "1d": 1.0, "7d": 7.0, "1mo": 30.44, "3mo": 91.3, "1y": 365.25}
        fitting = {
            name: number
            for name in _NATURAL
            if _FEW_WINDOWS <= (number := days / lengths[name]) <= _MANY_WINDOWS and count >= _FEWEST_ROWS * number
        }
        if fitting:
            return min(fitting, key=lambda name: abs(np.log(fitting[name] / _WANTED_WINDOWS)))
    return str(max(1, -(-count // _WANTED_WINDOWS), min(_FEWEST_ROWS, count // 2)))


def _by_rows(history: History, rows: int) -> tuple[Window, ...]:
    count = len(history)
    edges = [0]
    while count - edges[-1] >= 1.5 * rows:
        wanted = edges[-1] + rows
        moment = history.time[wanted]
        first = int(np.searchsorted(history.time, moment, "left"))
        behind = int(np.searchsorted(history.time, moment, "right"))
        # Whole moments only: the edge moves to the nearer end of the moment that it would divide.
        edge = first if first > edges[-1] and wanted - first <= behind - wanted else behind
        if edge >= count:
            break
        edges.append(edge)
    return _between(history, [*edges, count])


def _by_moment(history: History) -> tuple[Window, ...]:
    moments, starts = np.unique(history.time, return_index=True)
    if len(moments) > _MOST_WINDOWS:
        raise UserError(
            f"the ordering column has {len(moments):,} values, too many for a window each (at most {_MOST_WINDOWS:,})",
            "set history.window to a number of rows or a duration",
        )
    return _between(history, [*starts.tolist(), len(history)])


def _between(history: History, edges: list[int]) -> tuple[Window, ...]:
    windows = []
    for number, (start, stop) in enumerate(pairwise(edges), start=1):
        begins, ends = float(history.time[start]), float(history.time[stop - 1])
        first, last = history.name_of(begins), history.name_of(ends)
        windows.append(Window(number, start, stop, begins, ends, first if begins == ends else f"{first} to {last}"))
    return tuple(windows)


def _by_duration(history: History, span: Duration) -> tuple[Window, ...]:
    if history.clock != "dates":
        raise UserError(
            f"history.window is the duration {span.text}, and the rows are ordered by "
            f"{history.ordering or 'their place'}, which is no date",
            "set history.time to a column of dates, or history.window to a number of rows",
        )
    try:
        bounds = np.array(list(_bounds(history, span)))
    except (OverflowError, ValueError) as error:
        first, last = (history.name_of(float(history.time[place])) for place in (0, -1))
        raise UserError(
            f"the rows go from {first} to {last}, and windows of {span.text} would leave the calendar",
            "where such a date means that there is none, add it to history.missing; or set history.window to a number "
            "of rows",
        ) from error
    starts = np.searchsorted(history.time, bounds, "left")
    windows: list[Window] = []
    for begins, ends, start, stop in zip(bounds, bounds[1:], starts, starts[1:], strict=False):
        # A span in which nothing came is no window; the next one begins where rows come again.
        if stop > start:
            name = _span_name(history, float(begins), float(ends), span)
            windows.append(Window(len(windows) + 1, int(start), int(stop), float(begins), float(ends), name))
    return tuple(windows)


def _bounds(history: History, span: Duration) -> Iterator[float]:
    """From the beginning of the first row's span to the first moment behind the last row."""
    first = datetime.fromtimestamp(0, UTC) + timedelta(seconds=float(history.time[0]))
    begin = first.astimezone(ZoneInfo(history.zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    last = float(history.time[-1])
    about = (last - history.time[0]) / (span.seconds or span.months * 30.44 * 86_400)
    if about > _MOST_WINDOWS:
        raise UserError(
            f"history.window {span.text} makes about {about:,.0f} windows of this history (at most {_MOST_WINDOWS:,})",
            "set history.window to a longer duration",
        )
    if span.months:
        begin = begin.replace(day=1, month=begin.month if span.months % 12 else 1)
        if span.months % 12 and 12 % span.months == 0:
            begin = begin.replace(month=(begin.month - 1) // span.months * span.months + 1)
    elif span.seconds < 86_400:
        begin += timedelta(seconds=(first - begin).total_seconds() // span.seconds * span.seconds)
    step = 0
    while True:
        bound = _after(begin, span, step)
        yield bound.timestamp()
        if bound.timestamp() > last:
            return
        step += 1


def _after(begin: datetime, span: Duration, steps: int) -> datetime:
    if span.months:
        years, month = divmod(begin.month - 1 + span.months * steps, 12)
        return begin.replace(year=begin.year + years, month=month + 1)
    if span.seconds % 86_400:
        return begin.astimezone(UTC) + timedelta(seconds=span.seconds * steps)
    # Days of the wall clock: a day on which the clocks change has 23 or 25 hours.
    return begin + timedelta(seconds=span.seconds * steps)


def _span_name(history: History, begins: float, ends: float, span: Duration) -> str:
    first = history.name_of(begins)
    if span.months == 1:
        return first[:7]
    if span.months == 12:
        return first[:4]
    if span.seconds == 86_400:
        return first
    day = 86_400 if not span.seconds % 86_400 else 0
    return f"{first} to {history.name_of(ends - (day or 1))}"
