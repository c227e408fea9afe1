"""Words and pieces of words of a text as numbers: TF-IDF over word and character n-grams.

Weights as in scikit-learn's TfidfVectorizer with `sublinear_tf`: (1 + ln count) * (ln((1 + n) / (1 + df)) + 1), rows
scaled to length 1; here the words and the pieces of words are scaled on their own, as in a union of two vectorizers.
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise

import numpy as np

from ..labelled_data.base import Advance
from ..texts.words import words_of
from .sparse_rows import Floats, Integers, SparseRows

MOST_CHARACTERS = 100_000
"""What stands behind this many characters of a text is not counted: it would take seconds, and says little more."""

_SHORTEST, _LONGEST = 2, 5
_WORD, _PIECE = "w", "c"


def ngrams_of(text: str) -> Iterator[str]:
    """Its words, its pairs of neighbouring words, and the pieces of 2 to 5 characters of its words, in lower case.

    The first character tells words (`w`) from pieces (`c`). Pieces keep punctuation, and the edges of words as spaces.
    """
    text = text[:MOST_CHARACTERS]
    words = words_of(text)
    for word in words:
        yield _WORD + word
    for left, right in pairwise(words):
        yield f"{_WORD}{left} {right}"
    for token in text.lower().split():
        yield from _pieces(token)


@lru_cache(maxsize=1 << 16)
def _pieces(token: str) -> tuple[str, ...]:
    # Words come again and again: remembering their pieces makes counting several times as fast.
    padded = f" {token} "
    size = len(padded)
    return tuple(
        _PIECE + padded[start : start + length]
        for length in range(_SHORTEST, min(_LONGEST, size) + 1)
        for start in range(size - length + 1)
    )


@dataclass(frozen=True)
class Vocabulary:
    """The n-grams that have a column, with their weights.

    Attributes:
        ngrams: In the order of the columns: those of words come first.
        rarity: The inverse document frequency of each, float32.
    """

    ngrams: tuple[str, ...]
    rarity: Floats

    @cached_property
    def _columns(self) -> Mapping[str, int]:
        return {ngram: column for column, ngram in enumerate(self.ngrams)}

    @cached_property
    def _first_piece(self) -> int:
        return sum(ngram.startswith(_WORD) for ngram in self.ngrams)

    def rows(self, texts: Sequence[str], advance: Advance = lambda _: None) -> SparseRows:
        """The texts as rows; unknown n-grams count for nothing."""
        columns: list[Integers] = []
        values: list[Floats] = []
        for text in texts:
            found, weights = self._row(text)
            columns.append(found)
            values.append(weights)
            advance(1)
        sizes = np.array([len(each) for each in columns], dtype=np.int64)
        return SparseRows(
            starts=np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(sizes)]),
            columns=np.concatenate([np.empty(0, dtype=np.int64), *columns]),
            values=np.concatenate([np.empty(0, dtype=np.float32), *values]),
            width=len(self.ngrams),
        )

    def _row(self, text: str) -> tuple[Integers, Floats]:
        known = self._columns
        found = [column for ngram in ngrams_of(text) if (column := known.get(ngram)) is not None]
        columns, counts = np.unique(np.array(found, dtype=np.int64), return_counts=True)
        values = (1 + np.log(counts)) * self.rarity[columns]
        pieces = int(np.searchsorted(columns, self._first_piece))
        for kind in (slice(pieces), slice(pieces, None)):
            values[kind] /= math.sqrt(float(values[kind] @ values[kind])) or 1.0
        return columns, values.astype(np.float32)


def learn_vocabulary(texts: Sequence[str], most: int, advance: Advance = lambda _: None) -> Vocabulary:
    """The n-grams of at least two texts; where there are too many, those of most texts.

    Args:
        texts: The training texts.
        most: Most n-grams, at least 1.
        advance: Hears how many more texts are done.
    """
    frequency: Counter[str] = Counter()
    for text in texts:
        frequency.update(set(ngrams_of(text)))
        advance(1)
    kept = [ngram for ngram, count in frequency.items() if count > 1] or list(frequency)
    kept = sorted(kept, key=lambda ngram: (-frequency[ngram], ngram))[:most]
    kept.sort(key=lambda ngram: (not ngram.startswith(_WORD), ngram))
    counts = np.array([frequency[ngram] for ngram in kept], dtype=np.float64)
    return Vocabulary(tuple(kept), (np.log((1 + len(texts)) / (1 + counts)) + 1).astype(np.float32))
