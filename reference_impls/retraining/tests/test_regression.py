"""A forecast of a number, from command to command: what fits classes alone is not taken for granted."""

import csv
import json
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from .projects import config_of, run

FIRST = date(2023, 1, 1)
CHANGE, ROWS = 420, 600


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose target depends on another column the other way round after a day."""
    folder = tmp_path_factory.mktemp("forecast")
    draw = np.random.default_rng(20261201)
    with (folder / "demand.csv").open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["day", "heat", "weekday", "sold"])
        for number in range(ROWS):
            heat = draw.normal()
            slope = 4.0 if number < CHANGE else -4.0
            day = FIRST + timedelta(days=number)
            writer.writerow(
                [day, round(heat, 4), day.strftime("%a"), round(50 + slope * heat + draw.normal(0, 0.5), 4)]
            )
    return config_of(
        folder / "demand.csv",
        history__target="sold",
        history__time="day",
        history__window="60d",
        retraining__policy="sliding_window",
        replay__cadences="1",
        replay__sliding_windows="1",
        replay__half_lives="",
        replay__label_budgets="0.2",
        replay__drift_triggered=False,
        replay__first_windows=2,
        replay__resamples=999,
        replay__processes=1,
    )


def told(file: Path, *arguments: str) -> str:
    done = run(file, *arguments)
    assert done.exit_code == 0, done.output
    return done.stdout


def test_every_command_works_on_numbers(file: Path, tmp_path: Path) -> None:
    assert "regression" in told(file, "check")
    assert json.loads(told(file, "replay", "--format", "json"))["policy"] != ""
    told(file, "retrain", "--as-of", str(FIRST + timedelta(days=CHANGE - 60)))
    first = json.loads(told(file, "status", "--format", "json"))["version"]
    watched = json.loads(told(file, "monitor", "--format", "json"))
    assert watched["verdict"] == "drift"
    answers = tmp_path / "answers.csv"
    told(file, "predict", str(file.parent / "demand.csv"), "--out", str(answers))
    before = error_of(answers)
    told(file, "retrain", "--now")
    second = json.loads(told(file, "status", "--format", "json"))["version"]
    assert second > first
    told(file, "predict", str(file.parent / "demand.csv"), "--out", str(answers))
    assert error_of(answers) < before / 2
    told(file, "rollback")
    assert json.loads(told(file, "status", "--format", "json"))["version"] == first
    assert "mean absolute error" in told(file, "evaluate", first)


def error_of(answers: Path) -> float:
    """The mean absolute error on the newest sixty rows."""
    with answers.open(encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))[-60:]
    assert "probability" not in rows[0]
    return sum(abs(float(row["sold"]) - float(row["prediction"])) for row in rows) / len(rows)
