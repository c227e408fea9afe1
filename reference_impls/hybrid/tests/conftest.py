import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from ...encoders.tests.tiny import save_encoder
from ...project_base.tests.generated import PACKAGE
from ..settings import ProjectSettings
from .projects import config, run, settings, small_requests


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    # Two threads on two busy cores wait for each other.
    torch.set_num_threads(1)


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a command sets in the environment is taken back after the test."""
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "TOKENIZERS_PARALLELISM"):
        monkeypatch.setenv(name, "1" if name != "TOKENIZERS_PARALLELISM" else "false")


@dataclass(frozen=True)
class Project:
    """A project whose router is trained; the tiny encoder makes it quick and not good."""

    folder: Path
    changes: dict[str, object]

    @property
    def config(self) -> Path:
        return self.folder / "config.yaml"

    def settings(self, **changes: object) -> ProjectSettings:
        return settings(self.folder, **{**self.changes, **changes})

    def write(self, **changes: object) -> Path:
        return config(self.folder, **{**self.changes, **changes})


def changes_of(folder: Path) -> dict[str, object]:
    return {
        "embedding__model": str(folder / "encoder"),
        "embedding__device": "cpu",
        "embedding__backend": "torch",
        "encoders__most_tokens": 32,
        "encoders__inverse_penalties": "10",
        "labelled_data__probe": "off",
        "labelled_data__test_share": 0.3,
        "corpus__folder": str(folder / "docs"),
        "rag__refuse_below": 0.0,
        "rag__questions": str(folder / "questions.jsonl"),
        "fine_tuning__examples": str(folder / "requests.csv"),
        "fine_tuning__climb_to": "head",
        "hybrid__handling": str(folder / "handling.yaml"),
        "hybrid__wanted_accuracy": 0.8,
    }


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with an indexed and trained router, made once; tests work on copies."""
    folder = tmp_path_factory.mktemp("router")
    save_encoder(folder / "encoder")
    shutil.copytree(PACKAGE / "rag" / "sample" / "docs", folder / "docs")
    small_requests(folder)
    file = config(folder, **changes_of(folder))
    for command in ("index", "train", "evaluate"):
        result = run(file, command)
        assert result.exit_code == 0, result.output
    return folder


@pytest.fixture
def project(tmp_path: Path, trained: Path) -> Project:
    """A copy of the trained router; the encoder stays where it was."""
    folder = tmp_path / "project"
    shutil.copytree(trained, folder, ignore=shutil.ignore_patterns("encoder"))
    changes = {**changes_of(folder), "embedding__model": str(trained / "encoder")}
    made = Project(folder, changes)
    made.write()
    return made
