"""Whenever a retraining is killed, a working version is in service, and the next retraining goes on."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from reference_impls.retraining.operation.journal import read_events
from reference_impls.retraining.operation.judgement import read_judgement
from reference_impls.retraining.operation.retrain import retrain

from .killing import Job, worker_of
from .retraining_worker import LATER, come, project_in

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261130
EXPECTED = ("0001-linear", "0002-linear", "0003-linear")
"""The version in service after each step of a life without a kill."""


@pytest.fixture(scope="module")
def worker() -> Iterator[Job]:
    with worker_of("retraining_worker") as job:
        yield job


@pytest.fixture(scope="module")
def start(worker: Job, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project whose first version is in service."""
    folder = tmp_path_factory.mktemp("start")
    assert worker(folder, begin=True)["outcome"] == "done"
    return folder


def check(folder: Path, told: dict[str, Any], moment: str, *, goes_on: bool = True) -> str:
    """Checks a project whose retraining was killed, and that work goes on; gives the version that was in service."""
    where = f"killed {moment}, after {told['steps']} steps"
    project = project_in(folder)
    champion = project.champion()
    assert champion is not None, where
    allowed = EXPECTED[told["steps"] : told["steps"] + 2]
    assert champion.version in allowed, f"{where}: {champion.version} is none of {allowed}"
    judged = read_judgement(project.runs, champion.version)
    assert judged is not None, f"{where}: a version that nobody judged is in service"
    assert project.registry.verify() == [], where
    assert len(champion.predictor.predict(project.history.features.head(20))) == 20
    assert {event["event"] for event in read_events(project.metrics)} == {"retrain"}, where
    if goes_on:
        come(folder, LATER)
        project = project_in(folder)
        found = retrain(project, forced=True) if champion.version != EXPECTED[2] else None
        if found is not None:
            assert found.decision == "promoted", f"{where}: {found.why}"
            assert project.registry.rollback().version == champion.version, where
        hidden = [path.name for path in folder.rglob(".*") if not path.name.endswith("lock")]
        assert hidden == [], f"{where}: left behind: {hidden}"
    return champion.version


def kill_at_random_moments(start: Path, folder: Path, worker: Job, count: int) -> None:
    draw = random.Random(SEED)
    target = shutil.copytree(start, folder / "timed")
    told = worker(target)
    assert (told["outcome"], told["steps"]) == ("done", 2), told
    assert check(target, told, "never") == EXPECTED[2]
    met = set()
    for number in range(count):
        target = shutil.copytree(start, folder / f"killed{number}")
        # One in each part of the time, so that few kills meet early and late states too.
        moment = told["seconds"] * (number + draw.random()) / count
        killed = worker(target, kill_after_s=moment)
        assert killed["outcome"] in {"killed", "done"}, killed
        met.add(check(target, killed, f"after {moment * 1000:.0f} of {told['seconds'] * 1000:.0f} ms"))
        shutil.rmtree(target)
    assert len(met) > 1, "all kills fell into the same state"


def test_a_retraining_that_was_killed_leaves_a_working_version(start: Path, tmp_path: Path, worker: Job) -> None:
    kill_at_random_moments(start, tmp_path, worker, 5)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_fifty_kills(start: Path, tmp_path: Path, worker: Job) -> None:
    kill_at_random_moments(start, tmp_path, worker, 50)


@pytest.mark.soak
@pytest.mark.timeout(3600)
def test_kills_before_accesses(start: Path, tmp_path: Path, worker: Job) -> None:
    """Before every seventh time that the project's folder is touched: also between the files of one version."""
    met = []
    for number in range(1, 20_000, 7):
        target = shutil.copytree(start, tmp_path / f"event{number}")
        told = worker(target, kill_at_event=number)
        assert told["outcome"] in {"killed", "done"}, told
        met.append(check(target, told, f"before access {number}", goes_on=number % 5 == 0))
        shutil.rmtree(target)
        if told["outcome"] == "done":
            break
    assert met == sorted(met), "once in service, a version was lost again"
    assert set(met) == set(EXPECTED)
