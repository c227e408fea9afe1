"""Connections to a PostgreSQL server whose address and password stand in an environment variable and nowhere else."""

import os
import re
from typing import Any

from ..project_base.errors import UserError
from ..project_base.optional import require

_CONNECT_SECONDS = 10
_REASONS = {
    r"password authentication failed|no password supplied": "it refuses the user or the password",
    r"role .* does not exist": "it knows no such user",
    r"database .* does not exist": "it has no such database",
    r"no pg_hba.conf entry": "it does not let this machine or user in",
    r"Connection refused|No such file|could not translate|resolve host|timeout|timed out|unreachable": (
        "nothing answers at the address"
    ),
}
"""What the text of a failed connection means. The text itself may quote the connection string, so it is never shown."""


def load_psycopg() -> Any:
    """The library.

    Raises:
        UserError: It is not installed.
    """
    return require("psycopg", "psycopg[binary]>=3.2")


def connect(variable: str) -> Any:
    """Opens a connection in which every statement is its own transaction.

    Args:
        variable: Name of the environment variable that holds the connection string.

    Raises:
        UserError: The library or the variable is missing, or the server cannot be reached or refuses.
    """
    psycopg = load_psycopg()
    address = os.environ.get(variable, "")
    if not address:
        raise UserError(
            f"the environment variable {variable} is not set, which should hold the connection string of PostgreSQL",
            f"set it, for example {variable}=postgresql://user:password@host:5432/database, "
            "or name another in vector_stores.postgresql_variable",
        )
    try:
        return psycopg.connect(address, autocommit=True, connect_timeout=_CONNECT_SECONDS)
    except psycopg.OperationalError as error:
        reason = next(
            (meaning for text, meaning in _REASONS.items() if re.search(text, str(error))), "the connection failed"
        )
    except psycopg.Error:
        reason = "the variable holds no connection string"
    # Raised outside of the handlers, so that no traceback carries the library's message, which may quote the password.
    raise UserError(
        f"the PostgreSQL server that the environment variable {variable} names cannot be used: {reason}",
        "check that the server runs and that host, port, user, password and database in the variable are right",
    )
