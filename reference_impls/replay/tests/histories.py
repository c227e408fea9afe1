"""Histories with a drift that is known, or with none."""

import itertools

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types

from ...history.base import History, Task
from ...history.windows import Window

ROWS, WINDOWS = 80, 8


def turning(
    *, degrees: float = 25.0, task: Task = "classification", delay: float = 0.0, seed: int = 0, rows: int = ROWS
) -> History:
    """Rows whose relation to the target turns by so many degrees with each window; 0 for no drift.

    Args:
        degrees: By window.
        task: What is predicted.
        delay: Of the labels, in rows.
        seed: Of the rows.
        rows: Of a window.
    """
    generator = np.random.default_rng(seed)
    count = rows * WINDOWS
    given = generator.normal(size=(count, 4))
    angle = np.deg2rad(degrees) * (np.arange(count) // rows)
    signal = given[:, 0] * np.cos(angle) + given[:, 1] * np.sin(angle) + 0.2 * generator.normal(size=count)
    time = np.arange(1, count + 1, dtype=np.float64)
    target = signal if task == "regression" else np.where(signal > 0, "up", "down").astype(object)
    return History(
        features=pd.DataFrame(given, columns=["a", "b", "c", "d"]),
        kinds=dict.fromkeys("abcd", "number"),
        time=time,
        known=time + delay,
        target=target,
        places=tuple(f"turning.csv:{row + 2}" for row in range(count)),
        task=task,
        clock="rows",
    )


def windows_of(history: History, count: int = WINDOWS) -> tuple[Window, ...]:
    """So many windows of equal length."""
    edges = np.linspace(0, len(history), count + 1).astype(int).tolist()
    return tuple(
        Window(number, start, stop, float(history.time[start]), float(history.time[stop - 1]), f"window {number}")
        for number, (start, stop) in enumerate(itertools.pairwise(edges), start=1)
    )
