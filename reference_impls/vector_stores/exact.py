"""Exact search in numpy: no library beyond it, and the reference that other stores are tested against."""

import io
from pathlib import Path
from typing import Self

import numpy as np

from ..project_base.errors import UserError
from ..project_base.files import write_bytes
from ..project_base.rooms import command_line
from .base import Mask, Positions, Vectors
from .settings import Settings

_FILE = "vectors.npy"


class ExactStore:
    """One float32 matrix; a search is one matrix product and a partial sort."""

    def __init__(self, vectors: Vectors) -> None:
        self._vectors = vectors

    @classmethod
    def build(cls, vectors: Vectors, settings: Settings) -> Self:
        """Keeps float32 [n, dimension] as it is."""
        del settings
        return cls(np.ascontiguousarray(vectors, dtype=np.float32))

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> Self:
        """Opens a saved store; a missing or damaged file is a UserError."""
        del settings
        try:
            vectors = np.load(folder / _FILE, allow_pickle=False)
        except (OSError, ValueError, EOFError) as error:
            raise UserError(
                f"{folder / _FILE} is damaged ({error})", f"build the index again: {command_line('index --rebuild')}"
            ) from error
        return cls(vectors)

    @classmethod
    def discard(cls, folder: Path, settings: Settings) -> None:
        """Nothing lies outside the folder."""

    def save(self, folder: Path) -> None:
        """Writes vectors.npy."""
        buffer = io.BytesIO()
        np.save(buffer, self._vectors, allow_pickle=False)
        write_bytes(folder / _FILE, buffer.getvalue())

    def search(self, query: Vectors, count: int, visible: Mask | None = None) -> tuple[Vectors, Positions]:
        """Nearest visible rows of float32 [dimension]; scores and positions, best first."""
        if visible is None:
            scores = self._vectors @ query
            positions = top_positions(scores, count)
            return scores[positions], positions
        among = np.flatnonzero(visible)
        scores = self._vectors[among] @ query
        best = top_positions(scores, count)
        return scores[best], among[best]

    def scores(self, query: Vectors, positions: Positions) -> Vectors:
        """Inner products with the rows at int64 [m]: float32 [m]."""
        products: Vectors = self._vectors[positions] @ query
        return products

    def vectors(self) -> Vectors:
        """All vectors, float32 [n, dimension]."""
        return self._vectors


def top_positions(scores: Vectors, count: int) -> Positions:
    """Positions of the largest scores, best first; equal scores in the order of their positions.

    Args:
        scores: float32 [n].
        count: How many at most.

    Returns:
        int64 [min(count, n)].
    """
    count = min(count, len(scores))
    if count == 0:
        return np.empty(0, dtype=np.int64)
    # Everything that ties with the last place is kept until the order is settled, or the result would depend on luck.
    threshold = np.partition(scores, len(scores) - count)[len(scores) - count]
    candidates = np.flatnonzero(scores >= threshold)
    order = np.argsort(-scores[candidates], kind="stable")[:count]
    return candidates[order].astype(np.int64)
