"""Vectors of the frozen text encoder, remembered while a ladder is climbed."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..labelled_data.base import Advance

Vectors = NDArray[np.float32]


class VectorSource(Protocol):
    """Whatever makes vectors of texts.

    Attributes:
        id: Names the model and all that decides what its vectors are.
        most_tokens: Longer texts are cut.
        precision: What the model computes in.
    """

    id: str
    most_tokens: int
    precision: str

    @property
    def parameters(self) -> int:
        """How many weights the model has; 0 where that is not known."""
        ...

    def encode(self, texts: Sequence[str], advance: Advance) -> Vectors:
        """float32 [n, dimension]; `advance` hears how many more texts are done."""
        ...

    def cut(self, texts: Sequence[str]) -> dict[str, float]:
        """`cut_texts` and `cut_tokens`: how much of these texts is not read."""
        ...


class TextVectors:
    """Makes the vector of each text once.

    Args:
        most_bytes: From as many bytes of vectors on, further ones are not remembered.
    """

    def __init__(self, most_bytes: int = 1 << 29) -> None:
        self._most_bytes = most_bytes
        self._sources: dict[str, VectorSource] = {}
        self._rows: dict[tuple[str, str], Vectors] = {}
        self._bytes = 0

    def source(self, key: str, load: Callable[[], VectorSource]) -> VectorSource:
        """What makes the vectors, loaded once for each key."""
        if key not in self._sources:
            self._sources[key] = load()
        return self._sources[key]

    def words(self, key: str, make: Callable[[], Vectors]) -> Vectors:
        """The vectors of the words of a whole set of texts, made once for each key: float32 [words, width]."""
        if (key, "") in self._rows:
            return self._rows[key, ""]
        made = make()
        if self._bytes + made.nbytes <= self._most_bytes:
            self._rows[key, ""] = made
            self._bytes += made.nbytes
        return made

    def encode(self, source: VectorSource, texts: Sequence[str], advance: Advance) -> Vectors:
        """The vectors of texts, float32 [n, dimension]; what is remembered is not computed again."""
        wanted = [(source.id, text) for text in texts]
        missing = [key for key in dict.fromkeys(wanted) if key not in self._rows]
        advance(len(texts) - len(missing))
        found: dict[tuple[str, str], Vectors] = {}
        if missing:
            fresh = source.encode([text for _, text in missing], advance)
            found = dict(zip(missing, fresh, strict=True))
            if self._bytes + fresh.nbytes <= self._most_bytes:
                self._rows |= found
                self._bytes += fresh.nbytes
        return np.stack([found[key] if key in found else self._rows[key] for key in wanted])


class Remembered:
    """What makes vectors, and remembers them.

    Args:
        source: Makes them.
        vectors: Remembers them.
    """

    def __init__(self, source: VectorSource, vectors: TextVectors) -> None:
        self._source = source
        self._vectors = vectors
        self.id = source.id
        self.most_tokens = source.most_tokens
        self.precision = source.precision

    @property
    def parameters(self) -> int:
        """How many weights the model has."""
        return self._source.parameters

    def encode(self, texts: Sequence[str], advance: Advance) -> Vectors:
        """float32 [n, dimension]."""
        return self._vectors.encode(self._source, texts, advance)

    def cut(self, texts: Sequence[str]) -> dict[str, float]:
        """How much of these texts is not read."""
        return self._source.cut(texts)
