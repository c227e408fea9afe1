"""Commands read later rows as the version in service was trained on them, or say why they cannot."""

import csv
import json
from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from .projects import config_of, run

FIRST = date(2025, 1, 1)

Write = Callable[[int, int], None]


def told(file: Path, *arguments: str, code: int = 0) -> str:
    said = run(file, *arguments)
    assert said.exit_code == code, said.output
    return said.output


@pytest.fixture
def project(tmp_path: Path) -> tuple[Path, Write]:
    """A project that predicts a grade from when a row was signed, and writes so many rows with so many grades."""

    def write(rows: int, grades: int) -> None:
        draw = np.random.default_rng(20261202)
        with (tmp_path / "rows.csv").open("w", encoding="utf-8", newline="") as stream:
            writer = csv.writer(stream)
            writer.writerow(["site", "day", "signed", "grade"])
            for number in range(rows):
                grade = int(draw.integers(10)) if number < 300 else int(draw.integers(grades))
                day = FIRST + timedelta(days=number)
                wait = 10 * grade + int(draw.integers(14))
                writer.writerow(["north" if number % 2 else "south", day, day - timedelta(days=wait), grade])

    write(300, 10)
    file = config_of(
        tmp_path / "rows.csv",
        history__target="grade",
        history__time="day",
        history__window="60",
        history__ignore="site",
        predictors__kind="forest",
        retraining__policy="scheduled",
    )
    told(file, "retrain")
    return file, write


def test_a_target_with_one_more_number_stays_what_it_was(project: tuple[Path, Write]) -> None:
    file, write = project
    write(480, 11)
    for command in (("monitor",), ("status",), ("retrain",)):
        told(file, *command)
    versions = sorted(each for each in (file.parent / "models").iterdir() if each.name[0].isdecimal())
    about = json.loads((versions[-1] / "version.json").read_text(encoding="utf-8"))
    assert (len(versions), '"classification"' in json.dumps(about)) == (2, True)
    # A person may want the other task: `train` makes it, and it is compared with nothing.
    said = told(file, "train")
    assert "was made for classification, and the new version for regression" in said
    assert "it was compared with no other version" in said
    file.write_text(file.read_text(encoding="utf-8").replace("task: auto", "task: regression"), encoding="utf-8")
    for name in ("monitor", "retrain"):
        assert "set history.task back to classification" in told(file, name, code=1)


def test_dates_of_rows_without_a_date_are_refused(project: tuple[Path, Write], tmp_path: Path) -> None:
    file, _ = project
    lines = [line.split(",") for line in (tmp_path / "rows.csv").read_text(encoding="utf-8").splitlines()]
    asked = tmp_path / "asked.csv"
    asked.write_text("\n".join(",".join(line[:3]) for line in lines[:50]) + "\n", encoding="utf-8")
    told(file, "predict", str(asked), "--out", str(tmp_path / "out.csv"))
    with (tmp_path / "out.csv").open(encoding="utf-8", newline="") as stream:
        found = [row["prediction"] for row in csv.DictReader(stream)]
    assert sum(each == line[3] for each, line in zip(found, lines[1:50], strict=True)) > 40
    asked.write_text("\n".join(line[2] for line in lines[:50]) + "\n", encoding="utf-8")
    assert "give the column 'day'" in told(file, "predict", str(asked), code=1)


def test_predictions_stand_beside_their_rows_whatever_tells_the_header(tmp_path: Path) -> None:
    draw = np.random.default_rng(1)
    rows = [
        f"site {row % 3},{x:.3f},{'yes' if x + draw.normal(0, 0.3) > 0 else 'no'}"
        for row, x in enumerate(draw.normal(size=400))
    ]
    (tmp_path / "rows.csv").write_text("site,2022,2023\n" + "\n".join(rows) + "\n", encoding="utf-8")
    file = config_of(
        tmp_path / "rows.csv",
        history__target="2023",
        history__time="",
        history__ignore="site",
        history__window="60",
        retraining__policy="scheduled",
    )
    told(file, "retrain")
    asked = tmp_path / "asked.csv"
    asked.write_text("site,2022\nfirst,-3\nsecond,3\n", encoding="utf-8")
    out = tmp_path / "out.csv"
    told(file, "predict", str(asked), "--out", str(out))
    with out.open(encoding="utf-8", newline="") as stream:
        found = [(row["site"], row["2022"], row["prediction"]) for row in csv.DictReader(stream)]
    assert found == [("first", "-3", "no"), ("second", "3", "yes")]
