"""kill -9 in the middle of the training: the next one goes on, and ends with the same weights."""

import hashlib
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from ...registry.registry import Registry
from .projects import config, quick, run

ROOT = Path(__file__).parents[3]


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


def test_a_killed_training_goes_on_to_the_same_weights(read_on: Path, encoder: Path, tmp_path: Path) -> None:
    file = config(tmp_path, **quick(tmp_path, embedding__model=str(encoder)))
    process = begin(file)
    until = time.monotonic() + 120
    written: list[Path] = []
    while not written and time.monotonic() < until and process.poll() is None:
        written = list(tmp_path.glob("runs/training/whole/checkpoints/*/checkpoint-*/state.json"))
        time.sleep(0.01)
    assert written, "no checkpoint of all weights was written"
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    assert not Registry(tmp_path / "models").versions()
    told = run(tmp_path, "status", embedding__model=str(encoder))
    assert "unfinished: whole" in told.stdout
    done = run(tmp_path, "train", "--despite", "too_few_tokens", embedding__model=str(encoder))
    assert done.exit_code == 0, done.output
    assert weights(tmp_path) == weights(read_on)
    assert not list((tmp_path / "runs" / "training").glob("*/"))
