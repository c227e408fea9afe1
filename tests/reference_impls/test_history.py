"""Properties of the history room: what holds for every order of rows, every cut, and for clean data of every kind."""

import hashlib
import os
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reference_impls.history.leakage import find_leaks
from reference_impls.history.reading import read_history
from reference_impls.history.settings import Settings
from reference_impls.history.tests.histories import labels, made
from reference_impls.history.windows import cut
from reference_impls.project_base.errors import UserError

QUICK = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@QUICK
@given(order=st.permutations(range(12)))
def test_the_order_of_the_rows_in_the_file_does_not_matter(tmp_path: Path, order: list[int]) -> None:
    rows = [f"2024-01-{day + 1:02},{day * day},{'abc'[day % 3]},{day}.5" for day in range(12)]
    path = tmp_path / "rows.csv"
    path.write_text("\n".join(["day,x,c,y", *(rows[place] for place in order)]), encoding="utf-8")
    history = read_history(path, Settings(target="y", time="day"))
    assert history.features["x"].tolist() == [float(day * day) for day in range(12)]
    assert history.target.tolist() == [day + 0.5 for day in range(12)]
    assert [order[row] for row in history.rows] == list(range(12))


@QUICK
@given(
    moments=st.lists(st.integers(0, 30), min_size=2, max_size=200),
    window=st.sampled_from(["1", "3", "10", "50", "values", "auto"]),
)
def test_windows_cover_every_row_once_and_divide_no_moment(moments: list[int], window: str) -> None:
    time = np.sort(np.array(moments, dtype=np.float64))
    values = np.arange(float(len(time)))
    history = made({"x": values}, values, time=time, clock="values")
    try:
        windows = cut(history, Settings(window=window))
    except UserError:
        # Only one window, for want of rows or of moments.
        assert len(set(moments)) == 1 or window not in {"1", "values"}
        return
    assert [window.start for window in windows] == [0, *(window.stop for window in windows[:-1])]
    assert windows[-1].stop == len(time)
    for before, after in pairwise(windows):
        assert time[before.stop - 1] < time[after.start]
        assert before.ends < after.begins or window == "values"
        assert history.labelled_by(before.ends).tolist() == list(range(before.stop))


@QUICK
@given(
    cells=st.lists(
        st.one_of(st.none(), st.floats(-1e9, 1e9).map(lambda value: round(value, 4))), min_size=3, max_size=40
    )
)
def test_numbers_come_back_as_they_were_written(tmp_path: Path, cells: list[float | None]) -> None:
    path = tmp_path / "numbers.csv"
    lines = [f"{'' if cell is None else cell},{row},{row}.5" for row, cell in enumerate(cells)]
    path.write_text("\n".join(["x,row,y", *lines]), encoding="utf-8")
    history = read_history(path, Settings(target="y"))
    if "x" in history.features:
        read = [None if np.isnan(value) else value for value in history.features["x"]]
        assert read == cells


def _clean(seed: int) -> tuple[dict[str, NDArray[Any]], NDArray[Any], NDArray[np.float64]]:
    """Columns of many kinds, a target that depends on some of them, and the newest labels still to come."""
    generator = np.random.default_rng(seed)
    rows = int(generator.choice([60, 150, 400, 2000]))
    columns: dict[str, NDArray[Any]] = {
        "normal": generator.normal(size=rows),
        "count": generator.poisson(generator.uniform(0.3, 50), rows).astype(float),
        "walk": np.cumsum(generator.normal(size=rows)),
        "rare": (generator.random(rows) < generator.uniform(0.01, 0.5)).astype(float),
        "amount": np.exp(generator.normal(size=rows)).round(2),
        "season": np.sin(np.arange(rows) / generator.integers(2, 30)) + 0.1 * generator.normal(size=rows),
        "shop": generator.choice([f"v{number}" for number in range(generator.integers(2, 30))], rows).astype(object),
    }
    for name, cells in columns.items():
        gaps = generator.random(rows) < generator.choice([0, 0, 0.02, 0.3])
        cells[gaps] = None if name == "shop" else np.nan
    score = sum(generator.normal() * np.nan_to_num(cells) for name, cells in columns.items() if name != "shop")
    score = np.asarray(score) / np.std(score) + generator.choice([0.3, 1, 3]) * generator.normal(size=rows)
    kind = generator.integers(3)
    target: NDArray[Any] = score if kind == 0 else np.maximum(0, score).round(2)
    if kind == 2:
        target = labels(score > np.quantile(score, generator.choice([0.5, 0.8, 0.95])))
    known = np.arange(1.0, rows + 1)
    late = int(rows * generator.choice([0, 0.1, 0.2]))
    known[rows - late :] = np.inf
    target[rows - late :] = None if kind == 2 else np.nan
    return columns, target, known


@pytest.mark.parametrize("start", [0, pytest.param(100, marks=pytest.mark.soak)])
def test_clean_data_hardly_ever_raises_an_alarm(start: int) -> None:
    """At most one column of a thousand; a random walk may look like a clock, and a rare event like a change."""
    seeds = range(start, start + 100 if start == 0 else start + 1000)
    alarms = blocking = looked_at = 0
    for seed in seeds:
        columns, target, known = _clean(seed)
        leaks = find_leaks(made(columns, target, known=known), Settings(target="y"))
        alarms += len(leaks)
        blocking += sum(leak.blocking for leak in leaks)
        looked_at += len(columns)
    assert alarms <= 2 + looked_at / 1000
    assert blocking <= looked_at / 5000


SUMS = {
    "bike_sharing/hour.csv": "e03de4ee4ef4dc376ac6e04bf829673c6269e8eba5c60fa121640fa2f829504f",
    "gas_sensor_drift/batch1.dat": "2ff13bf02d2156ee01d948a6d46202a6a95855709176d91728339fa510221861",
}


def _public(name: str) -> Path:
    """A file of the public data sets, as it was when the figures below were measured."""
    given = os.environ.get("ADVISOR_DATA")
    assert given, "set ADVISOR_DATA to the folder of the public data sets, or leave these tests out: -m 'not realdata'"
    path = Path(given).resolve() / name
    assert hashlib.sha256(path.read_bytes()).hexdigest() == SUMS[name], f"{path} was changed"
    return path


@pytest.mark.realdata
def test_the_bike_rentals_leak_by_their_two_parts_alone() -> None:
    path = _public("bike_sharing/hour.csv")
    leaking = Settings(target="cnt", time="dteday")
    leaks = find_leaks(read_history(path, leaking), leaking)
    assert {(leak.columns, leak.what, leak.blocking) for leak in leaks} == {
        (("casual", "registered"), "gives the target away", True),
        (("instant",), "stands for time", False),
        (("yr",), "stands for time", False),
    }
    clean = Settings(target="cnt", time="dteday", ignore="casual, registered, instant, yr")
    assert find_leaks(read_history(path, clean), clean) == ()


@pytest.mark.realdata
def test_the_batches_of_the_gas_sensors_are_windows_and_leak_nothing() -> None:
    wanted = Settings(target="gas", names="gas, concentration", ignore="concentration")
    history = read_history(_public("gas_sensor_drift/batch1.dat").parent, wanted)
    windows = cut(history, wanted)
    assert [window.name for window in windows] == [f"batch {number}" for number in (1, 2, 3, 4, 5, 6, 8, 9)]
    assert [len(window) for window in windows] == [445, 1244, 1586, 161, 197, 2300, 294, 470]
    assert history.features.shape == (6697, 128)
    assert find_leaks(history, wanted) == ()
