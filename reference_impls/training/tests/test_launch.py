import os
from pathlib import Path

import pytest

from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from ...project_base.progress import Advance
from .. import workers as launching
from ..launch import launch
from ..workers import is_main_process
from .launched import make, rank_of
from .tiny import made, settings, texts, trained


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("RANK", "TRAINING_LAUNCHED_BY"):
        monkeypatch.delenv(name, raising=False)


def start(folder: Path, fails: str = "", **told: object) -> None:
    launch(settings(processes=2), make, {"folder": str(folder), "fails": fails}, Run(folder, **told))  # type: ignore[arg-type]


def test_each_process_works_and_the_main_one_is_heard(tmp_path: Path) -> None:
    lines: list[str] = []
    stages: list[tuple[str, int]] = []
    done: list[int] = []

    def progress(label: str, steps: int) -> Advance:
        stages.append((label, steps))
        return done.append

    start(tmp_path, tell=lines.append, progress=progress)
    workers = {rank_of(tmp_path, rank)["process"] for rank in (0, 1)}
    assert len(workers) == 2
    assert os.getpid() not in workers
    assert (lines, stages, done) == (["reading"], [("reading", 2)], [2])


@pytest.mark.parametrize("fails", ["the other", "all"])
def test_the_error_of_the_first_that_failed_ends_all(
    tmp_path: Path, fails: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "_GRACE_SECONDS", 0.5)
    with pytest.raises(UserError, match="this one fails") as caught:
        start(tmp_path, fails)
    assert caught.value.next_step == "look at process 1"


def test_a_killed_process_and_a_fault_of_the_program_are_told_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(launching, "_GRACE_SECONDS", 0.5)
    with pytest.raises(UserError, match="was killed"):
        start(tmp_path, "killed")
    with pytest.raises(RuntimeError, match="a fault of the program"):
        start(tmp_path, "fault")


def test_a_run_that_nobody_can_share_is_no_run_of_several_processes(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="how to start them"):
        trained(tmp_path, made(), texts(20), settings(processes=2))


def test_processes_that_make_another_run_are_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="made another one"):
        trained(tmp_path, made(), texts(20), settings(processes=2), shared=lambda: None)


def test_the_main_process_is_the_one_of_rank_0(monkeypatch: pytest.MonkeyPatch) -> None:
    assert is_main_process()
    monkeypatch.setenv("RANK", "3")
    # Nobody launched this one: the number is of somebody else's making.
    assert is_main_process()
    monkeypatch.setenv("TRAINING_LAUNCHED_BY", "1")
    assert not is_main_process()
    monkeypatch.setenv("RANK", "0")
    assert is_main_process()
