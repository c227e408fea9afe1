"""The contract of every embedder."""

from collections.abc import Callable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

Vectors = NDArray[np.float32]


class Embedder(Protocol):
    """What the index and the answers need of an embedding model."""

    @property
    def id(self) -> str:
        """Names the model; vectors of different ids must never meet."""
        ...

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Embeds questions: float32 [n, dimension], rows of length 1."""
        ...

    def encode_passages(self, texts: Sequence[str], advance: Callable[[int], object] = ...) -> Vectors:
        """Embeds passages: float32 [n, dimension], rows of length 1; `advance` hears how many more are done."""
        ...
