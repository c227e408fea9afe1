"""Labels that were asked for out of doubt are learnt from, and do not measure a version."""

import csv
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
import pytest

from ...history.base import History
from ...replay.asking import rows_to_ask
from ..operation.judging import judging_rows
from ..operation.picks import PICKS, Why, not_for_doubt, record
from ..operation.project import Project
from ..proof.smoke_checks import AFTER, BEFORE
from .projects import config, growing, opened

ROWS, OLD = 2000, 200


def made(labelled: np.ndarray) -> History:
    """Rows 0 to 1999 with a number each, of which some have a label."""
    values = np.arange(ROWS, dtype=float)
    return History(
        features=pd.DataFrame({"x": values}),
        kinds={"x": "number"},
        time=values,
        known=np.where(labelled, values, np.inf),
        target=np.where(labelled, values, np.nan),
        places=tuple(f"a.csv:{row + 2}" for row in range(ROWS)),
        task="regression",
        clock="values",
    )


@pytest.fixture
def project(tmp_path: Path) -> Project:
    return opened(config(tmp_path, retraining__runs_folder=str(tmp_path / "runs")))


def picked(project: Project, doubtful: list[int], drawn: list[int]) -> np.ndarray:
    """Records picks among the rows from 200 on, when none of them has a label; flags what was picked for doubt."""
    why: dict[int, Why] = {**dict.fromkeys(doubtful, "least sure"), **dict.fromkeys(drawn, "drawn")}
    record(project, made(np.arange(ROWS) < OLD), "0001-linear", OLD - 1.0, why)
    flags = np.zeros(ROWS, dtype=bool)
    flags[doubtful] = True
    return flags


def test_where_only_picked_rows_are_labelled_the_doubtful_ones_do_not_count(project: Project) -> None:
    doubtful = picked(project, list(range(1900, 2000)), list(range(500, 600)))
    labelled = np.arange(ROWS) < OLD
    labelled[1900:] = labelled[500:600] = True
    assert (not_for_doubt(project, made(labelled)) == ~doubtful).all()


def test_where_all_rows_get_their_labels_all_count(project: Project) -> None:
    picked(project, list(range(1900, 2000)), list(range(500, 600)))
    assert not_for_doubt(project, made(np.ones(ROWS, dtype=bool))).all()


def test_in_between_doubtful_rows_count_as_often_as_others(project: Project) -> None:
    doubtful = picked(project, list(range(1400, 2000)), list(range(500, 600)))
    half = np.random.default_rng(0).random(ROWS) < 0.5
    counts = not_for_doubt(project, made(half | doubtful | (np.arange(ROWS) < OLD)))
    assert counts[:1400].all()
    assert counts[1400:].mean() == pytest.approx(0.5, abs=0.07)


def test_a_row_that_was_drawn_once_counts(project: Project) -> None:
    picked(project, [1000, 1001], [500])
    picked(project, [500, 1002], [1001])
    labelled = np.arange(ROWS) < OLD
    labelled[[500, 1000, 1001, 1002]] = True
    assert np.flatnonzero(~not_for_doubt(project, made(labelled))).tolist() == [1000, 1002]


def test_rows_are_found_again_where_they_moved_or_got_late_features(project: Project) -> None:
    picked(project, [1000, 1001], [500])
    labelled = np.arange(ROWS) < OLD
    labelled[[500, 1000, 1001]] = True
    history = made(labelled)
    moved = replace(history, places=tuple(f"b.csv:{row}" for row in range(ROWS)))
    late = replace(history, features=history.features.assign(x=-1.0))
    for each in (moved, late):
        assert np.flatnonzero(~not_for_doubt(project, each)).tolist() == [1000, 1001]
    earlier = history.between(0, 1500)
    assert not_for_doubt(project, earlier).all(), "a look from before the call"


def test_lines_that_are_no_picks_are_passed_over(project: Project) -> None:
    picked(project, [1000], [500])
    file = project.runs / PICKS
    file.write_text('{"schema": "picks/1"}\n[]\n{half' + "\n" + file.read_text(encoding="utf-8"), encoding="utf-8")
    labelled = np.arange(ROWS) < OLD
    labelled[[500, 1000]] = True
    assert np.flatnonzero(~not_for_doubt(project, made(labelled))).tolist() == [1000]


def test_what_is_drawn_is_drawn_from_all() -> None:
    """Rows of which a model is unsure are drawn as often as others, or the drawn ones would flatter it."""
    unsure = np.linspace(0.0, 1.0, 100)
    times = np.zeros(100)
    for seed in range(400):
        doubtful, drawn = rows_to_ask(100, unsure, 40, np.random.default_rng(seed))
        assert (len(doubtful), len(drawn), len(set(doubtful) | set(drawn))) == (20, 20, 40)
        assert doubtful.min() >= 60
        times[drawn] += 1
    assert times[80:].mean() == pytest.approx(80, rel=0.1)


def test_a_new_version_learns_from_rows_of_doubt_and_is_judged_without_them(tmp_path: Path) -> None:
    project = growing(tmp_path)
    project.come(BEFORE)
    project.asked("retrain")
    project.come_unlabelled(BEFORE, AFTER)
    rows = list(csv.DictReader(project.asked("pick", "--rows", "240").out.splitlines()))
    why = {(row["received"], row["message"]): row["picked"] for row in rows}
    project.write_rows(
        row if row.received < BEFORE or (row.received, row.message) in why else replace(row, outcome="", confirmed="")
        for row in project.requests(AFTER)
    )
    opened_now = project.project
    champion = opened_now.champion()
    assert champion is not None
    messages = opened_now.history.features["message"]
    received = [opened_now.history.name_of(float(moment)) for moment in opened_now.history.time]
    judging = [why[(received[row], messages[row])] for row in judging_rows(opened_now, champion).tolist()]
    assert len(judging) >= 50
    assert set(judging) == {"drawn"}
    project.asked("retrain", "--now")
    newest = project.project.registry.versions()[-1].about
    assert newest["rows"] == len(opened_now.labelled)
