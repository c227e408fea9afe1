from collections.abc import Callable
from pathlib import Path

import pytest

from ..model_folder import ModelFolder, write_model
from ..registry import Registry

Make = Callable[..., ModelFolder]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """`make("a", kind="lora", text="...")`: a model folder with a file and a folder in it."""

    def model(name: str, kind: str = "lora", text: str = "weights") -> ModelFolder:
        def write(folder: Path) -> None:
            (folder / "weights.bin").write_text(f"{name} {text}")
            (folder / "tokenizer").mkdir()
            (folder / "tokenizer" / "vocab.txt").write_text("one\ntwo\n")

        return write_model(tmp_path / "runs" / name, kind, {"labels": ["a", "ü"], "name": name}, write)

    return model


@pytest.fixture
def registry(tmp_path: Path) -> Registry:
    return Registry(tmp_path / "models")
