import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch

from ..cache import EXPORT, export_folder
from ..load import load_embedder
from ..settings import Settings

TEXTS = (
    "fox",
    "a bridge that is not found",
    "the warranty of a bridge lasts longer than the warranty of a sensor, as a fox knows " * 3,
    "sensor " * 200,
)
"""Texts of very different lengths; the last is longer than the tiny model reads."""
_WORDS = (
    *("a", "as", "bridge", "fox", "found", "is", "knows", "lasts", "longer", "not", "of", "passage", "query"),
    *("sensor", "than", "that", "the", "warranty", ":", ","),
)

MakeModel = Callable[..., Settings]


@pytest.fixture(autouse=True, scope="session")
def one_thread() -> None:
    # Two threads on two busy cores wait for each other.
    torch.set_num_threads(1)


@pytest.fixture(scope="session")
def make_model(tmp_path_factory: pytest.TempPathFactory) -> MakeModel:
    """Makes a tiny sentence-transformers model from a configuration; it pools as told and wants prompts."""

    def make(pooling: str = "mean", **settings: object) -> Settings:
        folder = tmp_path_factory.mktemp(pooling)
        write_model(folder / "model", pooling)
        given = {"model": str(folder / "model"), "device": "cpu", "cache_folder": str(folder / "cache")} | settings
        return Settings.model_validate(given)

    return make


@pytest.fixture(scope="session")
def exported(make_model: MakeModel) -> Settings:
    """A tiny model with its export; tests that damage it must leave it mended."""
    settings = make_model()
    load_embedder(settings, export=True)
    return settings


@pytest.fixture
def exported_copy(exported: Settings, tmp_path: Path) -> Settings:
    """The same in folders of its own, with which a test may do as it likes."""
    settings = exported.model_copy(update={"model": str(tmp_path / "model"), "cache_folder": str(tmp_path / "cache")})
    shutil.copytree(exported.model, settings.model)
    folder = shutil.copytree(export_folder(exported), export_folder(settings))
    # The id of a model in a folder begins with the name of the folder.
    export = folder / EXPORT
    export.write_text(export.read_text().replace(exported.model, settings.model))
    return settings


def write_model(folder: Path, pooling: str) -> None:
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Normalize, Pooling, Transformer
    from transformers import BertConfig, BertModel, BertTokenizer

    torch.manual_seed(7)
    inner = folder.parent / "inner"
    vocabulary = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]", *_WORDS]
    config = BertConfig(
        vocab_size=len(vocabulary),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=128,
        # With the usual range an untrained model gives nearly one vector for all texts, and no test could fail.
        initializer_range=0.4,
    )
    BertModel(config).save_pretrained(inner)
    tokenizer = BertTokenizer(vocab={word: number for number, word in enumerate(vocabulary)})
    tokenizer.save_pretrained(inner)
    model = SentenceTransformer(
        modules=[Transformer(str(inner), max_seq_length=100), Pooling(32, pooling), Normalize()],
        prompts={"query": "query: ", "passage": "passage: "},
        device="cpu",
    )
    model.save(str(folder))
    assert json.loads((folder / "config_sentence_transformers.json").read_text())["prompts"]["query"]
