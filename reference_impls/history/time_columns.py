"""Columns that stand for time: counters, years, versions. What a model learns from them never comes again."""

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray

from .base import History
from .leak import Leak

_TREND = 0.995
_BACK = 1e-3
_FEWEST_CHANGES = 3
_SMALLEST_SIDE = 0.01
_ROWS_A_VALUE = 5


def time_columns(history: History) -> list[Leak]:
    """Finds numbers that only ever rise or fall with time, and categories of which each has its own stretch of time.

    Args:
        history: In the order of time, with or without labels.
    """
    leaks = []
    for name, kind in history.kinds.items():
        if kind == "number":
            leak = _rises(name, history.features[name].to_numpy(np.float64), history.time)
        elif kind == "category":
            leak = _own_stretches(name, history.features[name].to_numpy(object))
        else:
            leak = None
        leaks += [leak] if leak else []
    return leaks


def _rises(name: str, values: NDArray[np.float64], time: NDArray[np.float64]) -> Leak | None:
    present = ~np.isnan(values)
    values, time = values[present], time[present]
    if len(values) < _ROWS_A_VALUE or np.ptp(values) == 0:
        return None
    steps = np.diff(values)
    up, down = int((steps > 0).sum()), int((steps < 0).sum())
    changes, back = up + down, min(up, down)
    if back <= _BACK * changes:
        # A single change says nothing where it parts off a few rows: an event that happened near the end.
        side = min((values == values[0]).mean(), (values == values[-1]).mean())
        if changes >= _FEWEST_CHANGES or side >= _SMALLEST_SIDE:
            way = "rises" if up > down else "falls"
            told = "never goes back" if not back else f"goes back {back:,} times"
            return Leak((name,), "stands for time", f"it {way} {changes - back:,} times and {told}", False)
        return None
    trend = float(np.corrcoef(pd.Series(values).rank(), pd.Series(time).rank())[0, 1]) if np.ptp(time) else 0.0
    if abs(trend) < _TREND:
        return None
    return Leak((name,), "stands for time", f"its rank correlation with time is {trend:.4f}", False)


def _own_stretches(name: str, values: NDArray[np.object_]) -> Leak | None:
    codes, found = pd.factorize(values)
    codes = codes[codes >= 0]
    if len(found) < 2 or len(codes) < _ROWS_A_VALUE * len(found):
        return None
    stretches = 1 + int((np.diff(codes) != 0).sum())
    smallest = float(np.bincount(codes).min()) / len(codes)
    if stretches > len(found) or (len(found) <= _FEWEST_CHANGES and smallest < _SMALLEST_SIDE):
        return None
    return Leak((name,), "stands for time", f"each of its {len(found):,} values has one stretch of time", False)
