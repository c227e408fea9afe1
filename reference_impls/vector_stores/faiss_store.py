"""faiss: every vector compared while they are few, a graph or short codes when they are many."""

from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from pydantic import BaseModel, ConfigDict, ValidationError

from ..project_base.errors import UserError
from ..project_base.files import write_stream, write_text
from ..project_base.rooms import command_line
from .base import Mask, Positions, Vectors, check_query
from .exact import ExactStore, read_vectors, top_positions, write_vectors
from .faiss_index import Kind, exact_is_cheaper, kind_for, kind_of, load_faiss, make_index, nearest
from .settings import Settings

_INDEX = "vectors.faiss"
_ABOUT = "faiss.json"
_RESCORED = 4
_LEAST_RESCORED = 200
"""Candidates by short codes, for each row that is asked for and at least; the exact vectors decide among them."""


class FaissStore:
    """Float32 rows and, when they are many, a faiss index that finds the near ones without comparing all.

    The rows lie in vectors.npy and the index, which holds them rounded or as short codes, in vectors.faiss. Both are
    mapped into memory: opening reads nothing, and a search reads of the rows only those that it puts in order.

    Args:
        kind: Of the index.
        index: What `make_index` made; None is flat.
        rows: float32 [n, dimension].
        settings: Of this room; what concerns a search is taken from here, not from the time of building.
    """

    def __init__(self, kind: Kind, index: Any | None, rows: Vectors, settings: Settings) -> None:
        self._kind = kind
        self._index = index
        self._rows = ExactStore(rows)
        self._settings = settings

    @classmethod
    def build(cls, vectors: Vectors, settings: Settings) -> Self:
        """Makes a store of float32 [n, dimension], of the kind that the settings and the number of rows ask for."""
        rows = np.ascontiguousarray(vectors, dtype=np.float32)
        return cls(kind_for(len(rows), settings), make_index(rows, settings), rows, settings)

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> Self:
        """Opens a saved store; a missing, foreign or damaged file is a UserError."""
        about = _read_about(folder / _ABOUT)
        index = None if about.kind == "flat" else _read_index(folder / _INDEX, about)
        rows = read_vectors(folder)
        if rows.shape != (about.rows, about.dimension):
            raise _damaged(folder, f"{rows.shape} instead of {about.rows} rows of {about.dimension}")
        return cls(about.kind, index, rows, settings)

    @classmethod
    def discard(cls, folder: Path, settings: Settings) -> frozenset[str]:
        """Nothing lies outside the folder."""
        del folder, settings
        return frozenset()

    def save(self, folder: Path) -> None:
        """Writes vectors.npy, vectors.faiss unless flat, and faiss.json."""
        write_vectors(folder, self._rows.vectors())
        if self._index is not None:
            writer = load_faiss().PyCallbackIOWriter
            write_stream(folder / _INDEX, lambda stream: load_faiss().write_index(self._index, writer(stream.write)))
        rows, dimension = self._rows.vectors().shape
        size = 0 if self._index is None else (folder / _INDEX).stat().st_size
        about = _About(format_version=1, kind=self._kind, rows=rows, dimension=dimension, index_bytes=size)
        write_text(folder / _ABOUT, about.model_dump_json() + "\n")

    def search(self, query: Vectors, count: int, visible: Mask | None = None) -> tuple[Vectors, Positions]:
        """Nearest visible rows of float32 [dimension]; exact scores and positions, best first."""
        if self._index is None:
            return self._rows.search(query, count, visible)
        check_query(query, self._index.d)
        allowed = int(self._index.ntotal if visible is None else np.count_nonzero(visible))
        count = min(count, allowed)
        candidates = count if self._kind == "hnsw" else min(max(count * _RESCORED, _LEAST_RESCORED), allowed)
        if count == 0 or exact_is_cheaper(self._index, allowed, candidates, self._settings):
            return self._rows.search(query, count, visible)
        found = nearest(self._index, query, candidates, visible, self._settings)
        if len(found) < count:
            # A walk can end before it has met enough visible rows.
            return self._rows.search(query, count, visible)
        # In the order of positions, equal scores come out as everywhere else.
        found.sort()
        scores = self._rows.scores(query, found)
        best = top_positions(scores, count)
        return scores[best], found[best]

    def scores(self, query: Vectors, positions: Positions) -> Vectors:
        """Inner products with the rows at int64 [m]: float32 [m]."""
        return self._rows.scores(query, positions)

    def vectors(self) -> Vectors:
        """All vectors, float32 [n, dimension], bit for bit; of an opened store, a view of its file."""
        return self._rows.vectors()


class _About(BaseModel):
    """Contents of faiss.json, which is written last."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format_version: Literal[1]
    kind: Kind
    rows: int
    dimension: int
    index_bytes: int


def _read_about(file: Path) -> _About:
    try:
        return _About.model_validate_json(file.read_bytes())
    except (OSError, ValidationError) as error:
        raise _damaged(file.parent, f"{_ABOUT} cannot be used") from error


def _read_index(file: Path, about: _About) -> Any:
    faiss = load_faiss()
    try:
        # faiss maps a file whose end is missing as if nothing were; its size tells.
        if file.stat().st_size != about.index_bytes:
            raise _damaged(file.parent, f"{file.name} has another size than it was written with")
        index = faiss.read_index(str(file), faiss.IO_FLAG_MMAP_IFC)
    except (OSError, RuntimeError) as error:
        raise _damaged(file.parent, f"{file.name} cannot be read by faiss") from error
    if kind_of(index) != about.kind or (index.ntotal, index.d) != (about.rows, about.dimension):
        raise _damaged(file.parent, f"{file.name} is another index")
    return index


def _damaged(folder: Path, reason: str) -> UserError:
    return UserError(
        f"the vectors in {folder} are damaged or from another program: {reason}",
        f"build the index again: {command_line('index --rebuild')}",
    )
