"""Rows that cannot be used: each with its place and the reason, refused or left out as the settings say."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from ..project_base.errors import UserError
from .settings import Settings

Tell = Callable[[str], object]
NAMED = 10
"""How many rows a message names before it counts the rest."""


@dataclass(frozen=True, order=True)
class Fault:
    """A row that cannot be used.

    Attributes:
        position: Of the row among those that were read, from 0; -1 for a line that gave no row.
        place: Where it stands: `rides.csv:12`.
        reason: Why.
    """

    position: int
    place: str
    reason: str


def settle(faults: Iterable[Fault], rows: int, settings: Settings, tell: Tell) -> set[int]:
    """The positions to leave out; several faults of one row count once.

    Args:
        faults: Of all files and columns.
        rows: How many rows were read.
        settings: `bad_rows` says whether they are refused.
        tell: Hears how many rows are left out.

    Raises:
        UserError: There are faults, and they are refused, or no row is left.
    """
    first: dict[str, Fault] = {}
    for fault in faults:
        first.setdefault(fault.place, fault)
    if not first:
        return set()
    found = list(first.values())
    lost = {fault.position for fault in found if fault.position >= 0}
    total = rows + sum(fault.position < 0 for fault in found)
    if settings.bad_rows == "refuse":
        raise UserError(
            f"{len(found):,} of {total:,} rows cannot be used:\n{named(found)}",
            "mend them, or set history.bad_rows to skip to go on without them",
        )
    if len(lost) == rows:
        raise UserError(f"not one row can be used:\n{named(found)}", "mend the rows, or give other data")
    tell(f"{len(found):,} of {total:,} rows cannot be used and are left out (history.bad_rows: skip):\n{named(found)}")
    return lost


def named(faults: Sequence[Fault]) -> str:
    """The first faults, one a line, and how many more there are."""
    more = f"\n       and {len(faults) - NAMED:,} more" if len(faults) > NAMED else ""
    return "\n".join(f"       {fault.place}: {fault.reason}" for fault in faults[:NAMED]) + more


def some(places: Sequence[str], most: int = 3) -> str:
    """The first places, and how many more there are."""
    more = f" and {len(places) - most:,} more" if len(places) > most else ""
    return ", ".join(places[:most]) + more
