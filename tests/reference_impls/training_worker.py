"""Trains in a process that can be killed; run as a program by `test_training_durability`.

Reads one job a line on standard input, forks, lets the child do the real `train`, kills it if the job says so, and
prints what became of it. Forking after the imports makes the moments of the kills cover the training alone.
"""

import hashlib
import json
import os
import resource
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import torch

from reference_impls.labelled_data.rungs import Run
from reference_impls.project_base.errors import UserError, system_error
from reference_impls.training.base import Batch
from reference_impls.training.loop import train
from reference_impls.training.tests.tiny import Bag, accuracy, loss, made, settings, texts


def _work(job: dict[str, Any]) -> dict[str, Any]:
    if "largest_file" in job:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["largest_file"], job["largest_file"]))
    if "memory" in job:
        limit = _address_space() + job["memory"]
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    if job.get("kill_at_event"):
        _kill_at_event(job["kill_at_event"], job["folder"])
    model = made(dropout=0.2, width=64)
    validation = texts(60, seed=1)
    given = settings(epochs=3.0, validate_every=0.5, precision="bfloat16", patience=0)
    result = train(
        model,
        texts(80),
        _greedy if "memory" in job else loss,
        lambda: accuracy(model, validation),
        given.model_copy(update=job.get("settings", {})),
        Run(Path(job["folder"])),
        key=hashlib.sha256(json.dumps(job.get("key", "")).encode()).hexdigest(),
    )
    return {"history": [vars(done) for done in result.history], "best": result.best_epoch, "weights": _digest(model)}


def _greedy(model: torch.nn.Module, batch: Batch) -> tuple[torch.Tensor, int]:
    """Holds 4 MB for each item."""
    total, count = loss(model, batch)
    return total + 0 * torch.ones(count, 1_000_000).mul(total).sum(), count


def _digest(model: Bag) -> str:
    digest = hashlib.sha256()
    for name, value in sorted(model.state_dict().items()):
        digest.update(name.encode() + value.numpy().tobytes())
    return digest.hexdigest()


def _address_space() -> int:
    return int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()


def _kill_at_event(count: int, folder: str) -> None:
    """Dies right before the n-th time that the interpreter touches the folder of the run."""
    left = count

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if any(isinstance(each, str | os.PathLike) and os.fspath(each).startswith(folder) for each in arguments):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)


def _child(job: dict[str, Any], report: int) -> None:
    try:
        told = {"outcome": "done", **_work(job)}
    except UserError as error:
        told = {"outcome": "UserError", "message": error.message, "next": error.next_step}
    except OSError as error:
        known = system_error(error)
        told = {"outcome": "OSError", "message": known.message, "next": known.next_step}
    except BaseException as error:
        told = {"outcome": type(error).__name__, "message": str(error)}
    os.write(report, json.dumps(told).encode())
    os._exit(0)


def _run(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        _child(job, writing)
    os.close(writing)
    if "kill_after_s" in job:
        time.sleep(job["kill_after_s"])
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        told = json.loads(pipe.read() or b'{"outcome": "killed"}')
    os.waitpid(child, 0)
    return {**told, "seconds": time.perf_counter() - started}


if __name__ == "__main__":
    # What the first training imports and sets up is paid for once.
    with tempfile.TemporaryDirectory() as folder:
        _work({"folder": folder})
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)
