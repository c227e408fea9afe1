"""Histories with a known change, and histories without one whose neighbouring rows are alike."""

from itertools import pairwise
from typing import Literal

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray

from ...history.base import History, Kind, Task
from ...history.windows import Window

Change = Literal["none", "sudden", "gradual", "recurring", "relation", "labels", "words", "category", "missing"]

WINDOWS = 10
CHANGES = 5
"""Windows before the change: it begins with window 6."""
GROWS = 4
"""Windows over which a gradual change comes about."""
WORDS = ("delivery", "parcel", "invoice", "payment", "refund", "account", "password", "login", "email", "order")


def cut(rows: int, windows: int = WINDOWS) -> tuple[Window, ...]:
    """Windows of equal length."""
    edges = np.linspace(0, rows, windows + 1).astype(int).tolist()
    return tuple(
        Window(number, start, stop, float(start + 1), float(stop), f"window {number}")
        for number, (start, stop) in enumerate(pairwise(edges), start=1)
    )


def made(
    features: pd.DataFrame,
    kinds: dict[str, Kind],
    target: NDArray[np.float64] | NDArray[np.object_],
    task: Task = "regression",
    time: NDArray[np.float64] | None = None,
) -> History:
    """A history in the order of the rows, whose labels come at once."""
    count = len(features)
    moments = np.arange(1, count + 1, dtype=np.float64) if time is None else time
    return History(
        features=features,
        kinds=kinds,
        time=moments,
        known=moments,
        target=target,
        places=tuple(f"made:{row}" for row in range(count)),
        task=task,
        clock="rows" if time is None else "values",
    )


def share_changed(change: Change, rows: int, windows: int = WINDOWS) -> NDArray[np.float64]:
    """With which probability each row has the new distribution, float64 [rows]."""
    at = np.arange(rows) * windows / rows
    if change == "none":
        return np.zeros(rows)
    if change == "gradual":
        return np.clip((at - CHANGES) / GROWS, 0, 1)
    if change == "recurring":
        # Windows 6 and 7, then 10: it goes, and comes back.
        return np.isin(np.floor(at), [CHANGES, CHANGES + 1, CHANGES + 4]).astype(np.float64)
    return (at >= CHANGES).astype(np.float64)


def autoregressive(rows: int, columns: int, memory: float, draw: np.random.Generator) -> NDArray[np.float64]:
    """Series of mean 0 and variance 1 whose neighbours correlate with `memory`, float64 [rows, columns]."""
    from scipy.signal import lfilter  # type: ignore[import-untyped]  # scipy has no types

    noise = draw.normal(size=(rows, columns)) * np.sqrt(1 - memory**2)
    noise[0] /= np.sqrt(1 - memory**2)
    return np.asarray(lfilter([1.0], [1.0, -memory], noise, axis=0))


def drifting(
    change: Change, seed: int, rows: int = 5000, *, memory: float = 0.0, by: float = 1.0, task: Task = "regression"
) -> tuple[History, NDArray[np.float64] | NDArray[np.object_]]:
    """A history with a known change, and the predictions of a model that knows the relation of before.

    Args:
        change: What changes, from window 6 of 10 on.
        seed: Of everything.
        rows: Of the history.
        memory: Correlation of neighbouring rows in the numbers and in the errors.
        by: How many standard deviations the number `load` moves.
        task: Regression, or classification by the sign of the target.
    """
    draw = np.random.default_rng([seed, 77])
    numbers = autoregressive(rows, 4, memory, draw)
    new = draw.random(rows) < share_changed(change, rows)
    if change in {"sudden", "gradual", "recurring"}:
        numbers[:, 0] += by * new
    plans = np.where(draw.random(rows) < 0.7, "basic", "plus").astype(object)
    if change == "category":
        plans[new & (draw.random(rows) < 0.2)] = "gold"
    if change == "missing":
        numbers[new & (draw.random(rows) < 0.3), 1] = np.nan
    words = draw.integers(0, len(WORDS), (rows, 6))
    if change == "words":
        # Later, every third word is one of the first two.
        words = np.where(new[:, None] & (draw.random((rows, 6)) < 1 / 3), words % 2, words)
    comments = [" ".join(WORDS[word] for word in each) for each in words.tolist()]
    features = pd.DataFrame(
        {
            "load": numbers[:, 0],
            "speed": numbers[:, 1],
            "noise": numbers[:, 2],
            "plan": plans,
            "comment": pd.Series(comments, dtype=object),
        }
    )
    kinds: dict[str, Kind] = {
        "load": "number",
        "speed": "number",
        "noise": "number",
        "plan": "category",
        "comment": "text",
    }
    expected = 2 * numbers[:, 0] + 1.5 * numbers[:, 2]
    target = np.where(new & (change == "relation"), expected - 3 * numbers[:, 2], expected)
    target = target + autoregressive(rows, 1, memory, draw)[:, 0] + 1.5 * (new & (change == "labels"))
    if task == "classification":
        names = np.where(target > 0, "high", "low").astype(object)
        return made(features, kinds, names, task), np.where(expected > 0, "high", "low").astype(object)
    return made(features, kinds, target), expected
