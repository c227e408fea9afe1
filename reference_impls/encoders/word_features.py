"""What a linear tagger sees of a word: the word and its neighbours, their beginnings, ends and shapes."""

import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache

import numpy as np

from .sparse_rows import SparseRows
from .tags import Words

_REACH = 2
_EDGE = "-"
_AFFIX = 3


def features_of(text: str, words: Words) -> Iterator[tuple[str, ...]]:
    """The features of each word of a text; the first character of each tells where it comes from."""
    pieces = [text[start:end] for start, end in words.tolist()]
    shown = [_seen(piece) for piece in pieces]
    lower = [piece.lower() for piece in pieces]
    for place in range(len(pieces)):
        found = ["*", *(f"0{each}" for each in shown[place])]
        for offset in range(-_REACH, _REACH + 1):
            there = place + offset
            if offset and 0 <= there < len(pieces):
                near = shown[there] if abs(offset) == 1 else shown[there][:1]
                found += [f"{offset}{each}" for each in near]
            elif offset:
                found.append(f"{offset}{_EDGE}")
        before = lower[place - 1] if place else _EDGE
        behind = lower[place + 1] if place + 1 < len(lower) else _EDGE
        found += [f"<{before} {lower[place]}", f">{lower[place]} {behind}"]
        yield tuple(found)


@lru_cache(maxsize=1 << 16)
def _seen(word: str) -> tuple[str, ...]:
    """The word in lower case, its shape, its beginning and its end."""
    lower = word.lower()
    shape = "".join(_shape(character) for character in word)
    short = "".join(mark for mark, before in zip(shape, " " + shape, strict=False) if mark != before)
    affixes = [f"^{lower[:_AFFIX]}", f"${lower[-_AFFIX:]}", f"${lower[-2:]}"] if len(lower) > _AFFIX else []
    size = f"#{len(word)}" if shape.startswith("9") else f"={short}"
    return (f"w{lower}", size, f"s{short}", *affixes)


def _shape(character: str) -> str:
    kind = unicodedata.category(character)
    return {"Lu": "X", "Nd": "9"}.get(kind, "x" if kind.startswith("L") else character)


@dataclass(frozen=True)
class WordVocabulary:
    """The features that have a column.

    Attributes:
        features: In the order of the columns.
    """

    features: tuple[str, ...]

    @cached_property
    def _columns(self) -> dict[str, int]:
        return {feature: column for column, feature in enumerate(self.features)}

    def rows(self, texts: Sequence[str], words: Sequence[Words]) -> SparseRows:
        """One row for each word of all texts; each of its features is there once, and all of a row weigh the same."""
        known = self._columns
        columns: list[int] = []
        sizes: list[int] = []
        for text, places in zip(texts, words, strict=True):
            for features in features_of(text, places):
                found = sorted({column for feature in features if (column := known.get(feature)) is not None})
                columns += found
                sizes.append(len(found))
        counts = np.array(sizes, dtype=np.int64)
        values = np.repeat(1 / np.sqrt(np.maximum(counts, 1)), counts).astype(np.float32)
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
        return SparseRows(starts, np.array(columns, dtype=np.int64), values, len(self.features))


def learn_features(texts: Sequence[str], words: Sequence[Words], most: int) -> WordVocabulary:
    """The features of at least two words; where there are too many, the commonest.

    Args:
        texts: The training texts.
        words: Of each.
        most: Most features, at least 1.
    """
    frequency: Counter[str] = Counter()
    for text, places in zip(texts, words, strict=True):
        for features in features_of(text, places):
            frequency.update(features)
    kept = [feature for feature, count in frequency.items() if count > 1] or list(frequency)
    kept = sorted(kept, key=lambda feature: (-frequency[feature], feature))[:most]
    return WordVocabulary(tuple(sorted(kept)))
