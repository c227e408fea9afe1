"""Which versions of the registry a router made."""

from ...registry.version import Version
from .limits import FILE


def made_by_router(version: Version) -> bool:
    """Whether a version is a classifier with limits of a router beside it."""
    return (version.path / FILE).is_file()
