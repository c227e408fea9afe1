"""Histories that the tests of this room learn from."""

from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types

from ...history.base import History, Kind, Task

NAMES = np.array(["low", "middle", "high"], dtype=object)


def history_of(features: dict[str, Any], target: Any, task: Task, time: Any = None) -> History:
    """A history from columns; lists of str are categories, unless they hold spaces."""
    kinds: dict[str, Kind] = {}
    made: dict[str, pd.Series] = {}
    for name, values in features.items():
        cells = list(values)
        if any(isinstance(cell, str) for cell in cells):
            kinds[name] = "text" if any(" " in (cell or "") for cell in cells) else "category"
            made[name] = pd.Series(cells, dtype=object)
        else:
            kinds[name] = "number"
            made[name] = pd.Series(cells, dtype=np.float64)
    rows = len(target)
    moments = np.arange(rows, dtype=np.float64) if time is None else np.asarray(time, dtype=np.float64)
    values = np.asarray(target, dtype=object if task == "classification" else np.float64)
    missing = np.array([value is None or (task == "regression" and np.isnan(value)) for value in values], dtype=bool)
    return History(
        pd.DataFrame(made, index=pd.RangeIndex(rows)),
        kinds,
        moments,
        np.where(missing, np.inf, moments),
        values,
        tuple(f"t.csv:{row + 2}" for row in range(rows)),
        task,
        "rows" if time is None else "values",
    )


def mixed(rows: int, task: Task, seed: int = 0) -> History:
    """Numbers, a category and a text, all with holes; each of them says something of the target."""
    random = np.random.default_rng(seed)
    number, skewed = random.normal(size=rows), random.exponential(size=rows)
    category = random.choice(["red", "green", "blue"], rows).astype(object)
    good = random.random(rows) < 0.5
    text = np.array([f"it is {'good' if each else 'bad'} number {n}" for n, each in enumerate(good)], dtype=object)
    value = number + skewed + (category == "red") + good
    number[::7], category[::11], text[::13] = np.nan, None, None
    target = NAMES[np.digitize(value, [1.2, 2.6])] if task == "classification" else value
    return history_of({"number": number, "skewed": skewed, "category": category, "text": text}, target, task)
