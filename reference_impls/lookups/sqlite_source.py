"""Asks an SQLite database that this connection cannot change."""

import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.parse import quote

from ..project_base.errors import UserError
from .tables import Table, Value, table

_LARGEST_VALUE = 1_000_000
_LARGEST_SCRIPT = 10_000_000
_BETWEEN_CHECKS = 1000
_READING = {sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE}
_ELSEWHERE = {sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_PRAGMA, sqlite3.SQLITE_CREATE_VTABLE}
_REFUSED_FUNCTIONS = {"load_extension"}


def ask_sqlite(path: Path, statement: str, values: Mapping[str, Value], most_rows: int, seconds: float) -> Table:
    """Runs one SELECT.

    The file is opened read-only and the connection set to queries only; an authorizer refuses whatever else a
    statement could do, and a time limit stops it.

    Args:
        path: A database, or a script (`.sql`) that fills an empty one in memory, each time anew.
        statement: One SELECT with `:name` parameters.
        values: Its parameters, by name.
        most_rows: At most so many rows are given back.
        seconds: Longest time for the whole of it.

    Raises:
        UserError: There is no such file, it is no database, the statement fails, or the time is over.
    """
    try:
        with _opened(path, time.monotonic() + seconds) as connection:
            cursor = connection.execute(statement, values)
            rows = cursor.fetchmany(most_rows + 1)
            return table([column[0] for column in cursor.description or ()], rows, most_rows)
    except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
        raise _failure(path, error, seconds) from error


@contextmanager
def _opened(path: Path, deadline: float) -> Iterator[sqlite3.Connection]:
    if not path.is_file():
        raise UserError(
            f"there is no database {path}", "check sqlite in the declaration; paths count from its own folder"
        )
    script = path.suffix == ".sql"
    address = ":memory:" if script else f"file:{quote(str(path))}?mode=ro"
    with closing(sqlite3.connect(address, uri=not script, timeout=max(deadline - time.monotonic(), 0))) as connection:
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)
        connection.set_progress_handler(lambda: int(time.monotonic() > deadline), _BETWEEN_CHECKS)
        if script:
            _fill(connection, path)
        connection.execute("PRAGMA query_only = ON")
        connection.set_authorizer(_reading_only)
        yield connection


def _fill(connection: sqlite3.Connection, path: Path) -> None:
    if path.stat().st_size > _LARGEST_SCRIPT:
        raise UserError(
            f"{path} is larger than {_LARGEST_SCRIPT:,} bytes", "make it a database: sqlite3 new.sqlite < script.sql"
        )
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_SCRIPT)
    connection.set_authorizer(lambda action, *_: sqlite3.SQLITE_DENY if action in _ELSEWHERE else sqlite3.SQLITE_OK)
    try:
        connection.executescript(path.read_text(encoding="utf-8"))
    except (sqlite3.Error, sqlite3.Warning, ValueError) as error:
        raise UserError(f"{path} is no script that fills a database: {error}", f"mend {path}") from error
    finally:
        connection.set_authorizer(None)
        connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, _LARGEST_VALUE)


def _reading_only(action: int, _first: str | None, second: str | None, *_: str | None) -> int:
    if action not in _READING or (action == sqlite3.SQLITE_FUNCTION and second in _REFUSED_FUNCTIONS):
        return sqlite3.SQLITE_DENY
    return sqlite3.SQLITE_OK


def _failure(path: Path, error: Exception, seconds: float) -> UserError:
    if str(error) == "interrupted":
        return UserError(
            f"the query of {path} did not end within {seconds:g} s (lookups.timeout_seconds)",
            "add an index to the database, make the statement simpler, or raise lookups.timeout_seconds",
        )
    return UserError(f"the database {path} refuses the query: {error}", "mend the statement, or the database")
