import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from ...embedding.base import Embedder
from ...embedding.load import load_embedder
from ...embedding.settings import Settings as EmbeddingSettings
from ..answering import Lookups
from ..commands import SAMPLE
from ..declarations import Lookup, read_declarations
from ..settings import Settings

Declare = Callable[[str], dict[str, Lookup]]

STOCK = """
CREATE TABLE stock (part TEXT, tenant TEXT, pieces INTEGER, note TEXT);
INSERT INTO stock VALUES ('bolt', 'a', 7, 'fine'), ('nut', 'b', 9, NULL), ('washer', 'a', 3, 'a {part} of :part; x');
"""


@pytest.fixture(scope="session")
def embedder() -> Embedder:
    torch.set_num_threads(1)
    return load_embedder(EmbeddingSettings(device="cpu"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the sample."""
    shutil.copytree(SAMPLE.parent, tmp_path / "sample")
    return tmp_path / "sample"


@pytest.fixture
def sample(folder: Path, embedder: Embedder) -> Lookups:
    return Lookups(read_declarations(folder / SAMPLE.name), embedder, Settings())


@pytest.fixture
def declare(tmp_path: Path) -> Declare:
    """Reads declarations from a text, beside a small database as a script."""
    (tmp_path / "stock.sql").write_text(STOCK, encoding="utf-8")

    def read(text: str) -> dict[str, Lookup]:
        file = tmp_path / "lookups.yaml"
        file.write_text(text, encoding="utf-8")
        return read_declarations(file)

    return read
