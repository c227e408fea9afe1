"""Exact search in numpy: no library beyond it, and the reference that other stores are tested against."""

from pathlib import Path
from typing import Self

import numpy as np

from ..project_base.errors import UserError
from ..project_base.files import write_stream
from ..project_base.rooms import command_line
from .base import Mask, Positions, Vectors, check_query
from .settings import Settings

_FILE = "vectors.npy"
_COPIES_PAY = 4
"""Gathering rows costs a few times what reading them in order does: above a quarter of all rows it does not pay."""


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
        """Opens a saved store without reading it; a missing or damaged file is a UserError."""
        del settings
        return cls(read_vectors(folder))

    @classmethod
    def discard(cls, folder: Path, settings: Settings) -> frozenset[str]:
        """Nothing lies outside the folder."""
        del folder, settings
        return frozenset()

    def save(self, folder: Path) -> None:
        """Writes vectors.npy."""
        write_vectors(folder, self._vectors)

    def search(self, query: Vectors, count: int, visible: Mask | None = None) -> tuple[Vectors, Positions]:
        """Nearest visible rows of float32 [dimension]; scores and positions, best first."""
        check_query(query, self._vectors.shape[1])
        if visible is None:
            scores = self._vectors @ query
            positions = top_positions(scores, count)
            return scores[positions], positions
        among = np.flatnonzero(visible)
        few = len(among) * _COPIES_PAY < len(self._vectors)
        scores = self._vectors[among] @ query if few else (self._vectors @ query)[among]
        best = top_positions(scores, count)
        return scores[best], among[best]

    def scores(self, query: Vectors, positions: Positions) -> Vectors:
        """Inner products with the rows at int64 [m]: float32 [m]."""
        check_query(query, self._vectors.shape[1])
        products: Vectors = self._vectors[positions] @ query
        return products

    def vectors(self) -> Vectors:
        """All vectors, float32 [n, dimension]; of an opened store, a view of its file."""
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


def write_vectors(folder: Path, vectors: Vectors) -> None:
    """Writes vectors.npy, float32 [n, dimension], into a folder."""
    write_stream(folder / _FILE, lambda stream: np.save(stream, vectors, allow_pickle=False))


def read_vectors(folder: Path) -> Vectors:
    """Maps the vectors.npy of a folder into memory: what a search does not touch is not read.

    Raises:
        UserError: The file is missing, damaged, or holds something else.
    """
    file = folder / _FILE
    try:
        # The memory map itself is hidden: every slice of one would carry its costs.
        vectors = np.asarray(_mapped(file))
    except (OSError, ValueError, EOFError) as error:
        raise UserError(
            f"{file} is missing or damaged ({error})", f"build the index again: {command_line('index --rebuild')}"
        ) from error
    return vectors


def _mapped(file: Path) -> Vectors:
    vectors = np.load(file, mmap_mode="r", allow_pickle=False)
    if vectors.dtype != np.float32 or vectors.ndim != 2 or not vectors.flags.c_contiguous:
        raise ValueError(f"it holds {vectors.dtype} of shape {vectors.shape}, not rows of float32")
    rows: Vectors = vectors
    return rows
