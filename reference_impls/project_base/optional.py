"""Loads a heavy or optional library when it is first needed."""

import importlib
from types import ModuleType

from .errors import UserError


def require(module: str, requirement: str) -> ModuleType:
    """Imports a library, or says which pip line brings it.

    Args:
        module: Import name, for example `faiss`.
        requirement: What pip installs, for example `faiss-cpu>=1.9`.

    Raises:
        UserError: The library is not installed, or one that it needs is not.
    """
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise UserError(
            f"the library {module} cannot be loaded ({error})",
            f"install it in this environment: pip install '{requirement}'",
        ) from error
