"""Which versions of the registry a router made."""

from ...registry.version import Version
from .limits import limits_files


def made_by_router(version: Version) -> bool:
    """Whether a version is a classifier with limits of a router beside it."""
    return bool(limits_files(version.path))
