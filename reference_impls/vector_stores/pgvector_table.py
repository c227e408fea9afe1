"""One PostgreSQL table of vectors: written and read in binary, searched exactly or along pgvector's graph."""

import threading
import weakref
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np

from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from .base import Mask, Positions, Vectors
from .copy_format import read_rows, write_rows
from .postgresql import connect, load_psycopg
from .settings import Settings

MOST_GRAPH_DIMENSIONS = 2_000
"""pgvector builds no HNSW index over longer vectors."""

_FEW_ROWS = 5_000
"""So many visible rows are fetched by their key and compared; among more, a bit for each row says what is visible."""
_MOST_EF_SEARCH = 1_000


class PgvectorTable:
    """Rows `position integer, embedding vector` of a table; positions are 0 to rows - 1.

    Args:
        name: Of the table.
        rows: How many there are.
        dimension: Length of a vector.
        settings: Of this room.
    """

    def __init__(self, name: str, rows: int, dimension: int, settings: Settings) -> None:
        self.name = name
        self.rows = rows
        self.dimension = dimension
        self._settings = settings
        self._connection: Any = None
        self._opening = threading.Lock()
        self._using = threading.Lock()

    def write(self, vectors: Vectors) -> None:
        """Makes the table from float32 [rows, dimension], in one transaction.

        Raises:
            UserError: The server cannot be reached, has no pgvector, or refuses.
        """
        with self._server() as connection, connection.transaction(), connection.cursor() as cursor:
            cursor.execute("SET LOCAL client_min_messages = warning")
            cursor.execute("CREATE EXTENSION IF NOT EXISTS vector")
            # A type's length cannot be a parameter.
            columns = f"position integer NOT NULL, embedding vector({self.dimension:d}) NOT NULL"
            cursor.execute(_statement("CREATE TABLE {} ({})", self.name, columns))
            with cursor.copy(_statement("COPY {} (position, embedding) FROM STDIN (FORMAT BINARY)", self.name)) as copy:
                for block in write_rows(vectors):
                    copy.write(block)
            cursor.execute(_statement("ALTER TABLE {} ADD PRIMARY KEY (position)", self.name))
            if self._has_graph:
                self._write_graph(cursor)
            cursor.execute(_statement("ANALYZE {}", self.name))

    def check(self) -> None:
        """Compares what is on the server with what this object was told.

        Raises:
            UserError: There is no such table, or it holds other rows.
        """
        length = "SELECT atttypmod FROM pg_attribute WHERE attrelid = to_regclass(%s) AND attname = 'embedding'"
        found = self._fetch(length, (self.name,))
        if not found:
            raise self._gone()
        rows = self._fetch(_statement("SELECT count(*) FROM {}", self.name), ())[0][0]
        if (rows, found[0][0]) != (self.rows, self.dimension):
            raise UserError(
                f"the PostgreSQL table {self.name} is damaged: {rows} vectors of {found[0][0]} numbers, "
                f"not {self.rows} of {self.dimension}",
                f"build the index again: {command_line('index --rebuild')}",
            )

    def drop(self) -> None:
        """Removes the table; a table that is not there is removed already.

        Raises:
            UserError: The server cannot be reached or refuses.
        """
        with self._server() as connection:
            # A reader that keeps the table open must not keep whoever publishes the next one waiting for ever.
            connection.execute("SET lock_timeout = '10s'")
            connection.execute(_statement("DROP TABLE IF EXISTS {}", self.name))
        self.close()

    def search(self, query: Vectors, count: int, visible: Mask | None) -> tuple[Vectors, Positions]:
        """The nearest visible rows: scores float32 [m] and positions int64 [m], best first, equal ones by position."""
        allowed = self.rows if visible is None else int(np.count_nonzero(visible))
        count = min(count, allowed)
        if count == 0:
            return np.empty(0, dtype=np.float32), np.empty(0, dtype=np.int64)
        if self._has_graph and allowed > _FEW_ROWS and count <= _MOST_EF_SEARCH:
            found = self._nearest(query, count, visible, exact=False)
            if len(found[0]) == count:
                return found
        return self._nearest(query, count, visible, exact=True)

    def scores(self, query: Vectors, positions: Positions) -> Vectors:
        """Inner products with the rows at int64 [m]: float32 [m]."""
        statement = _statement(
            "SELECT -(embedding <#> %s::vector) FROM unnest(%s::integer[]) WITH ORDINALITY AS asked(position, place)"
            " JOIN {} USING (position) ORDER BY place",
            self.name,
        )
        found = self._fetch(statement, (_as_text(query), positions.tolist()))
        return np.array([score for (score,) in found], dtype=np.float32)

    def vectors(self) -> Vectors:
        """All vectors, float32 [rows, dimension], bit for bit."""
        statement = _statement("COPY (SELECT embedding FROM {} ORDER BY position) TO STDOUT (FORMAT BINARY)", self.name)
        with self._server() as connection, connection.cursor() as cursor, cursor.copy(statement) as copy:
            return read_rows(b"".join(copy), self.dimension)

    def close(self) -> None:
        """Ends the connection; the next use opens another."""
        with self._opening:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @property
    def _has_graph(self) -> bool:
        wanted = self._settings.index
        if self.dimension > MOST_GRAPH_DIMENSIONS:
            return False
        return wanted == "hnsw" or (wanted == "auto" and self.rows >= self._settings.hnsw_from)

    def _write_graph(self, cursor: Any) -> None:
        # Built in memory where it fits; beyond it pgvector writes to disk at every step.
        megabytes = min(64 + self.rows * (4 * self.dimension + 16 * self._settings.hnsw_m) // 500_000, 2_000)
        cursor.execute("SELECT set_config('maintenance_work_mem', %s, true)", (f"{megabytes}MB",))
        breadth = max(self._settings.hnsw_ef_construction, 2 * self._settings.hnsw_m)
        options = f"m = {self._settings.hnsw_m:d}, ef_construction = {breadth:d}"
        cursor.execute(
            _statement("CREATE INDEX ON {} USING hnsw (embedding vector_ip_ops) WITH ({})", self.name, options)
        )

    def _nearest(self, query: Vectors, count: int, visible: Mask | None, exact: bool) -> tuple[Vectors, Positions]:
        condition, given = _condition(visible, exact)
        # The sum hides the distance from the planner, which then cannot take the graph; ties are cut by position.
        distance, order = ("(embedding <#> %s::vector) + 0", "2, 1") if exact else ("embedding <#> %s::vector", "2")
        statement = _statement(
            "SELECT position, {} FROM {} {} ORDER BY {} LIMIT %s", distance, self.name, condition, order
        )
        found = self._fetch(statement, (_as_text(query), *given, count), along_graph=not exact)
        scores = np.array([-distance for _, distance in found], dtype=np.float32)
        positions = np.array([position for position, _ in found], dtype=np.int64)
        best = np.lexsort((positions, -scores))
        return scores[best], positions[best]

    def _fetch(self, statement: Any, values: Sequence[Any], along_graph: bool = False) -> list[tuple[Any, ...]]:
        with self._server() as connection:
            try:
                return self._rows_of(connection, statement, values, along_graph)
            except load_psycopg().OperationalError:
                if not connection.closed:
                    raise
        # Servers close connections that were idle for long; a new one deserves one try.
        with self._server() as connection:
            return self._rows_of(connection, statement, values, along_graph)

    def _rows_of(
        self, connection: Any, statement: Any, values: Sequence[Any], along_graph: bool
    ) -> list[tuple[Any, ...]]:
        # One at a time: a statement of another thread would fall into this one's transaction.
        with self._using, connection.transaction():
            if along_graph:
                # The planner takes vectors to be as cheap to compare as numbers, and a mask to hide nearly all.
                connection.execute("SET LOCAL enable_seqscan = off")
            rows: list[tuple[Any, ...]] = connection.execute(statement, values).fetchall()
        return rows

    @contextmanager
    def _server(self) -> Iterator[Any]:
        psycopg = load_psycopg()
        try:
            yield self._open_connection()
        except psycopg.errors.UndefinedTable:
            pass
        except psycopg.Error as error:
            raise _refusal(error.sqlstate) from None
        else:
            return
        raise self._gone()

    def _open_connection(self) -> Any:
        with self._opening:
            if self._connection is None or self._connection.closed:
                self._connection = connect(self._settings.postgresql_variable)
                # A store has no close of its own: the connection ends with it.
                weakref.finalize(self, self._connection.close)
                self._prepare(self._connection)
            return self._connection

    def _prepare(self, connection: Any) -> None:
        # These belong to pgvector: a server that has not loaded it yet keeps them as they are given.
        breadth = min(self._settings.hnsw_ef_search, _MOST_EF_SEARCH)
        connection.execute("SELECT set_config('hnsw.ef_search', %s, false)", (str(breadth),))
        # With it the walk goes on until enough visible rows are found; without it a filter loses results.
        connection.execute("SET hnsw.iterative_scan = strict_order")

    def _gone(self) -> UserError:
        return UserError(
            f"the database that {self._settings.postgresql_variable} names has no table {self.name} with the vectors",
            "set the variable to the database in which the index was built, "
            f"or build the index in this one: {command_line('index --rebuild')}",
        )


def _refusal(code: str | None) -> UserError:
    if code in {"0A000", "58P01", "42704"}:
        return UserError(
            "the PostgreSQL server has no pgvector of version 0.8 or newer",
            "install it on the server (https://github.com/pgvector/pgvector) and run this again",
        )
    if code == "42501":
        return UserError(
            "the PostgreSQL user may not create tables or the extension vector",
            "have an administrator run CREATE EXTENSION vector in the database, and GRANT CREATE ON SCHEMA to the user",
        )
    if code is None or code.startswith(("08", "57")):
        return UserError("the connection to the PostgreSQL server was lost", "run this again when the server answers")
    return UserError(
        f"the PostgreSQL server refused a statement (SQLSTATE {code})", "look it up in the log of the server"
    )


def _statement(text: str, *parts: str) -> Any:
    """A statement with its braces filled: names of our tables are quoted, anything else is SQL of this module."""
    sql = load_psycopg().sql
    return sql.SQL(text).format(
        *(sql.Identifier(part) if part.startswith("vectors_") else sql.SQL(part) for part in parts)
    )


def _condition(visible: Mask | None, exact: bool) -> tuple[str, tuple[Any, ...]]:
    if visible is None:
        return "", ()
    if exact and np.count_nonzero(visible) <= _FEW_ROWS:
        return "WHERE position = ANY(%s::integer[])", (np.flatnonzero(visible).tolist(),)
    # One bit a row: 12 kB for 100,000 rows.
    return "WHERE get_bit(%s::bytea, position) = 1", (np.packbits(visible, bitorder="little").tobytes(),)


def _as_text(query: Vectors) -> str:
    # Nine digits give a float32 back bit for bit.
    return "[" + ",".join(["%.9g"] * len(query)) % tuple(query.tolist()) + "]"
