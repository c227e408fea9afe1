from pathlib import Path

import pytest
import torch
from click.testing import Result

from ...registry import gates
from .projects import run, save_tiny


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    # Two threads on two busy cores wait for each other.
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command sets in the environment is taken back; promotions ask the gate of this room alone."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        monkeypatch.setenv(name, "1")
    monkeypatch.setenv("TOKENIZERS_PARALLELISM", "false")
    monkeypatch.setattr(gates, "rooms_with", lambda _: ["continued_pretraining"])


@pytest.fixture(scope="session")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny encoder without a guessing layer, as sentence encoders are published."""
    return save_tiny(tmp_path_factory.mktemp("encoder") / "model")


@pytest.fixture(scope="session")
def read_on(tmp_path_factory: pytest.TempPathFactory, encoder: Path) -> Path:
    """A project whose encoder has read on and was judged; read only."""
    folder = tmp_path_factory.mktemp("read_on")
    for arguments in (["train", "--despite", "too_few_tokens"], ["evaluate"]):
        done: Result = run(folder, *arguments, embedding__model=str(encoder))
        assert done.exit_code == 0, done.output
    return folder
