"""The largest numbers and the first and last dates, which exports write for "none" and "never"."""

import json
from pathlib import Path

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..leakage import find_leaks
from ..reading import read_history
from ..settings import Settings
from ..windows import cut
from .histories import labels, made

FIRST, LAST = "0001-01-01 00:00:00", "9999-12-31T23:59:59"


@pytest.mark.parametrize("huge", [1e31, 1e39, 1.797e308, -1.797e308])
@pytest.mark.parametrize("task", ["classification", "regression"])
def test_huge_numbers_do_not_stop_the_search_for_leaks(huge: float, task: str) -> None:
    draw = np.random.default_rng(0)
    x, other, price = draw.normal(size=(3, 300))
    target = labels(x + draw.normal(size=300) > 0) if task == "classification" else x + draw.normal(size=300)
    columns = {"x": x.copy(), "other": other, "price": np.exp(price)}
    for cells in columns.values():
        cells[draw.integers(300, size=3)] = huge
    columns["only"] = np.where(draw.random(300) < 0.5, huge, np.nan)
    if task == "regression":
        target[7] = huge
    history = made(columns, target)
    assert not [leak for leak in find_leaks(history, Settings(target="y")) if leak.blocking]
    copied = made(
        {**columns, "copy": np.where(target == "yes", huge, 0.0) if task == "classification" else target}, target
    )
    assert "copy" in {
        name for leak in find_leaks(copied, Settings(target="y")) for name in leak.columns if leak.blocking
    }


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York", "Asia/Tokyo"])
def test_dates_at_the_ends_of_the_calendar_are_dates(tmp_path: Path, zone: str) -> None:
    file = tmp_path / "a.csv"
    rows = [f"2024-01-{day:02},{when},{day % 2}" for day, when in enumerate([FIRST, LAST, "2024-01-02"] * 5, start=1)]
    file.write_text("day,ends,y\n" + "\n".join(rows) + "\n", encoding="utf-8")
    days = read_history(file, Settings(target="y", time="day", zone=zone)).features["ends"]
    assert days[0] > 700_000
    assert days[1] < -2_900_000
    assert days[2] == 1.0


@pytest.mark.parametrize("zone", ["UTC", "Europe/Berlin", "America/New_York"])
@pytest.mark.parametrize("never", [FIRST, LAST, f"{LAST}-08:00", "0001-01-01T00:00:00+08:00"])
def test_rows_at_the_ends_of_the_calendar_are_told(tmp_path: Path, zone: str, never: str) -> None:
    file = tmp_path / "a.csv"
    rows = [f"2024-01-{day:02},{day},{day % 2}" for day in range(1, 20)]
    file.write_text("day,x,y\n" + "\n".join([*rows, f"{never},20,1"]) + "\n", encoding="utf-8")
    history = read_history(file, Settings(target="y", time="day", zone=zone))
    told = history.name_of(float(history.time[-1 if never.startswith("9") else 0]))
    assert told.startswith(("0001-01-0", "9999-12-31"))


def test_windows_that_would_leave_the_calendar_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "a.csv"
    file.write_text(f"day,x,y\n2024-01-01,1,0\n2024-01-02,2,1\n{LAST},3,0\n", encoding="utf-8")
    settings = Settings(target="y", time="day", window="1y")
    with pytest.raises(UserError, match=r"go from 2024-01-01 to 9999-12-31.* would leave the calendar") as refused:
        cut(read_history(file, settings), settings)
    assert "history.missing" in refused.value.next_step
    file.write_text(file.read_text(encoding="utf-8").replace(LAST, "9999-12-31 24:00"), encoding="utf-8")
    with pytest.raises(UserError, match="'9999-12-31 24:00' is no moment"):
        read_history(file, settings)


def test_a_whole_number_beyond_all_floats_is_infinite(tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    rows = [{"x": row, "z": str(row) if row else 10**400, "y": row % 2} for row in range(20)]
    rows[3]["x"], rows[4]["x"] = 10**400, -(10**400)
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")
    told: list[str] = []
    history = read_history(file, Settings(target="y"), tell=told.append)
    assert np.flatnonzero(np.isnan(history.features["x"])).tolist() == [3, 4]
    assert any("'x': 2 infinite values are taken as missing" in line for line in told)
    assert np.flatnonzero(np.isnan(history.features["z"])).tolist() == [0]
