"""A flat inner-product index of faiss: exact, and the door to its compressed indexes."""

from pathlib import Path
from typing import Any, Self

import numpy as np

from ..project_base.errors import UserError
from ..project_base.files import write_bytes
from ..project_base.optional import require
from ..project_base.rooms import command_line
from .base import Mask, Positions, Vectors
from .settings import Settings

_FILE = "vectors.faiss"


def _faiss() -> Any:
    return require("faiss", "faiss-cpu>=1.9")


class FaissStore:
    """`IndexFlatIP` over float32 rows."""

    def __init__(self, index: Any) -> None:
        self._index = index

    @classmethod
    def build(cls, vectors: Vectors, settings: Settings) -> Self:
        """Adds float32 [n, dimension] to a new index."""
        del settings
        index = _faiss().IndexFlatIP(vectors.shape[1])
        index.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(index)

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> Self:
        """Opens a saved store; a missing or damaged file is a UserError."""
        del settings
        try:
            content = np.frombuffer((folder / _FILE).read_bytes(), dtype=np.uint8)
            return cls(_faiss().deserialize_index(content))
        except (OSError, RuntimeError) as error:
            raise UserError(
                f"{folder / _FILE} is damaged or not a faiss index",
                f"build it again: {command_line('index --rebuild')}",
            ) from error

    @classmethod
    def discard(cls, folder: Path, settings: Settings) -> None:
        """Nothing lies outside the folder."""

    def save(self, folder: Path) -> None:
        """Writes vectors.faiss."""
        write_bytes(folder / _FILE, _faiss().serialize_index(self._index).tobytes())

    def search(self, query: Vectors, count: int, visible: Mask | None = None) -> tuple[Vectors, Positions]:
        """Nearest visible rows of float32 [dimension]; scores and positions, best first."""
        count = min(count, int(self._index.ntotal if visible is None else np.count_nonzero(visible)))
        if count == 0:
            return np.empty(0, dtype=np.float32), np.empty(0, dtype=np.int64)
        parameters = None
        if visible is not None:
            faiss = _faiss()
            bits = np.packbits(visible, bitorder="little")
            parameters = faiss.SearchParameters(sel=faiss.IDSelectorBitmap(bits))
        scores, positions = self._index.search(query[np.newaxis, :], count, params=parameters)
        # faiss leaves the order of equal scores open.
        order = np.lexsort((positions[0], -scores[0]))
        return scores[0][order], positions[0][order]

    def scores(self, query: Vectors, positions: Positions) -> Vectors:
        """Inner products with the rows at int64 [m]: float32 [m]."""
        if len(positions) == 0:
            return np.empty(0, dtype=np.float32)
        products: Vectors = self._index.reconstruct_batch(positions) @ query
        return products

    def vectors(self) -> Vectors:
        """All vectors, float32 [n, dimension], copied out of the index."""
        if self._index.ntotal == 0:
            return np.empty((0, self._index.d), dtype=np.float32)
        rows: Vectors = self._index.reconstruct_n(0, self._index.ntotal)
        return rows
