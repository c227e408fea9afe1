"""A column, or several together, that a model should not see, and why."""

from dataclasses import dataclass
from typing import Literal

What = Literal["gives the target away", "is not known in time", "stands for time", "names the row"]

FEWEST_ROWS = 40
"""Fewer rows show nothing that chance does not show as well."""


@dataclass(frozen=True)
class Leak:
    """One column, or several together, that a model should not see.

    Attributes:
        columns: Their names.
        what: What is wrong with them.
        evidence: What was seen, in figures.
        blocking: Whether a model trained with them would look far better than it is. The others harm less: they say
            nothing of rows to come.
    """

    columns: tuple[str, ...]
    what: What
    evidence: str
    blocking: bool

    def __str__(self) -> str:
        return f"{', '.join(self.columns)}: {self.what} ({self.evidence})"
