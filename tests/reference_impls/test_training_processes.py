"""Processes that share a training agree with one that makes it alone, and the command that asked for it is one."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from reference_impls.continued_pretraining import sharing
from reference_impls.continued_pretraining.tests.projects import run as read_on
from reference_impls.continued_pretraining.tests.projects import save_tiny as save_masked
from reference_impls.encoders.tests.tiny import messages, save_encoder
from reference_impls.fine_tuning.ladder.results import read_probabilities, read_result
from reference_impls.fine_tuning.tests.projects import quick, run, write_csv
from reference_impls.registry.registry import Registry
from reference_impls.training.launch import launch
from reference_impls.training.settings import Settings

IMPLS = Path(__file__).resolve().parents[2] / "reference_impls"
CHOSEN = {"epochs": 3.0, "patience": 0, "batch_size": 10}
ROOMS = ("project_base", "labelled_data", "training")
COMMANDS = '''
import json
from dataclasses import asdict
from pathlib import Path

import click

from ..labelled_data.rungs import Run
from ..project_base.errors import UserError
from ..project_base.progress import silent
from ..training.join_command import join
from ..training.launch import launch
from ..training.workers import is_main_process, is_worker
from ..training.tests.tiny import accuracy, loss, made, settings, texts


def make(job, progress=silent, tell=lambda line: click.echo(line, err=True)):
    import torch

    from ..training.loop import train as train_model

    given = json.loads(job)
    chosen = settings(**given["settings"])
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
    run = Run(Path(given["folder"]), progress=progress, tell=tell,
              shared=lambda: launch(chosen, make, job, Run(Path(given["folder"]), tell=tell)))
    result = train_model(model, texts(61), own_loss, validate, chosen, run, key="k" * 64)
    weights = {name: value.tolist() for name, value in model.state_dict().items()}
    name = "command" if not is_worker() else "main" if is_main_process() else "other"
    path = Path(given["folder"]) / f"told-{name}.json"
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps({"history": [asdict(done) for done in result.history], "weights": weights,
                                "processes": result.measured["processes"], "best": result.best_epoch}))
    print(f"printed by {name}")


@click.command()
@click.argument("job")
def train(job):
    """Train."""
    make(job)


COMMANDS = [train, join]
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
    return command(project, "tuned", "train", json.dumps({"folder": str(folder), **job}))


def command(folder: Path, *arguments: str) -> "subprocess.Popen[str]":
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "PYTHONWARNINGS": "error", "OMP_WAIT_POLICY": "PASSIVE"}
    return subprocess.Popen(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def told(project: Path, folder: Path, **job: object) -> dict[str, Any]:
    """What the command found."""
    process = start(project, folder, **job)
    out, error = process.communicate(timeout=200)
    assert process.returncode == 0, error
    assert out == "printed by command\n"
    found: dict[str, Any] = json.loads((folder / "told-command.json").read_text())
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
    """What one process finds, which started no other.

    61 items in batches of 10: shares differ in size, and the last batch, of one item, leaves a process idle.
    """
    found = told(project, tmp_path_factory.mktemp("alone"), settings=CHOSEN)
    assert found["processes"] == 1
    return found


def test_two_processes_agree_with_one_whatever_the_parts_of_a_step(
    project: Path, tmp_path: Path, alone: dict[str, Any]
) -> None:
    shared = told(project, tmp_path, settings={**CHOSEN, "processes": 2, "gradient_accumulation": 3}, unused=True)
    assert shared["processes"] == 2
    agree(alone, shared)
    for name in ("main", "other"):
        assert json.loads((tmp_path / f"told-{name}.json").read_text())["weights"] == shared["weights"]


def test_two_machines_agree_with_one(project: Path, tmp_path: Path, alone: dict[str, Any]) -> None:
    """Each has a folder of its own; of what is kept the one that joins sees and writes nothing."""
    other = shutil.copytree(project, tmp_path / "other")
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        meeting = f"127.0.0.1:{free.getsockname()[1]}"
    chosen = {**CHOSEN, "machines": 2, "meet_at": meeting}
    (other / "config.yaml").write_text(f"project_base: {{}}\ntraining: {{machines: 2, meet_at: '{meeting}'}}\n")
    joined = command(other, "tuned", "join", "--once")
    try:
        # Below the folder of each: nothing but the names is the same for both.
        process = command(project, "tuned", "train", json.dumps({"folder": "here", "settings": chosen}))
        _, error = process.communicate(timeout=200)
        assert process.returncode == 0, error
        _, said = joined.communicate(timeout=60)
    finally:
        joined.kill()
    assert "waiting for 1 more machine: run `python -m tuned join` in a copy of the project" in error
    assert "127.0.0.1 has joined, 1 of 1" in error
    assert "a training begins: of 2 processes, 1 to 1 are here" in said
    assert "this machine's share is done" in said
    found = json.loads((project / "here" / "told-command.json").read_text())
    assert found["processes"] == 2
    agree(alone, found)
    assert [each.name for each in (other / "here").iterdir()] == ["told-other.json"]
    assert json.loads((other / "here" / "told-other.json").read_text())["weights"] == found["weights"]


@pytest.mark.parametrize(
    ("fault", "message", "step"),
    [
        pytest.param("main_fails", "that one fails", "look at process 0", marks=pytest.mark.soak),
        pytest.param("other_fails", "this one fails", "look at process 1", marks=pytest.mark.soak),
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


@pytest.mark.soak
def test_a_killed_command_leaves_no_process_and_the_run_goes_on(project: Path, tmp_path: Path) -> None:
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


def test_the_ladder_trains_a_rung_in_as_many_processes_as_the_settings_say(tmp_path: Path) -> None:
    """Through the command line: two processes give the answers of one, and both of them took part."""
    encoder = save_encoder(tmp_path / "encoder")
    rows = write_csv(tmp_path / "rows.csv", [(each.text, str(each.target)) for each in messages(90)])
    found = {}
    for processes in (1, 2):
        folder = tmp_path / f"{processes}"
        folder.mkdir()
        changes = quick(
            encoder,
            fine_tuning__examples=str(rows),
            fine_tuning__in_turn=False,
            fine_tuning__runs_folder=str(folder / "runs"),
            registry__folder=str(folder / "models"),
            training__processes=processes,
            # Each process leaves out at random for itself.
            encoders__head_dropout=0.0,
        )
        seen: set[int] = set()
        ended = threading.Event()
        watching = threading.Thread(target=watch, args=(seen, ended))
        watching.start()
        try:
            done = run(folder, "train", "lora", **changes)
        finally:
            ended.set()
            watching.join()
        assert done.exit_code == 0, done.output
        # Once for the rung, and once for the version on all examples.
        assert len(seen) == (4 if processes == 2 else 0)
        assert len(list((folder / "models").glob("*/model.json"))) == 1
        found[processes] = json.loads((folder / "runs" / "lora" / "result.json").read_text())
    one, two = found[1], found[2]
    assert [one["measured"]["processes"], two["measured"]["processes"]] == [1.0, 2.0]
    assert one["epochs"] == two["epochs"]
    assert [each["predicted"] for each in one["outcomes"]] == [each["predicted"] for each in two["outcomes"]]
    answers = [read_probabilities(folder, read_result(folder)) for folder in sorted(tmp_path.glob("?/runs/lora"))]
    np.testing.assert_allclose(answers[0], answers[1], atol=1e-3)
    assert answers[0].std(axis=0).min() > 0.05


@pytest.mark.soak
def test_reading_on_is_shared_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    encoder = save_masked(tmp_path / "encoder")
    losses = []
    started: list[Settings] = []

    def counted(settings: Settings, *rest: Any) -> None:
        started.append(settings)
        launch(settings, *rest)

    monkeypatch.setattr(sharing, "launch", counted)
    for processes in (1, 2):
        folder = tmp_path / f"{processes}"
        folder.mkdir()
        changes = {"embedding__model": str(encoder), "training__processes": processes}
        done = read_on(folder, "train", "--despite", "too_few_tokens", **changes)
        assert done.exit_code == 0, done.output
        (version,) = Registry(folder / "models").versions()
        losses.append([each["train_loss"] for each in version.about["training"]["validation"]])  # type: ignore[index]
    # Of the guessing layer, which takes that of all weights with it.
    assert [each.processes for each in started] == [2]
    # Each process draws for itself which tokens are hidden.
    assert losses[0] == pytest.approx(losses[1], rel=0.1)


def watch(seen: set[int], ended: threading.Event) -> None:
    """Gathers the workers that this process starts."""
    while not ended.wait(0.05):
        seen |= {worker for worker in children(os.getpid()) if "training.worker" in said_by(worker)}


def said_by(process: int) -> str:
    """The command line of a process; empty where it is gone."""
    try:
        return Path(f"/proc/{process}/cmdline").read_text().replace("\0", " ")
    except OSError:
        return ""
