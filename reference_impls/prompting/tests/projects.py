"""Projects for the tests: a config.yaml as it is generated, and an embedder that needs no model."""

import hashlib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from click.testing import CliRunner, Result

from ...embedding.base import Vectors
from ...project_base.cli import RoomCommands
from ...project_base.config import load_settings
from ...project_base.tests.generated import write_config
from ...texts.words import words_of
from ..measuring.opening import Opened
from ..proof.project import METHODS, SAMPLE
from ..settings import ProjectSettings

_FOLDERS = {"few_shot": "handbook", "whole_corpus": "handbook", "map_reduce": "reports"}


class WordEmbedder:
    """Counts words in 256 places: texts that share words are near, and nothing has to be loaded."""

    id = "words"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str], advance: Callable[[int], object] = lambda _: None) -> Vectors:
        found = np.zeros((len(texts), 256), dtype=np.float32)
        for number, text in enumerate(texts):
            for word in words_of(text):
                found[number, hashlib.sha256(word.encode()).digest()[0]] += 1
            advance(1)
        lengths = np.linalg.norm(found, axis=1, keepdims=True)
        vectors: Vectors = found / np.maximum(lengths, 1e-9)
        return vectors


def config(folder: Path, method: str = "few_shot", base_url: str = "", **changes: object) -> Path:
    """A config.yaml on the sample of a method; `room__key` changes a value."""
    given: dict[str, object] = {f"prompting__{key}": value for key, value in METHODS[method].items()}
    given |= {"prompting__method": method, "corpus__folder": str(SAMPLE / _FOLDERS[method])}
    given |= {"prompting__runs_folder": str(folder / "runs")}
    if base_url:
        given |= {"language_models__generator": "openai_compatible", "language_models__model": "m"}
        given |= {"language_models__base_url": base_url, "language_models__api_key_variable": ""}
    given |= changes
    return write_config(folder, ProjectSettings.model_fields, given)


def open_project(folder: Path, method: str = "few_shot", base_url: str = "", **changes: Any) -> Opened:
    """A project with the embedder of the tests."""
    settings = load_settings(config(folder, method, base_url, **changes), ProjectSettings)
    return Opened(settings, embedder=WordEmbedder)


def run(file: Path, *arguments: str, typed: str = "") -> Result:
    """Runs a command of a project, as the terminal would."""
    return CliRunner().invoke(RoomCommands("main", "prompting"), [*arguments, "--config", str(file)], input=typed)


def prompt_file(folder: Path, head: str = "output: text", body: str = "Say what it is.", name: str = "p.md") -> Path:
    """A prompt file with a name and a version."""
    file = folder / name
    file.write_text(f"---\nname: thing\nversion: 1\n{head}\n---\n{body}\n", encoding="utf-8")
    return file
