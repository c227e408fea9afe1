"""Exports of sentence embedders of every kind, beside those that the tests of the room make."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_impls.embedding.settings import Settings
from reference_impls.embedding.tests.conftest import write_model
from reference_impls.embedding.tests.test_export import gives_the_vectors_of_torch


@pytest.mark.soak
@pytest.mark.parametrize("pooling", ["cls", "max"])
def test_other_ways_of_pooling_are_exported_too(tmp_path: Path, pooling: str) -> None:
    write_model(tmp_path / "model", pooling)
    gives_the_vectors_of_torch(
        Settings(model=str(tmp_path / "model"), device="cpu", cache_folder=str(tmp_path / "cache"))
    )
