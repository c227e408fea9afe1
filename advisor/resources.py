"""Where rules/, templates/ and reference_impls/ lie: the only file that knows.

In a checkout (and an editable install) they are the folders beside the package; in a wheel they lie in
`advisor/_data`.
"""

from __future__ import annotations

from pathlib import Path

__all__ = ["folder"]

_PACKAGE = Path(__file__).resolve().parent


def folder(name: str) -> Path:
    """The folder `name`: rules, templates or reference_impls.

    Raises:
        FileNotFoundError: the installation is incomplete.
    """
    for candidate in (_PACKAGE / "_data" / name, _PACKAGE.parent / name):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"{name}/ is missing from this installation of advisor: install it again")
