"""The rows of a history in the order of time: what was known of each, when, and what came of it."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray

Task = Literal["classification", "regression"]
Kind = Literal["number", "category", "text"]
Clock = Literal["dates", "values", "rows"]
DateForm = Literal["before its row", "since 1970"]
"""From where the days of a column of dates are counted."""

FARTHEST = 1e30
"""Numbers beyond it are taken for it by whatever learns from them: trees compute in float32."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Columns:
    """The columns of a history and how they were read, so that later rows are read alike.

    Attributes:
        kinds: Of each feature column, in order.
        dates: From where the days of each column of dates are counted; None where nobody kept it.
        task: What the target was read for; None where that is open.
    """

    kinds: Mapping[str, Kind]
    dates: Mapping[str, DateForm] | None = None
    task: Task | None = None


@dataclass(frozen=True, eq=False)
class History:
    """Rows in ascending order of time; rows of one moment stand as they stood in the files.

    Attributes:
        features: [n, columns]; number columns float64 (NaN missing), category and text columns object (str, None
            missing). Its index has no meaning.
        kinds: Of each feature column, in the order of the columns.
        time: [n] float64, ascending: seconds since 1970 (UTC), the value of the ordering column, or the row number
            (from 1), as `clock` says.
        known: [n] float64 on the scale of `time`, never below it: from when on the label is known; +inf where it
            never came.
        target: [n] float64 for regression, object (str) for classification; NaN or None where `known` is +inf.
        places: [n] Where each row stands: `rides.csv:12`.
        task: What is predicted.
        clock: What `time` counts.
        ordering: The column that gave the time; empty for the order of the rows.
        zone: Time zone (IANA) in which dates are told and days begin.
        rows: [n] int64: the position that each row had in the files, from 0.
        dates: Feature columns that hold dates: numbers of days, and from where they are counted.
    """

    features: pd.DataFrame
    kinds: Mapping[str, Kind]
    time: NDArray[np.float64]
    known: NDArray[np.float64]
    target: NDArray[Any]
    places: tuple[str, ...]
    task: Task
    clock: Clock
    ordering: str = ""
    zone: str = "UTC"
    rows: NDArray[np.int64] = field(default_factory=lambda: np.arange(0))
    dates: Mapping[str, DateForm] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if len(self.rows) != len(self.places):
            object.__setattr__(self, "rows", np.arange(len(self.places)))

    def __len__(self) -> int:
        return len(self.places)

    def take(self, positions: NDArray[np.integer[Any]]) -> "History":
        """The rows at these positions, [k] int, in this order; ascending positions keep the order of time."""
        chosen = np.asarray(positions, dtype=np.int64)
        return replace(
            self,
            features=self.features.take(chosen).reset_index(drop=True),
            time=self.time[chosen],
            known=self.known[chosen],
            target=self.target[chosen],
            places=tuple(self.places[position] for position in chosen.tolist()),
            rows=self.rows[chosen],
        )

    def between(self, start: int, stop: int) -> "History":
        """The rows from position `start` to before `stop`, without copying their values."""
        part = slice(start, stop)
        return replace(
            self,
            features=self.features.iloc[part],
            time=self.time[part],
            known=self.known[part],
            target=self.target[part],
            places=self.places[part],
            rows=self.rows[part],
        )

    def labelled_by(self, moment: float, stop: int | None = None) -> NDArray[np.int64]:
        """Positions, ascending, of the rows whose label is known at `moment`.

        Args:
            moment: On the scale of `time`.
            stop: Looks at the rows before this position alone. A row of the very moment at which a window ends may
                already belong to the next window; the stop of the window keeps it out.
        """
        return np.flatnonzero(self.known[:stop] <= moment)

    def name_of(self, moment: float) -> str:
        """How a moment is told to people: `2024-03-01`, `batch 3`, `row 4000`."""
        if not np.isfinite(moment):
            return "never"
        if self.clock == "rows":
            return f"row {moment:.0f}"
        if self.clock == "values":
            return f"{self.ordering} {moment:.12g}".strip()
        return _date(moment, self.zone)


def _date(moment: float, zone: str) -> str:
    try:
        told = (_EPOCH + timedelta(seconds=moment)).astimezone(ZoneInfo(zone))
    except OverflowError:
        # The first and last hours of the calendar, which stand for "never", are none in other zones.
        return (datetime.max if moment > 0 else datetime.min).date().isoformat()
    day = told.date().isoformat()
    if told.hour == told.minute == told.second == 0:
        return day
    return f"{day} {told:%H:%M}" + (f":{told:%S}" if told.second else "")


def frame_of(columns: Mapping[str, NDArray[Any]]) -> pd.DataFrame:
    """A frame of feature columns, [n] float64 or object each; pandas alone would turn texts into its own type.

    Args:
        columns: By name, of equal length.
    """
    return pd.DataFrame({name: pd.Series(cells, dtype=cells.dtype) for name, cells in columns.items()})


def shuffled(history: History, seed: int) -> History:
    """The same moments with rows that are dealt to them at random: a history that cannot drift, as a control.

    Args:
        history: Any.
        seed: Of the order; the same seed gives the same rows.
    """
    dealt = history.take(np.random.default_rng(seed).permutation(len(history)))
    # A label comes as late as the row's own label did; the moments themselves stay where they were.
    return replace(dealt, time=history.time, known=history.time + (dealt.known - dealt.time))
