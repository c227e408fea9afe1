"""Names of columns: as the settings write them, found among those of the data, or refused with the nearest."""

import difflib
from collections.abc import Sequence

from ..project_base.errors import UserError

_SHOWN = 24


def find(wanted: str, columns: Sequence[str], setting: str, otherwise: str = "") -> str:
    """The column that a setting means: called so, or so but for case and spaces where only one is.

    Args:
        wanted: What the setting says.
        columns: Names in the files.
        setting: Its name.
        otherwise: What else to do where the files have no such column.

    Raises:
        UserError: There is none, or there are several.
    """
    if wanted in columns:
        return wanted
    alike = [name for name in columns if folded(name) == folded(wanted)]
    if len(alike) == 1:
        return alike[0]
    if alike:
        raise UserError(
            f"{setting}: {wanted!r} may be {' or '.join(map(repr, alike))}", "write the name exactly as the file does"
        )
    near = nearest(wanted, columns)
    hint = f"; did you mean {near!r}?" if near else "."
    raise UserError(
        f"{setting}: there is no column {wanted!r}{hint} Columns: {shown(columns)}",
        f"set {setting} to one of them, {otherwise}or look whether history.header and history.delimiter fit the file",
    )


def nearest(wanted: str, columns: Sequence[str]) -> str | None:
    """The column whose name is most like it, or None where none is like it."""
    by_folded = {folded(name): name for name in columns}
    near = difflib.get_close_matches(folded(wanted), list(by_folded), 1)
    return by_folded[near[0]] if near else None


def shown(columns: Sequence[str]) -> str:
    """The names for a message; the first of very many."""
    more = f" and {len(columns) - _SHOWN} more" if len(columns) > _SHOWN else ""
    return ", ".join(columns[:_SHOWN]) + more


def folded(name: str) -> str:
    """A name without regard to case, spaces and underscores."""
    return "".join(name.casefold().replace("_", " ").replace("-", " ").split())
