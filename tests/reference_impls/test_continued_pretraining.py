"""Continued pre-training of models that were trained before: a small real language model, and the offline encoder."""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from reference_impls.continued_pretraining.sample_text import documents
from reference_impls.continued_pretraining.tests.projects import GENERAL, config, quick, run, save_tiny, write_texts
from reference_impls.registry.registry import Registry

ROOT = Path(__file__).resolve().parents[2]
TOLD = ["train", "--despite", "too_few_tokens"]


def told(folder: Path, *arguments: str, **changes: object) -> dict[str, Any]:
    done = run(folder, *arguments, "--format", "json", **changes)
    assert done.exit_code == 0, done.output
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def weights(folder: Path) -> str:
    (version,) = Registry(folder / "models").versions()
    return hashlib.sha256((version.path / "model.safetensors").read_bytes()).hexdigest()


def begin(file: Path) -> subprocess.Popen[bytes]:
    """The command in a process of its own, in a session of its own."""
    code = "from reference_impls.continued_pretraining.commands import train; train.main()"
    command = [sys.executable, "-c", code, "--despite", "too_few_tokens", "--config", str(file)]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    return subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )


def test_a_killed_training_goes_on_to_the_same_weights(tmp_path: Path) -> None:
    encoder = str(save_tiny(tmp_path / "encoder"))
    whole, killed = tmp_path / "whole", tmp_path / "killed"
    for folder in (whole, killed):
        folder.mkdir()
    assert run(whole, *TOLD, embedding__model=encoder).exit_code == 0
    process = begin(config(killed, **quick(killed, embedding__model=encoder)))
    until = time.monotonic() + 120
    written: list[Path] = []
    while not written and time.monotonic() < until and process.poll() is None:
        written = list(killed.glob("runs/training/whole/checkpoints/*/checkpoint-*/state.json"))
        time.sleep(0.01)
    assert written, "no checkpoint of all weights was written"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not Registry(killed / "models").versions()
    standing = run(killed, "status", embedding__model=encoder)
    assert "unfinished: whole" in standing.stdout
    done = run(killed, *TOLD, embedding__model=encoder)
    assert done.exit_code == 0, done.output
    assert weights(killed) == weights(whole)
    assert not list((killed / "runs" / "training").glob("*/"))


@pytest.mark.soak
@pytest.mark.realdata
@pytest.mark.timeout(1800)
def test_a_real_language_model_gains_on_the_domain_and_replay_keeps_what_it_knew(tmp_path: Path) -> None:
    given = os.environ.get("ADVISOR_DATA")
    assert given, "set ADVISOR_DATA to the folder of the public data sets, or leave these tests out: -m 'not realdata'"
    model = Path(given).resolve() / "models" / "stories260K"
    rises = {}
    for share in (0.0, 0.3):
        folder = tmp_path / str(share)
        folder.mkdir()
        changes: dict[str, object] = {
            "continued_pretraining__objective": "causal",
            "continued_pretraining__learning_rate": 0.001,
            "continued_pretraining__replay_share": share,
            "continued_pretraining__block_tokens": 128,
            "generators__model": str(model),
            "corpus__folder": str(write_texts(folder / "all", documents(150))),
            "continued_pretraining__general": str(write_texts(folder / "everyday", GENERAL)),
        }
        assert run(folder, *TOLD, **changes).exit_code == 0
        found = told(folder, "evaluate", **changes)
        assert not found["notice"]
        assert found["domain"]["ratio_interval"][1] < 0.7
        rises[share] = found["general"]["ratio"]
    assert rises[0.3] < rises[0.0]
    assert rises[0.0] > 1


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_kills_at_random_moments_never_change_the_result(tmp_path: Path) -> None:
    encoder = str(save_tiny(tmp_path / "encoder"))
    whole = tmp_path / "whole"
    whole.mkdir()
    started = time.monotonic()
    assert begin(config(whole, **quick(whole, embedding__model=encoder))).wait() == 0
    seconds = time.monotonic() - started
    chance = random.Random(20261130)
    for number in range(20):
        folder = tmp_path / str(number)
        folder.mkdir()
        file = config(folder, **quick(folder, embedding__model=encoder))
        for _ in range(3):
            process = begin(file)
            time.sleep(chance.uniform(0.3, 1.0) * seconds)
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        assert begin(file).wait() == 0
        assert not Registry(folder / "models").verify()
        assert weights(folder) == weights(whole)
