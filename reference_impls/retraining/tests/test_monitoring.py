"""Watching a version: a jump is seen, a look costs its part of the level, and what was not judged is told."""

from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pytest

from ..operation.monitoring import monitor
from ..operation.picks import record
from ..operation.project import Champion, Project
from ..operation.retrain import decide
from ..operation.watching import share, with_fair_labels
from .projects import config, opened, run

FIRST, CHANGE, ROWS = date(2023, 1, 1), 420, 600


def day(number: int) -> str:
    return str(FIRST + timedelta(days=number))


def trained(folder: Path, until: int, **changes: object) -> Path:
    """A forecast whose errors become ten times as large on a day; a version has learnt what was known by another."""
    draw = np.random.default_rng(20261201)
    lines = ["day,heat,sold"]
    for number in range(ROWS):
        heat, noise = draw.normal(size=2)
        slope = 4.0 if number < CHANGE else -4.0
        lines.append(f"{day(number)},{heat:.4f},{50 + slope * heat + noise / 2:.4f}")
    (folder / "demand.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    given: dict[str, object] = {
        "retraining__data": str(folder / "demand.csv"),
        "retraining__runs_folder": str(folder / "runs"),
        "retraining__metrics_file": str(folder / "runs" / "metrics.jsonl"),
        "registry__folder": str(folder / "models"),
        "history__target": "sold",
        "history__time": "day",
        "history__known": "",
        "history__window": "60d",
        "drift__together": False,
        "retraining__policy": "drift_triggered",
    }
    file = config(folder, **{**given, **changes})
    done = run(file, "retrain", "--as-of", day(until))
    assert done.exit_code == 0, done.output
    return file


def at(file: Path, number: int) -> tuple[Project, Champion]:
    project = Project(opened(file).settings, moment=day(number))
    champion = project.champion()
    assert champion is not None
    return project, champion


@pytest.mark.parametrize("until", [CHANGE - 20, CHANGE])
def test_errors_that_jump_soon_after_the_training_are_seen(tmp_path: Path, until: int) -> None:
    found = monitor(*at(trained(tmp_path, until), ROWS - 1))
    assert found.verdict == "drift"
    assert found.watched is not None
    (moved,) = (each for each in found.watched.since if each.what == "mae")
    assert moved.size == "major"
    assert len(moved.windows) >= 2


def test_a_window_is_tested_once_however_often_anyone_looks(tmp_path: Path) -> None:
    file = trained(tmp_path, CHANGE - 140)
    looks = [monitor(*at(file, number)) for number in (CHANGE - 90, CHANGE - 75, CHANGE - 40, CHANGE - 15)]
    assert looks[0].verdict == "too few rows"
    assert [each.open_rows for each in looks[1:]] == [5, 40, 5]
    kept = [each.watched.windows for each in looks[1:] if each.watched]
    assert [len(windows) for windows in kept] == [1, 1, 2]
    assert kept[0] == kept[1] == kept[2][:1]
    # Whatever number of windows come: their parts sum up to the level.
    parts = [1 / share(number) for number in range(1, 5000)]
    assert 0.99 < sum(parts) <= 1
    assert parts == sorted(parts, reverse=True)


def test_the_trigger_looks_at_what_the_replay_says(tmp_path: Path) -> None:
    file = trained(tmp_path, CHANGE)
    project, champion = at(file, ROWS - 1)
    answer, found = decide(project, project.policy, champion)
    assert answer.due
    assert found is not None
    assert found.verdict == "drift"
    rows = project.settings.replay.model_copy(update={"trigger": "rows"})
    calm = Project(project.settings.model_copy(update={"replay": rows}), moment=day(ROWS - 1))
    answer, found = decide(calm, calm.policy, champion)
    assert not answer.due
    assert "no labels" in answer.why
    assert found is not None
    assert found.watched is not None
    assert all(each.drift.performance is None and each.drift.labels is None for each in found.watched.windows)


def test_each_window_may_be_compared_with_those_before_it(tmp_path: Path) -> None:
    file = trained(tmp_path, CHANGE, drift__against="previous", drift__reference=2)
    found = monitor(*at(file, ROWS - 1))
    assert found.watched is not None
    assert len(found.watched.reference) == 2
    assert [each.drift.reference_rows for each in found.watched.windows] == [120, 120]
    jumped = next(each for each in found.watched.since if each.what == "mae")
    assert jumped.windows[0] == 3


def test_errors_without_a_measure_are_not_called_none(tmp_path: Path) -> None:
    file = trained(tmp_path, CHANGE - 140)
    project, champion = at(file, CHANGE - 15)
    assert monitor(project, champion).verdict == "none"
    (kept,) = project.runs.rglob("*-reference.json")
    kept.unlink()
    found = monitor(project, champion)
    assert found.verdict == "cannot be told"
    assert "of 0 labelled rows" in found.why


def test_labels_that_are_still_to_come_are_waited_for(tmp_path: Path) -> None:
    file = trained(tmp_path, CHANGE - 140, history__known="", history__label_delay="30d")
    found = monitor(*at(file, CHANGE - 90))
    assert found.watched is not None
    assert [each.drift.labels for each in found.watched.windows] == [None]
    assert "may still come" in found.why
    later = monitor(*at(file, CHANGE - 40))
    assert later.watched is not None
    assert later.watched.windows[0].drift.labels is not None
    columns = [each.watched.windows[0].drift.columns for each in (found, later) if each.watched]
    assert columns[0] == columns[1]


def test_labels_that_were_asked_for_out_of_doubt_do_not_measure(tmp_path: Path) -> None:
    project, champion = at(trained(tmp_path, CHANGE), ROWS - 1)
    history = project.read(champion.columns)
    asked = np.zeros(ROWS, dtype=np.bool_)
    asked[CHANGE + 1 :: 3] = True
    new = np.arange(ROWS) > CHANGE
    waiting = replace(history, known=np.where(new, np.inf, history.known))
    record(
        project,
        waiting,
        champion.version,
        float(history.time[CHANGE]),
        dict.fromkeys(np.flatnonzero(asked), "least sure"),
    )
    labelled = replace(history, known=np.where(new & ~asked, np.inf, history.known))
    fair = with_fair_labels(project, labelled)
    assert np.isfinite(fair.known).sum() == CHANGE + 1
    assert np.isnan(fair.target[asked]).all()
