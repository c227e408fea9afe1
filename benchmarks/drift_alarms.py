"""Drift: how often it is seen where there is none, and how soon where there is some.

    python benchmarks/drift_alarms.py DATA [--seeds 100] [--processes 2] [--only NAME]...

DATA is the folder of the public data sets (gas_sensor_drift, bike_sharing); by default it is $ADVISOR_DATA.

False alarms: the rows of a real history are dealt to its moments at random, once for each seed, so that nothing can
have drifted, and the whole history is watched at level .01: every window against the first, all columns, the
classifier, labels, predictions and errors of a model of the first window. One alarm in any window makes the history a
false alarm.
`days` keeps the hours of a day together and deals whole days (bike_sharing), `memory` are series whose neighbours
correlate by .9 and .99 with errors that do, too: rows in the order of time are not independent, and a test that takes
them for it sees drift everywhere. For comparison the same histories are judged as is usual: a column has drifted where
the textbook test (Kolmogorov-Smirnov, chi-square) gives p below .01 after Bonferroni's correction for the columns.

Delays: into the shuffled real rows and into made ones a known change is put from a known window on: one standard
deviation of one random number column, at once (sudden), for a growing share of the rows over four windows (gradual), or
in two windows, then not, then again (recurring); or the relation of inputs and target changes and the inputs do not
(relation). The delay counts windows from the one in which the change begins: 0 is the first that could show it.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from functools import cache, partial
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
from numpy.typing import NDArray

from reference_impls.drift.base import Watched
from reference_impls.drift.settings import Settings
from reference_impls.drift.tests.drifting import CHANGES, GROWS, Change, cut, drifting, made, share_changed
from reference_impls.drift.watch import watch
from reference_impls.history.base import History, shuffled
from reference_impls.history.windows import Window

Case = tuple[History, tuple[Window, ...], NDArray[Any] | None]

LEVEL = 0.01
BATCHES = (1, 2, 3, 4, 5, 6, 8, 9)
HOURS = 2172


@dataclass(frozen=True)
class Judged:
    """What one history showed."""

    first: int | None
    usual: bool
    alarms: tuple[int, ...]
    seconds: float


@cache
def gas(data: Path) -> tuple[History, tuple[Window, ...]]:
    """gas_sensor_drift: 128 sensor columns, a window for each batch; the concentration is left out."""
    batches = [pd.read_csv(data / "gas_sensor_drift" / f"batch{number}.dat", header=None) for number in BATCHES]
    rows = pd.concat(batches, ignore_index=True)
    features = rows.iloc[:, 2:].astype(np.float64)
    features.columns = [f"sensor {number}" for number in range(1, features.shape[1] + 1)]
    moments = np.repeat(np.array(BATCHES, dtype=np.float64), [len(batch) for batch in batches])
    history = made(
        features, dict.fromkeys(features, "number"), rows[0].to_numpy(dtype=object), "classification", moments
    )
    edges = np.cumsum([0, *map(len, batches)]).tolist()
    windows = tuple(
        Window(place + 1, edges[place], edges[place + 1], float(number), float(number), f"batch {number}")
        for place, number in enumerate(BATCHES)
    )
    return history, windows


@cache
def bikes(data: Path) -> tuple[History, tuple[Window, ...]]:
    """bike_sharing by the hour, in windows of 2,172 rows; without the year, `casual` and `registered`."""
    rows = pd.read_csv(data / "bike_sharing" / "hour.csv")
    kinds: dict[str, Any] = dict.fromkeys(("hr", "temp", "atemp", "hum", "windspeed"), "number")
    kinds |= dict.fromkeys(("season", "mnth", "holiday", "weekday", "workingday", "weathersit"), "category")
    features = pd.DataFrame(
        {
            name: rows[name].astype(np.float64) if kind == "number" else rows[name].astype(str).astype(object)
            for name, kind in kinds.items()
        }
    )
    days = (pd.to_datetime(rows["dteday"]) - pd.Timestamp(0)).dt.days.to_numpy(dtype=np.float64)
    moments = days * 86_400 + rows["hr"].to_numpy() * 3600.0
    history = made(features, kinds, rows["cnt"].to_numpy(dtype=np.float64), time=moments)
    windows = cut(len(rows) // HOURS * HOURS, len(rows) // HOURS)
    return history, (*windows[:-1], replace(windows[-1], stop=len(rows)))


def dealt_days(history: History, seed: int) -> History:
    """Whole days in random order, each with its hours: neighbouring rows are alike, and nothing can have drifted."""
    days = np.flatnonzero(np.diff(history.time // 86_400, prepend=-1))
    pieces = np.split(np.arange(len(history)), days[1:])
    order = np.random.default_rng(seed).permutation(len(pieces))
    dealt = history.take(np.concatenate([pieces[day] for day in order]))
    return replace(dealt, time=history.time, known=history.known)


def predicted(history: History, windows: tuple[Window, ...]) -> NDArray[Any]:
    """Predictions of a model of the first window for all later rows; none for its own."""
    from sklearn.ensemble import (  # type: ignore[import-untyped]
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    numbers = pd.DataFrame(
        {
            name: values if history.kinds[name] == "number" else pd.factorize(values, sort=True)[0].astype(np.float64)
            for name, values in history.features.items()
        }
    ).to_numpy()
    stop = windows[0].stop
    classify = history.task == "classification"
    kind = HistGradientBoostingClassifier if classify else HistGradientBoostingRegressor
    model = kind(max_iter=30, early_stopping=False, random_state=0).fit(numbers[:stop], history.target[:stop])
    later = model.predict(numbers[stop:])
    empty = np.full(stop, None if classify else np.nan, dtype=object if classify else np.float64)
    return np.concatenate([empty, later.astype(empty.dtype)])


def moved(history: History, windows: tuple[Window, ...], change: Change, seed: int) -> History:
    """The same rows with one number column moved by one standard deviation, from the middle window on."""
    draw = np.random.default_rng([seed, 5])
    columns = [name for name, kind in history.kinds.items() if kind == "number" and history.features[name].std() > 0]
    name = columns[draw.integers(len(columns))]
    share = np.zeros(len(history))
    begin = beginning(windows)
    for place, window in enumerate(windows):
        # The plan of the change is made for ten equal windows, and begins with the sixth.
        at = (place - begin + CHANGES + 0.5) / 10
        share[window.start : window.stop] = share_changed(change, 1000)[min(999, int(at * 1000))]
    features = history.features.copy()
    new = draw.random(len(history)) < share
    features[name] = features[name] + new * features[name].std()
    return replace(history, features=features)


def beginning(windows: tuple[Window, ...]) -> int:
    """Place of the window in which a change begins."""
    return len(windows) // 2


def real_control(load: Callable[[Path], tuple[History, tuple[Window, ...]]], deal: Any, data: Path, seed: int) -> Case:
    """Rows of a real history in random order."""
    history, windows = load(data)
    control = deal(history, seed)
    return control, windows, predicted(control, windows)


def real_change(
    load: Callable[[Path], tuple[History, tuple[Window, ...]]], change: Change, data: Path, seed: int
) -> Case:
    """The same, with a change that is known."""
    history, windows = load(data)
    return moved(shuffled(history, seed), windows, change, seed), windows, None


def made_case(change: Change, memory: float, _data: Path, seed: int) -> Case:
    """A made history of ten windows of 500 rows: numbers, a category and a text."""
    history, predictions = drifting(change, seed, memory=memory)
    return history, cut(len(history)), predictions


Make = Callable[[Path, int], Case]
CONTROLS: dict[str, Make] = {
    "gas, rows shuffled": partial(real_control, gas, shuffled),
    "bikes, rows shuffled": partial(real_control, bikes, shuffled),
    "bikes, days shuffled": partial(real_control, bikes, dealt_days),
    "made, independent": partial(made_case, "none", 0.0),
    "made, memory .9": partial(made_case, "none", 0.9),
    "made, memory .99": partial(made_case, "none", 0.99),
}
REAL: dict[str, Make] = {
    f"{name}, {change}": partial(real_change, load, change)
    for name, load in (("gas", gas), ("bikes", bikes))
    for change in ("sudden", "gradual", "recurring")
}
MADE: dict[str, Make] = {
    f"made, {change}": partial(made_case, change, 0.0)
    for change in ("sudden", "gradual", "recurring", "relation", "labels", "category", "missing", "words")
}
CHANGED = REAL | MADE


def judged(make: Make, data: Path, seed: int) -> Judged:
    """Watches one history."""
    history, windows, predictions = make(data, seed)
    started = time.perf_counter()
    watched = watch(history, windows, Settings(level=LEVEL, seed=seed), predictions)
    seconds = time.perf_counter() - started
    alarms = tuple(each.window for each in watched.windows if each.drift.verdict == "drift")
    return Judged(watched.first, usual(watched), alarms, seconds)


def usual(watched: Watched) -> bool:
    """Whether the textbook tests see drift, corrected for the columns and not for the windows."""
    return any(
        shift.p_if_independent * len(window.drift.columns) < LEVEL
        for window in watched.windows
        for shift in window.drift.columns
    )


def all_judged(make: Make, data: Path, seeds: range, processes: int) -> list[Judged]:
    """Watches a history for each seed."""
    if processes == 1:
        return [judged(make, data, seed) for seed in seeds]
    with ProcessPoolExecutor(processes, mp_context=get_context("spawn")) as pool:
        return list(pool.map(partial(judged, make, data), seeds))


def control_lines(data: Path, seeds: range, processes: int, only: list[str]) -> Iterator[str]:
    """Rows of the table of false alarms."""
    for name, make in CONTROLS.items():
        if not only or name in only:
            found = all_judged(make, data, seeds, processes)
            alarms = sum(each.first is not None for each in found)
            usual_alarms = sum(each.usual for each in found)
            seconds = np.median([each.seconds for each in found])
            yield f"| {name} | {alarms} of {len(found)} | {usual_alarms} of {len(found)} | {seconds:.1f} |"


def delay_lines(data: Path, seeds: range, processes: int, only: list[str]) -> Iterator[str]:
    """Rows of the table of delays."""
    for name, make in CHANGED.items():
        if only and name not in only:
            continue
        found = all_judged(make, data, seeds, processes)
        begin = CHANGES if name.startswith("made") else beginning(make(data, 0)[1])
        delays = [next((alarm - 1 - begin for alarm in each.alarms if alarm > begin), None) for each in found]
        early = sum(any(alarm <= begin for alarm in each.alarms) for each in found)
        seen = [delay for delay in delays if delay is not None]
        spread = f"{np.median(seen):.0f} | {max(seen)}" if seen else "- | -"
        yield f"| {name} | {len(seen)} of {len(found)} | {spread} | {early} |"


def main() -> None:
    """Prints both tables."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("data", type=Path, nargs="?", default=Path(os.environ.get("ADVISOR_DATA", ".")))
    parser.add_argument("--seeds", type=int, default=100)
    parser.add_argument("--first", type=int, default=0, help="the first seed")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--only", action="append", default=[], choices=[*CONTROLS, *CHANGED])
    given = parser.parse_args()
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    seeds = range(given.first, given.first + given.seeds)
    print(f"level {LEVEL}, seeds {seeds.start} to {seeds.stop - 1}; a gradual change takes {GROWS} windows")
    print("| no drift | false alarms | textbook tests | seconds a history |\n|---|---|---|---|")
    for line in control_lines(given.data, seeds, given.processes, given.only):
        print(line, flush=True)
    print("\n| change | found | median delay in windows | longest | alarms before it |\n|---|---|---|---|---|")
    for line in delay_lines(given.data, seeds, given.processes, given.only):
        print(line, flush=True)


if __name__ == "__main__":
    main()
