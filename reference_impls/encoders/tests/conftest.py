from pathlib import Path

import pytest
import torch

from .tiny import save_encoder


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    # Two threads on two busy cores wait for each other.
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder; tests that change its files must change a copy."""
    return save_encoder(tmp_path_factory.mktemp("encoder") / "model")
