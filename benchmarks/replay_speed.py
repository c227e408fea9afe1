"""The replay of policies on 50,000 rows by 20 columns: how long it takes, and its incremental policy beside river.

    python benchmarks/replay_speed.py [--rows 50000] [--kind boosting] [--processes 2]

The rows are made: 16 numbers (some missing) and 4 categories, a target of two classes whose relation to them turns
slowly, a twelfth of the rows a window. All policies of the default settings are replayed, once, from nothing kept.

river (PyPI) is the well-known library of incremental learning. Where it can be imported, its logistic regression learns
the same rows with scaled numbers, one-hot categories and filled gaps, in two ways: window by window, as our incremental
policy does (each window is predicted, then learnt, as a table), and row by row, as river is meant to be used: each row
is predicted, then learnt at once, which gives it fresher models than any policy of windows has. A table is one step of
gradient descent to river, so that it learns little from few large ones. All three run in this process, one after the
other, on one thread; rows a second count prediction and learning. river needs an older pandas
than the project may have, so install it apart, beside what is there:

    pip install --no-deps --target DIR river==0.26.1
    PYTHONPATH=DIR python benchmarks/replay_speed.py
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from typing import Any

# Each process of the replay has one thread, and so have the peers; libraries look here when they are loaded.
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")

import numpy as np
import pandas as pd  # type: ignore[import-untyped]

from reference_impls.drift.settings import Settings as DriftSettings
from reference_impls.history.base import History
from reference_impls.history.settings import Settings as HistorySettings
from reference_impls.history.windows import Window, cut
from reference_impls.predictors.settings import Settings as PredictorSettings
from reference_impls.replay.base import Policy
from reference_impls.replay.choice import choose
from reference_impls.replay.replay import replay
from reference_impls.replay.settings import Settings
from reference_impls.replay.table import replay_table

NUMBERS, CATEGORIES, WINDOWS = 16, 4, 12


def made(rows: int, seed: int = 0) -> History:
    generator = np.random.default_rng(seed)
    numbers = generator.normal(size=(rows, NUMBERS))
    categories = generator.integers(0, 6, size=(rows, CATEGORIES))
    angle = np.linspace(0.0, np.pi / 2, rows)
    effects = generator.normal(size=(CATEGORIES, 6))
    signal = (
        2.0 * (numbers[:, 0] * np.cos(angle) + numbers[:, 1] * np.sin(angle))
        + numbers[:, 2:8] @ np.linspace(1.0, 0.2, 6)
        + numbers[:, 8] * numbers[:, 9]
        + sum(effects[column, categories[:, column]] for column in range(CATEGORIES))
    )
    target = np.where(signal + generator.logistic(size=rows) > 0, "yes", "no").astype(object)
    numbers[generator.random(size=numbers.shape) < 0.02] = np.nan
    names = [f"number {place + 1}" for place in range(NUMBERS)]
    features = pd.DataFrame(numbers, columns=names)
    for column in range(CATEGORIES):
        features[f"category {column + 1}"] = np.array(list("abcdef"), dtype=object)[categories[:, column]]
        features[f"category {column + 1}"] = features[f"category {column + 1}"].astype(object)
    time_of = np.arange(1, rows + 1, dtype=np.float64)
    return History(
        features=features,
        kinds={name: "number" if name in names else "category" for name in features.columns},
        time=time_of,
        known=time_of.copy(),
        target=target,
        places=tuple(f"made:{row}" for row in range(1, rows + 1)),
        task="classification",
        clock="rows",
    )


def scaled_linear(river: Any, history: History) -> Any:
    """Numbers scaled, categories one-hot, then a logistic regression, all learnt as the rows come."""
    named = [[name for name, kind in history.kinds.items() if kind == wanted] for wanted in ("number", "category")]
    numbers = river.compose.Select(*named[0]) | river.preprocessing.StandardScaler()
    categories = river.compose.Select(*named[1]) | river.preprocessing.OneHotEncoder()
    return (numbers + categories) | river.linear_model.LogisticRegression()


def by_window(river: Any, history: History, windows: tuple[Window, ...]) -> tuple[float, float]:
    """Accuracy over all windows but the first, and rows a second."""
    # river's table form takes no gaps in numbers, so that a gap is 0, near the mean.
    table = history.features.fillna(dict.fromkeys([n for n, kind in history.kinds.items() if kind == "number"], 0.0))
    target = pd.Series(history.target == "yes")
    model, right, judged, begun = scaled_linear(river, history), 0, 0, time.perf_counter()
    for window in windows:
        rows, labels = table.iloc[window.start : window.stop], target.iloc[window.start : window.stop]
        if window.number > 1:
            found = np.asarray(model.predict_many(rows), dtype=bool)
            right, judged = right + int((found == labels.to_numpy()).sum()), judged + len(rows)
        model.learn_many(rows, labels)
    return right / judged, len(history) / (time.perf_counter() - begun)


def by_row(river: Any, history: History, windows: tuple[Window, ...]) -> tuple[float, float]:
    """The same, row by row."""
    model, right, begun = scaled_linear(river, history), 0, time.perf_counter()
    first = windows[1].start
    for place, (row, label) in enumerate(_rows(history)):
        if place >= first:
            right += bool(model.predict_one(row)) == label
        model.learn_one(row, label)
    return right / (len(history) - first), len(history) / (time.perf_counter() - begun)


def _rows(history: History) -> Iterator[tuple[dict[str, Any], bool]]:
    names = list(history.features.columns)
    numbers = {name for name, kind in history.kinds.items() if kind == "number"}
    for values, label in zip(history.features.itertuples(index=False, name=None), history.target, strict=True):
        row = dict(zip(names, values, strict=True))
        yield {n: 0.0 if n in numbers and np.isnan(value) else value for n, value in row.items()}, label == "yes"


def main() -> None:
    options = argparse.ArgumentParser(description="Time of a replay, and its incremental policy beside river.")
    options.add_argument("--rows", type=int, default=50_000)
    options.add_argument("--kind", default="boosting", choices=["linear", "incremental", "forest", "boosting"])
    options.add_argument("--processes", type=int, default=2)
    chosen = options.parse_args()
    history = made(chosen.rows)
    windows = cut(history, HistorySettings(target="target", window=str(chosen.rows // WINDOWS)))
    predictors = PredictorSettings(kind=chosen.kind)
    begun = time.perf_counter()
    replayed = replay(history, windows, Settings(), predictors, DriftSettings(), processes=chosen.processes)
    print(replay_table(replayed, choose(replayed)))
    kinds = len({each.kind for each in replayed.policies})
    print(
        f"\n{chosen.rows:,} rows x {len(history.kinds)} columns, {len(replayed.policies)} policies of {kinds} kinds, "
        f"{chosen.processes} processes: {time.perf_counter() - begun:.1f} s"
    )

    alone = (Policy("never", "never", 0), Policy("incremental", "incremental"))
    ours = replay(
        history, windows, Settings(), PredictorSettings(kind="linear"), DriftSettings(), alone, processes=1
    ).played("incremental")
    print(f"\nincremental, on windows 2 to {len(windows)}:")
    print(f"  ours, by window   accuracy {ours.metric:.4f}, {len(history) / ours.seconds:>9,.0f} rows a second")
    try:
        river = import_module("river")
        for name in ("compose", "linear_model", "preprocessing"):
            import_module(f"river.{name}")
    except ImportError:
        sys.exit("river is the peer of this benchmark; next: pip install --no-deps --target DIR river==0.26.1")
    for name, run in (("by window", by_window), ("row by row", by_row)):
        accuracy, rate = run(river, history, windows)
        print(f"  river, {name:<10} accuracy {accuracy:.4f}, {rate:>9,.0f} rows a second")


if __name__ == "__main__":
    main()
