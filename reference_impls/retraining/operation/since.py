"""How much time has passed, in windows of the history: the unit in which policies count."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ...history.base import History
from ...history.windows import Window

DAY = 86_400.0


@dataclass(frozen=True)
class Length:
    """The length of a window.

    Attributes:
        days: Where the history has dates.
        moments: Different moments, where the rows are ordered by values; else 0.
        rows: Mean number of rows.
    """

    days: float | None
    moments: float
    rows: float


def length_of(history: History, windows: Sequence[Window]) -> Length:
    """The mean length of the windows of a history."""
    days = None
    if history.clock == "dates":
        days = (history.time[-1] - history.time[0]) / DAY / len(windows)
    moments = len(np.unique(history.time)) / len(windows) if history.clock == "values" else 0.0
    return Length(float(days) if days else None, moments, len(history) / len(windows))


def windows_since(history: History, moment: float, length: Length) -> float:
    """Windows from a moment to the newest row.

    Args:
        history: All rows that have come so far.
        moment: On its scale.
        length: Of a window.
    """
    newest = float(history.time[-1])
    if newest <= moment:
        return 0.0
    if length.days:
        return (newest - moment) / DAY / length.days
    after = int(np.searchsorted(history.time, moment, "right"))
    if length.moments:
        return len(np.unique(history.time[after:])) / length.moments
    return (len(history) - after) / length.rows
