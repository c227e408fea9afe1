"""What a check finds, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Checked", "Flaw"]


@dataclass(frozen=True)
class Flaw:
    """Something wrong in the rules.

    Attributes:
        where: file and line where it is mended.
        says: what is wrong.
        name: under which an author may let it stand with a reason; empty for what has to be mended.
    """

    where: str
    says: str
    name: str = ""


@dataclass(frozen=True)
class Checked:
    """The outcome of all checks, as sentences with their place.

    Attributes:
        faults: what has to be mended.
        warnings: what stands with a recorded reason, or is no doing of the folder under check.
    """

    faults: tuple[str, ...]
    warnings: tuple[str, ...]
