"""Seeds of every random generator that training uses."""

import os
import random
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import numpy as np
import torch


def seed_everything(*parts: int) -> None:
    """Seeds python, numpy and torch (every device); call it before the weights of a model are made.

    A training step is seeded by its place in the run, not by what ran before it: an interrupted run draws what an
    uninterrupted one does, and there is no state of generators to keep.

    Args:
        parts: One or more whole numbers from 0; other numbers give other seeds.
    """
    words = np.random.SeedSequence([part % 2**64 for part in parts]).generate_state(2)
    random.seed(int(words[0]))
    np.random.seed(int(words[0]))
    seed = int(words[1]) << 32 | int(words[0])
    # torch.manual_seed would remember, with its stack, every call for devices that are never used.
    torch.default_generator.manual_seed(seed)
    if _has("cuda"):
        torch.cuda.manual_seed_all(seed)
    if _has("mps"):
        torch.mps.manual_seed(seed)


@contextmanager
def repeatable(device: torch.device) -> Iterator[None]:
    """Lets a GPU use only kernels that give the same result each time, where torch has such; a CPU does so anyway."""
    if device.type != "cuda":
        yield
        return
    # cuBLAS reads it when it is first used.
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    before = torch.are_deterministic_algorithms_enabled(), torch.is_deterministic_algorithms_warn_only_enabled()
    torch.use_deterministic_algorithms(True, warn_only=True)
    try:
        yield
    finally:
        torch.use_deterministic_algorithms(before[0], warn_only=before[1])


@cache
def _has(device: str) -> bool:
    return torch.cuda.is_available() if device == "cuda" else torch.backends.mps.is_available()
