from pathlib import Path

import pytest
import torch

from ...encoders.tests.tiny import save_encoder


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    # Two threads on two busy cores wait for each other.
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command sets in the environment is taken back after the test."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "TOKENIZERS_PARALLELISM"):
        monkeypatch.setenv(name, "1" if name != "TOKENIZERS_PARALLELISM" else "false")


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder, which makes rungs quick and not good."""
    return save_encoder(tmp_path_factory.mktemp("encoder") / "model")
