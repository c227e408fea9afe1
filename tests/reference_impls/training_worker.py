"""Trains in a process that can be killed; run as a program by `test_training_durability`."""

import hashlib
import json
import resource
import tempfile
from pathlib import Path
from typing import Any

import torch

from reference_impls.labelled_data.rungs import Run
from reference_impls.training.base import Batch
from reference_impls.training.loop import train
from reference_impls.training.tests.tiny import Bag, accuracy, loss, made, settings, texts

from .killing import Done, serve


def _work(job: dict[str, Any], _done: Done = lambda: None) -> dict[str, Any]:
    if "memory" in job:
        limit = _address_space() + job["memory"]
        resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
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


if __name__ == "__main__":
    # What the first training imports and sets up is paid for once.
    with tempfile.TemporaryDirectory() as folder:
        _work({"folder": folder})
    serve(_work)
