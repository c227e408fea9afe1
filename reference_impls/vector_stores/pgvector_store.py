"""PostgreSQL with pgvector: the vectors lie on a server, so that one machine need not hold them."""

import uuid
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from ..project_base.errors import UserError
from ..project_base.files import write_text
from ..project_base.rooms import command_line
from .base import Mask, Positions, Vectors, check_query
from .exact import ExactStore
from .pgvector_table import PgvectorTable
from .settings import Settings

_FILE = "pgvector.json"
_MOST_DIMENSIONS = 16_000


class _About(BaseModel):
    """Contents of pgvector.json; the pattern keeps a changed file from naming a table that is not ours."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    format_version: Literal[1]
    folder: str
    table: str = Field(pattern=r"^vectors_[0-9a-f]{32}$")
    rows: int = Field(ge=0)
    dimension: int = Field(ge=1, le=_MOST_DIMENSIONS)


class PgvectorStore:
    """A table of one generation of vectors; before `save` they are searched where they are.

    The connection string comes from the environment alone and is written nowhere.

    Args:
        backing: The vectors in memory, or the table.
        settings: Of this room.
    """

    def __init__(self, backing: ExactStore | PgvectorTable, settings: Settings) -> None:
        self._backing = backing
        self._settings = settings

    @classmethod
    def build(cls, vectors: Vectors, settings: Settings) -> Self:
        """Keeps float32 [n, dimension] until `save` sends them to the server."""
        return cls(ExactStore.build(vectors, settings), settings)

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> Self:
        """Opens a saved store; a damaged file, a missing table or a server out of reach is a UserError."""
        table = _named_table(folder, settings)
        table.check()
        return cls(table, settings)

    @classmethod
    def discard(cls, folder: Path, settings: Settings) -> frozenset[str]:
        """Drops the table of a saved or half-saved store; pgvector.json stays while the server is out of reach."""
        about = _read(folder)
        # The table of a copied project belongs to the original, as long as that is there.
        if about is None or (about.folder != _place(folder) and Path(about.folder).is_dir()):
            return frozenset()
        try:
            _table(about, settings).drop()
        except UserError:
            return frozenset({_FILE})
        return frozenset()

    def save(self, folder: Path) -> None:
        """Writes pgvector.json into the folder, then the table, in one transaction."""
        vectors = self._backing.vectors()
        rows, dimension = vectors.shape
        if dimension > _MOST_DIMENSIONS:
            raise UserError(
                f"pgvector holds vectors of at most {_MOST_DIMENSIONS} numbers, not {dimension}",
                "choose another embedding.model, or vector_stores.store: faiss",
            )
        name = f"vectors_{uuid.uuid4().hex}"
        about = _About(format_version=1, folder=_place(folder), table=name, rows=rows, dimension=dimension)
        # The name comes first: whatever happens then, `discard` knows what to remove.
        write_text(folder / _FILE, about.model_dump_json() + "\n")
        table = _table(about, self._settings)
        table.write(vectors)
        table.close()

    def search(self, query: Vectors, count: int, visible: Mask | None = None) -> tuple[Vectors, Positions]:
        """Nearest visible rows of float32 [dimension]; scores and positions, best first."""
        self._check(query)
        return self._backing.search(query, count, visible)

    def scores(self, query: Vectors, positions: Positions) -> Vectors:
        """Inner products with the rows at int64 [m]: float32 [m]."""
        self._check(query)
        return self._backing.scores(query, positions)

    def vectors(self) -> Vectors:
        """All vectors, float32 [n, dimension], as they were sent."""
        return self._backing.vectors()

    def _check(self, query: Vectors) -> None:
        if isinstance(self._backing, PgvectorTable):
            check_query(query, self._backing.dimension)


def _named_table(folder: Path, settings: Settings) -> PgvectorTable:
    about = _read(folder)
    if about is None:
        raise UserError(
            f"{folder / _FILE} is missing or damaged, which names the table of the vectors",
            f"build the index again: {command_line('index --rebuild')}",
        )
    return _table(about, settings)


def _read(folder: Path) -> _About | None:
    try:
        return _About.model_validate_json((folder / _FILE).read_bytes())
    except (OSError, ValidationError):
        return None


def _table(about: _About, settings: Settings) -> PgvectorTable:
    return PgvectorTable(about.table, about.rows, about.dimension, settings)


def _place(folder: Path) -> str:
    return str(folder.resolve())
