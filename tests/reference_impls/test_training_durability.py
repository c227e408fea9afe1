"""Whatever ends a training, and at whatever moment: it goes on to the same weights and the same history."""

import random
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .killing import Job, worker_of

ROOT = Path(__file__).resolve().parents[2]
SEED = 20261201
RESULT = ("outcome", "history", "best", "weights")


@pytest.fixture(scope="module")
def worker() -> Iterator[Job]:
    with worker_of("training_worker") as job:
        yield job


@pytest.fixture(scope="module")
def whole(worker: Job, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a training gives that nothing interrupts."""
    told = worker(tmp_path_factory.mktemp("whole"))
    assert told["outcome"] == "done", told
    assert len(told["history"]) == 6
    return told


def same(told: dict[str, Any], whole: dict[str, Any]) -> bool:
    return all(told[name] == whole[name] for name in RESULT)


def _killed_by_the_clock(worker: Job, whole: dict[str, Any], folder: Path, kills: int) -> None:
    draw = random.Random(SEED)
    killed = 0
    for place in range(kills):
        run = folder / str(place)
        moment = whole["seconds"] * (place + draw.random()) / kills
        killed += worker(run, kill_after_s=moment)["outcome"] == "killed"
        # Some runs are killed twice, the second time on the way from the checkpoint of the first.
        if place % 3 == 0:
            killed += worker(run, kill_after_s=moment / 2)["outcome"] == "killed"
        assert same(worker(run), whole), moment
    assert killed >= kills * 2 // 3


def _killed_at_events(worker: Job, whole: dict[str, Any], folder: Path, events: list[int]) -> int:
    """Kills at these touches of the run's folder; returns how many there were to be killed at."""
    half_written = 0
    for event in events:
        run = folder / str(event)
        if worker(run, kill_at_event=event)["outcome"] != "killed":
            return half_written
        half_written += bool(list(run.glob("checkpoints/*/.*")))
        assert same(worker(run), whole), event
        assert not list(run.glob("checkpoints/*/.*"))
        shutil.rmtree(run)
    return half_written


def test_a_killed_training_goes_on_to_the_same_end(worker: Job, whole: dict[str, Any], tmp_path: Path) -> None:
    _killed_by_the_clock(worker, whole, tmp_path, 5)


def test_a_kill_while_a_checkpoint_is_written_loses_nothing(worker: Job, whole: dict[str, Any], tmp_path: Path) -> None:
    assert _killed_at_events(worker, whole, tmp_path, list(range(40, 60, 4))) > 0


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_many_kills_lose_nothing(worker: Job, whole: dict[str, Any], tmp_path: Path) -> None:
    _killed_by_the_clock(worker, whole, tmp_path, 50)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_a_kill_at_any_touch_of_the_folder_loses_nothing(worker: Job, whole: dict[str, Any], tmp_path: Path) -> None:
    assert _killed_at_events(worker, whole, tmp_path, list(range(1, 10_000, 3))) > 20


def test_a_training_that_stopped_early_is_not_taken_up_again(worker: Job, tmp_path: Path) -> None:
    still = {"patience": 1, "learning_rate": 1e-9}
    whole = worker(tmp_path / "whole", settings=still)
    assert whole["outcome"] == "done"
    assert len(whole["history"]) == 2
    # The last touches: those of the checkpoint that says that there was no gain, and of the result.
    killed = 0
    for event in range(100, 20, -8):
        run = tmp_path / str(event)
        killed += worker(run, settings=still, kill_at_event=event)["outcome"] == "killed"
        assert same(worker(run, settings=still), whole), event
        if killed == 4:
            return
    pytest.fail("too few runs were killed")


def test_a_full_disk_keeps_the_last_checkpoint_and_the_run_goes_on_from_it(
    worker: Job, whole: dict[str, Any], tmp_path: Path
) -> None:
    # Files up to this size can be written: the weights fit, the optimiser's state, twice as large, does not.
    weights = (50 * 64 + 64 * 64 + 64 + 2 * 64 + 2) * 4
    told = worker(tmp_path / "never", largest_file=weights + 4096)
    assert told["outcome"] == "UserError", told
    assert "could not be written" in told["message"]
    assert "there is none before it" in told["message"]
    assert "ulimit -f" in told["next"] or "free some space" in told["next"]
    assert not list((tmp_path / "never").glob("checkpoints/*/checkpoint-*"))
    assert same(worker(tmp_path / "never"), whole)

    run = tmp_path / "later"
    assert worker(run, kill_at_event=80)["outcome"] == "killed"
    before = sorted(path.name for path in run.glob("checkpoints/*/checkpoint-*"))
    assert before
    told = worker(run, largest_file=weights + 4096)
    assert told["outcome"] == "UserError", told
    assert "is whole" in told["message"]
    assert before[-1:] == sorted(path.name for path in run.glob("checkpoints/*/checkpoint-*"))
    assert same(worker(run), whole)


def test_memory_that_the_system_refuses_names_what_to_change(worker: Job, tmp_path: Path) -> None:
    told = worker(tmp_path / "large", memory=200_000_000, settings={"batch_size": 64})
    assert told["outcome"] == "UserError", told
    assert "memory does not suffice" in told["message"]
    assert "gradient_accumulation: 2" in told["next"]
    assert "training.batch_size: 32" in told["next"]
    # What it advises helps.
    assert worker(tmp_path / "small", memory=200_000_000, settings={"batch_size": 4})["outcome"] == "done"
