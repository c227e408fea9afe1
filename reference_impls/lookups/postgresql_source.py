"""Asks a PostgreSQL database inside a transaction that cannot write."""

import os
from collections.abc import Mapping
from typing import Any

from ..project_base.errors import UserError
from ..project_base.optional import require
from .statements import for_psycopg, without_end
from .tables import Table, Value, table


def ask_postgresql(variable: str, statement: str, values: Mapping[str, Value], most_rows: int, seconds: float) -> Table:
    """Runs one SELECT.

    The transaction is read-only and is rolled back; the statement is declared as a cursor, which PostgreSQL allows for
    one reading statement only, so no more rows than asked for leave the server. Still, give it an account that may
    only read: a function of the server can do what no transaction sees.

    Args:
        variable: Name of the environment variable that holds the connection string.
        statement: One SELECT with `:name` parameters.
        values: Its parameters, by name.
        most_rows: At most so many rows are given back.
        seconds: Longest time to connect, and longest time of the query.

    Raises:
        UserError: The library or the variable is missing, the server cannot be reached, or the query fails or takes
            too long. The connection string is in no message.
    """
    psycopg = require("psycopg", "psycopg[binary]>=3.2")
    try:
        # libpq counts whole seconds and takes 1 as 2.
        connection = psycopg.connect(_connection_string(variable), connect_timeout=max(2, round(seconds)))
    except psycopg.Error as error:
        # The library's own message can quote the connection string, password and all.
        raise UserError(
            f"the database that the environment variable {variable} names cannot be reached ({type(error).__name__})",
            f'try the same string by hand: psql "${variable}"',
        ) from None
    try:
        return _asked(connection, statement, values, most_rows, seconds)
    except psycopg.errors.QueryCanceled as error:
        raise UserError(
            f"the query in {variable} did not end within {seconds:g} s (lookups.timeout_seconds)",
            "add an index to the database, make the statement simpler, or raise lookups.timeout_seconds",
        ) from error
    except psycopg.Error as error:
        reason = error.diag.message_primary or type(error).__name__
        raise UserError(
            f"the database in {variable} refuses the query: {reason}", "mend the statement, or the database"
        ) from error
    finally:
        connection.close()


def _asked(connection: Any, statement: str, values: Mapping[str, Value], most_rows: int, seconds: float) -> Table:
    connection.read_only = True
    connection.execute("SELECT set_config('statement_timeout', %s, true)", [str(max(1, round(seconds * 1000)))])
    with connection.cursor(name="lookup") as cursor:
        cursor.execute(for_psycopg(without_end(statement)), dict(values))
        rows = cursor.fetchmany(most_rows + 1)
        found = table([column.name for column in cursor.description], rows, most_rows)
    connection.rollback()
    return found


def _connection_string(variable: str) -> str:
    value = os.environ.get(variable, "").strip()
    if not value:
        raise UserError(
            f"the environment variable {variable} with the connection string is not set",
            f"set it in the shell that runs this: export {variable}=postgresql://user:password@host/database",
        )
    return value
