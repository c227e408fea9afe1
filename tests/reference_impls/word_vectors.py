"""An embedder for tests: quick, deterministic, and without a model."""

from collections.abc import Callable, Sequence

import numpy as np

from reference_impls.embedding.base import Vectors

WORDS = ["tariff", "bridge", "sensor", "battery", "manual", "engineer", "price", "return", "alarm", "north"]


class WordVectors:
    """Embeds a text as the counts of the words above: real geometry without a model."""

    id = "word-counts"

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """float32 [n, dimension], rows of length 1."""
        return self.encode_passages(texts)

    def encode_passages(self, texts: Sequence[str], advance: Callable[[int], object] = lambda _: None) -> Vectors:
        """float32 [n, dimension], rows of length 1."""
        rows = np.array([[text.casefold().count(word) for word in WORDS] + [0.1] for text in texts], dtype=np.float32)
        advance(len(texts))
        rows /= np.linalg.norm(rows, axis=1, keepdims=True)
        return rows
