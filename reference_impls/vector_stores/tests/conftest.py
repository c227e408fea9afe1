from collections.abc import Iterator

import pytest

from .server import postgresql_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """Connection string of a server of this session; DATABASE_URL holds it too."""
    with postgresql_server() as address:
        yield address
