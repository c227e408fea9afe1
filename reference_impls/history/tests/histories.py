"""Histories that are made rather than read."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..base import Clock, History, Kind, Task, frame_of


def made(
    columns: dict[str, NDArray[Any]],
    target: NDArray[Any],
    kinds: dict[str, Kind] | None = None,
    time: NDArray[np.float64] | None = None,
    known: NDArray[np.float64] | None = None,
    clock: Clock = "rows",
    ordering: str = "",
    zone: str = "UTC",
) -> History:
    """A history of these columns; floats are numbers and all else categories, unless `kinds` says otherwise."""
    rows = len(target)
    found: dict[str, Kind] = {n: "number" if c.dtype == np.float64 else "category" for n, c in columns.items()}
    task: Task = "regression" if target.dtype == np.float64 else "classification"
    moments = np.arange(1.0, rows + 1) if time is None else time
    return History(
        features=frame_of(columns),
        kinds={**found, **(kinds or {})},
        time=moments,
        known=moments if known is None else known,
        target=target,
        places=tuple(f"made.csv:{row + 2}" for row in range(rows)),
        task=task,
        clock=clock,
        ordering=ordering,
        zone=zone,
    )


def labels(flags: NDArray[np.bool_], yes: str = "yes", no: str = "no") -> NDArray[Any]:
    """[n] object: one of two labels each."""
    return np.where(flags, yes, no).astype(object)
