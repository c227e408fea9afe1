"""Vectors of texts by the frozen embedder; each text is embedded once in a process, and processes can share them."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator, TransformerMixin  # type: ignore[import-untyped]  # scikit-learn has no types

from ..embedding.base import Embedder
from ..embedding.settings import Settings as EmbeddingSettings
from ..history.base import History
from .settings import Settings, embedding_of

_MOST_REMEMBERED = 1 << 29
"""Most bytes of vectors that are remembered."""

Vector = NDArray[np.float32]
Shared = Mapping[str, Mapping[str, Vector]]
"""The vectors of texts, by the embedder's settings (JSON) and the text; can be sent to another process."""

_embedders: dict[str, Embedder] = {}
_remembered: dict[str, dict[str, Vector]] = {}


class TextVectors(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """The vector of each text.

    Args:
        embedding: The embedder's settings, as JSON.
    """

    def __init__(self, embedding: str) -> None:
        self.embedding = embedding

    def fit(self, texts: Sequence[str], target: object = None) -> "TextVectors":
        """Learns nothing."""
        del texts, target
        return self

    def transform(self, texts: Sequence[str]) -> Any:
        """float32 [n, dimension], rows of length 1."""
        return encode(list(texts), self.embedding)

    def __sklearn_is_fitted__(self) -> bool:
        return True


def encode(texts: Sequence[str], embedding: str) -> Vector:
    """The vectors of texts, float32 [n, dimension]; what is remembered is not computed again.

    Args:
        texts: May repeat.
        embedding: The embedder's settings, as JSON.
    """
    known = _remembered.setdefault(embedding, {})
    found = {text: known[text] for text in texts if text in known}
    if missing := [text for text in dict.fromkeys(texts) if text not in found]:
        fresh = _embedder(embedding).encode_passages(missing)
        found |= dict(zip(missing, fresh, strict=True))
        if (len(known) + len(fresh)) * fresh[0].nbytes <= _MOST_REMEMBERED:
            known |= dict(zip(missing, fresh, strict=True))
    return np.stack([found[text] for text in texts])


def share(history: History, settings: Settings) -> Shared:
    """The vectors of all texts of a history, computed before its replay, for the processes that take part in it.

    Nothing of a label is in them, so that this gives no later knowledge away.

    Returns:
        What `accept` takes; empty where the settings or the columns want no vectors, or these are too many to remember.
    """
    names = [name for name, kind in history.kinds.items() if kind == "text"]
    if settings.texts != "vectors" or not names:
        return {}
    key = embedding_of(settings).model_dump_json()
    texts = list(dict.fromkeys(text or "" for name in names for text in history.features[name]))
    if not texts or len(texts) * encode(texts[:1], key).nbytes > _MOST_REMEMBERED:
        return {}
    return {key: dict(zip(texts, encode(texts, key), strict=True))}


def accept(shared: Shared) -> None:
    """Remembers vectors that another process has computed."""
    for embedding, rows in shared.items():
        _remembered.setdefault(embedding, {}).update(rows)


def _embedder(embedding: str) -> Embedder:
    if embedding not in _embedders:
        # The embedder brings torch or onnxruntime, which models without texts do not need.
        from ..embedding.load import load_embedder  # noqa: PLC0415

        _embedders[embedding] = load_embedder(EmbeddingSettings.model_validate_json(embedding))
    return _embedders[embedding]
