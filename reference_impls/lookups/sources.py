"""Asks the source of a look-up, whichever kind it is. Nothing that it answers is kept."""

from collections.abc import Mapping
from pathlib import Path

from .declarations import Lookup, Source
from .http_source import address_for, ask_http
from .postgresql_source import ask_postgresql
from .sqlite_source import ask_sqlite
from .tables import Table, Value


def ask_source(lookup: Lookup, values: Mapping[str, Value], seconds: float) -> Table:
    """Runs the declared statement, or makes the declared request.

    Args:
        lookup: The declaration.
        values: All its parameters, by name.
        seconds: Longest time.

    Raises:
        UserError: The source cannot be asked, fails or is late.
    """
    if lookup.source.http is not None:
        return ask_http(lookup.source.http, values, lookup.most_rows, seconds)
    return query(lookup.source, lookup.statement or "", values, lookup.most_rows, seconds)


def query(source: Source, statement: str, values: Mapping[str, Value], most_rows: int, seconds: float) -> Table:
    """Runs one SELECT in a database.

    Raises:
        UserError: As `ask_source`.
    """
    if source.postgresql is not None:
        return ask_postgresql(source.postgresql, statement, values, most_rows, seconds)
    return ask_sqlite(Path(source.sqlite or ""), statement, values, most_rows, seconds)


def statement_of(lookup: Lookup, values: Mapping[str, Value]) -> str:
    """What was asked, for the citation: the SQL as declared, or the address as requested."""
    if lookup.source.http is not None:
        return f"GET {address_for(lookup.source.http, values)}"
    return " ".join((lookup.statement or "").split())
