"""Processes that share a training agree with one that makes it alone."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

IMPLS = Path(__file__).resolve().parents[2] / "reference_impls"
CHOSEN = {"epochs": 3.0, "patience": 0, "batch_size": 10}
ROOMS = ("project_base", "labelled_data", "training")
COMMANDS = '''
import hashlib
import json
from dataclasses import asdict
from pathlib import Path

import click

from ..training.launch import is_main_process, relaunch
from ..training.tests.tiny import accuracy, loss, made, settings, texts


@click.command()
@click.argument("job")
def train(job):
    """Train."""
    given = json.loads(job)
    chosen = settings(**given["settings"])
    code = relaunch(chosen, ["train", job])
    if code is not None:
        raise SystemExit(code)

    import torch

    from ..labelled_data.rungs import Run
    from ..project_base.errors import UserError
    from ..training.loop import train as train_model

    model = made()
    if given.get("unused"):
        model.spare = torch.nn.Linear(3, 3)
    if not is_main_process():
        # What processes start from is the main one's.
        torch.nn.init.normal_(model.hidden.weight)
        if given.get("other_fails"):
            raise UserError("this one fails", "look at process 1")
    validation = texts(60, seed=1)

    def validate():
        assert is_main_process()
        if given.get("main_fails"):
            raise UserError("that one fails", "look at process 0")
        return accuracy(model, validation)

    def own_loss(model, batch):
        steps.append(1)
        if given.get("other_fails_later") and not is_main_process() and len(steps) > 5:
            raise UserError("this one fails", "look at process 1")
        return loss(model, batch)

    steps = []
    run = Run(Path(given["folder"]), tell=lambda line: click.echo(line, err=True))
    result = train_model(model, texts(61), own_loss, validate, chosen, run, key="k" * 64)
    weights = {name: value.tolist() for name, value in model.state_dict().items()}
    path = Path(given["folder"]) / f"told-{0 if is_main_process() else 1}.json"
    path.write_text(json.dumps({"history": [asdict(done) for done in result.history], "weights": weights,
                                "processes": result.measured["processes"], "best": result.best_epoch}))
    click.echo("done" if is_main_process() else "printed by the other")


COMMANDS = [train]
'''


@pytest.fixture(scope="module")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that has the room, and a command that trains."""
    root = tmp_path_factory.mktemp("project")
    package = root / "tuned"
    for room in ROOMS:
        shutil.copytree(IMPLS / room, package / room, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("__init__.py", "__main__.py"):
        shutil.copy(IMPLS / name, package / name)
    (package / "trial").mkdir()
    (package / "trial" / "__init__.py").write_text("")
    (package / "trial" / "commands.py").write_text(COMMANDS)
    return root


def start(project: Path, folder: Path, **job: object) -> "subprocess.Popen[str]":
    folder.mkdir(exist_ok=True)
    given = {"folder": str(folder), **job}
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "error", "OMP_WAIT_POLICY": "PASSIVE"}
    return subprocess.Popen(
        [sys.executable, "-m", "tuned", "train", json.dumps(given)],
        cwd=project,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def told(project: Path, folder: Path, **job: object) -> dict[str, Any]:
    """What the main process found."""
    process = start(project, folder, **job)
    out, error = process.communicate(timeout=200)
    assert process.returncode == 0, error
    assert out == "done\n"
    found: dict[str, Any] = json.loads((folder / "told-0.json").read_text())
    return found


def agree(first: dict[str, Any], second: dict[str, Any]) -> None:
    for one, other in zip(first["history"], second["history"], strict=True):
        assert one["step"] == other["step"]
        assert one["epoch"] == other["epoch"]
        assert one["loss"] == pytest.approx(other["loss"], rel=1e-4)
        assert one["validation"] == pytest.approx(other["validation"], abs=0.02)
    for name, value in first["weights"].items():
        flat = [_flat(value), _flat(second["weights"][name])]
        assert flat[0] == pytest.approx(flat[1], rel=1e-3, abs=1e-5), name


def _flat(value: Any) -> list[float]:
    return [item for each in value for item in _flat(each)] if isinstance(value, list) else [value]


@pytest.fixture(scope="module")
def alone(project: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What one process finds, which nobody launched.

    61 items in batches of 10: shares differ in size, and the last batch, of one item, leaves a process idle.
    """
    found = told(project, tmp_path_factory.mktemp("alone"), settings=CHOSEN)
    assert found["processes"] == 1
    return found


def test_two_processes_agree_with_one(project: Path, tmp_path: Path, alone: dict[str, Any]) -> None:
    shared = told(project, tmp_path, settings={**CHOSEN, "processes": 2})
    assert shared["processes"] == 2
    agree(alone, shared)
    assert json.loads((tmp_path / "told-1.json").read_text())["weights"] == shared["weights"]


def test_parts_of_a_step_and_weights_without_a_gradient_change_nothing(
    project: Path, tmp_path: Path, alone: dict[str, Any]
) -> None:
    chosen = {**CHOSEN, "processes": 2, "gradient_accumulation": 3}
    agree(alone, told(project, tmp_path, settings=chosen, unused=True))


@pytest.mark.parametrize(
    ("fault", "message", "step"),
    [
        ("main_fails", "that one fails", "look at process 0"),
        ("other_fails", "this one fails", "look at process 1"),
        ("other_fails_later", "this one fails", "look at process 1"),
    ],
)
def test_the_failure_of_one_ends_all_and_is_told_once(
    project: Path, tmp_path: Path, fault: str, message: str, step: str
) -> None:
    process = start(project, tmp_path / "run", settings={"epochs": 1.0, "processes": 2}, **{fault: True})
    out, error = process.communicate(timeout=200)
    assert process.returncode == 1
    assert out == ""
    assert error.count(f"error: {message}") == 1
    assert f"next: {step}" in error
    assert "Traceback" not in error


def test_a_killed_launcher_leaves_no_process_and_the_run_goes_on(project: Path, tmp_path: Path) -> None:
    chosen = {"epochs": 400.0, "patience": 0, "processes": 2}
    process = start(project, tmp_path / "run", settings=chosen)
    deadline = time.monotonic() + 150
    while not list(tmp_path.glob("run/checkpoints/*/checkpoint-*")):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.05)
    workers = children(process.pid)
    assert len(workers) >= 2
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=60)
    deadline = time.monotonic() + 30
    while any(Path(f"/proc/{worker}").exists() for worker in workers):
        assert time.monotonic() < deadline, "a process was left behind"
        time.sleep(0.1)
    log = (tmp_path / "run" / "training.jsonl").read_text().splitlines()
    assert 0 < len(log) < 400
    # As a run of fewer epochs would be another one, this goes on and is interrupted by what it validates.
    process = start(project, tmp_path / "run", settings=chosen, main_fails=True)
    _, error = process.communicate(timeout=200)
    assert "the training goes on from step" in error


def children(pid: int) -> list[int]:
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rpartition(")")[2].split()
        except OSError:
            continue
        if int(fields[1]) == pid:
            found.append(int(stat.parent.name))
    return found


def test_settings_that_exclude_each_other_and_a_missing_file_are_told(project: Path, tmp_path: Path) -> None:
    for chosen, message in (
        ({"processes": 2, "accelerate_config": str(tmp_path / "a.yaml")}, "are both set"),
        ({"accelerate_config": str(tmp_path / "a.yaml")}, "there is no file"),
    ):
        process = start(project, tmp_path / "run", settings=chosen)
        _, error = process.communicate(timeout=200)
        assert process.returncode == 1
        assert message in error
        assert "next: " in error


def test_a_configuration_of_accelerate_launches_it(project: Path, tmp_path: Path, alone: dict[str, Any]) -> None:
    config = tmp_path / "accelerate.yaml"
    config.write_text(
        "compute_environment: LOCAL_MACHINE\ndistributed_type: 'NO'\nuse_cpu: true\nnum_processes: 1\n"
        "num_machines: 1\nmachine_rank: 0\nmixed_precision: 'no'\ndebug: false\n"
    )
    agree(alone, told(project, tmp_path / "run", settings={**CHOSEN, "accelerate_config": str(config)}))
