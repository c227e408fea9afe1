import os
import random

import numpy as np
import pytest
import torch

from ..seeds import repeatable, seed_everything


def drawn() -> tuple[float, float, float]:
    return random.random(), float(np.random.random()), float(torch.rand(()))


def test_the_same_numbers_give_the_same_draws_and_others_give_others() -> None:
    found = []
    for parts in ((7,), (7,), (8,), (7, 0, 1), (7, 1, 0), (-3, 2**70)):
        seed_everything(*parts)
        found.append(drawn())
    assert found[0] == found[1]
    for place in range(3):
        assert len({each[place] for each in found}) == 5


def test_seeding_again_and_again_keeps_nothing() -> None:
    waiting = len(torch.cuda._queued_calls)
    for step in range(20):
        seed_everything(0, step)
    assert len(torch.cuda._queued_calls) == waiting


def test_a_gpu_is_held_to_kernels_that_repeat_themselves(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("CUBLAS_WORKSPACE_CONFIG", raising=False)
    assert not torch.are_deterministic_algorithms_enabled()
    with repeatable(torch.device("cpu")):
        assert not torch.are_deterministic_algorithms_enabled()
    with repeatable(torch.device("cuda")):
        assert torch.are_deterministic_algorithms_enabled()
        assert torch.is_deterministic_algorithms_warn_only_enabled()
        assert os.environ["CUBLAS_WORKSPACE_CONFIG"] == ":4096:8"
    assert not torch.are_deterministic_algorithms_enabled()
