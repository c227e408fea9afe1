from collections.abc import Callable, Sequence
from pathlib import Path

import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
import pytest

from ...embedding.base import Embedder
from ...embedding.load import load_embedder
from ...embedding.settings import Settings as EmbeddingSettings
from ...registry.model_folder import open_model, write_model
from .. import vectors
from ..fitting import fit
from ..keeping import write
from ..kinds import LOADERS
from ..settings import Settings, WithEmbedding, embedding_of, with_embedding
from ..words import WordCounts
from .tables import history_of


def test_words_and_pairs_are_counted_and_remembered_alike() -> None:
    counts = WordCounts(1024)
    first = counts.transform(["the cat the", "", "cat"])
    assert first.shape == (3, 1024)
    assert first.sum(axis=1).tolist() == [[5], [0], [1]]
    again = counts.transform(["cat", "the cat the", "new words", ""])
    assert (again[1] != first[0]).nnz == 0
    assert again[2].sum() == 3
    assert counts.transform([]).shape == (0, 1024)
    # Another size is another space.
    assert WordCounts(2048).transform(["cat"]).shape == (1, 2048)


class Counting:
    """Passes texts on to the real embedder, and keeps what it was asked."""

    def __init__(self, embedder: Embedder) -> None:
        self.embedder = embedder
        self.id = embedder.id
        self.asked: list[str] = []

    def encode_queries(self, texts: Sequence[str]) -> vectors.Vector:
        return self.embedder.encode_queries(texts)

    def encode_passages(
        self, texts: Sequence[str], advance: Callable[[int], object] = lambda _: None
    ) -> vectors.Vector:
        self.asked += texts
        return self.embedder.encode_passages(texts, advance)


def test_each_text_is_embedded_once_and_shared(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    embedding = EmbeddingSettings(backend="torch", cache_folder=str(tmp_path))
    settings = with_embedding(Settings(texts="vectors", kind="linear", strength=100.0), embedding)
    assert isinstance(settings, WithEmbedding)
    assert embedding_of(settings) is embedding
    assert embedding_of(Settings()) == EmbeddingSettings()
    key = embedding.model_dump_json()
    counting = Counting(load_embedder(embedding))
    monkeypatch.setattr(vectors, "_remembered", {})
    monkeypatch.setattr(vectors, "_embedders", {key: counting})
    texts = ["the cat sleeps", "share prices fell", None, "a dog barked", "the bank raised its rates", "horses run"] * 5
    past = history_of({"t": texts}, ["animal", "money", "money", "animal", "money", "animal"] * 5, "classification")
    shared = vectors.share(past, settings)
    assert sorted(counting.asked) == sorted({text or "" for text in texts})
    model = fit(past, settings)
    assert (model.predict(past.features) == past.target).all()
    # Words that were never seen, but mean what others meant.
    asked_now = pd.DataFrame({"t": ["puppies and kittens", "dollars and inflation"]})
    assert model.predict(asked_now).tolist() == ["animal", "money"]
    asked = len(counting.asked)
    vectors._remembered.clear()
    vectors.accept(shared)
    model.predict(past.features)
    assert len(counting.asked) == asked
    assert vectors.share(past, Settings()) == {}
    write_model(tmp_path / "model", "linear", {}, lambda part: write(model, part))
    opened = LOADERS["linear"](open_model(tmp_path / "model"))
    assert (opened.predict(past.features) == past.target).all()
