"""Words of texts as counts, in a space that needs no vocabulary; each text is read once in a process."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import sparse  # type: ignore[import-untyped]  # scipy has no types
from sklearn.base import BaseEstimator, TransformerMixin  # type: ignore[import-untyped]  # scikit-learn has no types
from sklearn.feature_extraction.text import HashingVectorizer  # type: ignore[import-untyped]

from ..texts.words import words_of

_MOST_REMEMBERED = 20_000_000
"""Most counts that are remembered, 8 bytes each."""

Counts = tuple[NDArray[np.int32], NDArray[np.float32]]

_remembered: dict[tuple[int, str], Counts] = {}
_size = 0


class WordCounts(TransformerMixin, BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """Counts of words and of pairs of neighbouring words, each in the place that its hash gives.

    Formula: the hashing trick (Weinberger, Dasgupta, Langford, Smola, Attenberg 2009), without signs. Replayed windows
    overlap, so counts are remembered by text.

    Args:
        features: How many places there are.
    """

    def __init__(self, features: int = 65_536) -> None:
        self.features = features

    def fit(self, texts: Sequence[str], target: object = None) -> "WordCounts":
        """Learns nothing."""
        del texts, target
        return self

    def transform(self, texts: Sequence[str]) -> Any:
        """Sparse float32 [n, features]."""
        global _size  # noqa: PLW0603 -- what a process remembers is one for all of its models
        keys = [(self.features, text) for text in texts]
        found = {key: _remembered[key] for key in keys if key in _remembered}
        missing = [key for key in dict.fromkeys(keys) if key not in found]
        if missing:
            fresh = _counted([text for _, text in missing], self.features)
            found |= dict(zip(missing, fresh, strict=True))
            size = sum(len(places) for places, _ in fresh)
            if _size + size <= _MOST_REMEMBERED:
                _remembered.update(zip(missing, fresh, strict=True))
                _size += size
        rows = [found[key] for key in keys]
        ends = np.cumsum([0, *(len(places) for places, _ in rows)])
        places = np.concatenate([row[0] for row in rows]) if rows else np.empty(0, dtype=np.int32)
        counts = np.concatenate([row[1] for row in rows]) if rows else np.empty(0, dtype=np.float32)
        return sparse.csr_matrix((counts, places, ends), shape=(len(rows), self.features))

    def __sklearn_is_fitted__(self) -> bool:
        return True


def _counted(texts: Sequence[str], features: int) -> list[Counts]:
    reader = HashingVectorizer(
        analyzer=_words_and_pairs, n_features=features, alternate_sign=False, norm=None, dtype=np.float32
    )
    made = reader.transform(texts)
    ends = made.indptr
    return [(made.indices[start:stop].astype(np.int32), made.data[start:stop]) for start, stop in pairwise(ends)]


def _words_and_pairs(text: str) -> list[str]:
    words = words_of(text)
    return words + [f"{first} {second}" for first, second in pairwise(words)]
