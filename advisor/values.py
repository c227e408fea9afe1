"""Small words that every room shares: outcomes, approaches, bands."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final, Literal

__all__ = ["DONT_KNOW", "Approach", "Band", "Confidence", "Outcome", "Reach", "Undecided", "Value", "as_written"]
__all__ += ["parse_band"]

DONT_KNOW: Final = "dont_know"
"""The answer to a question that was asked and stays unknown."""


class Outcome(Enum):
    """What a condition is, given what is known. Unknown is a value, never false."""

    TRUE = "true"
    FALSE = "false"
    UNKNOWN = "unknown"


class Approach(StrEnum):
    """The five approaches, simplest first: among equals the earlier one wins."""

    PROMPTING = "prompting"
    RAG = "rag"
    FINE_TUNING = "fine_tuning"
    RETRAINING = "retraining"
    HYBRID = "hybrid"


Reach = Literal["alone", "any", "pattern"]
"""How far a veto reaches: the approach as the only one, every pattern with that half, or one pattern."""

Confidence = Literal["low", "medium", "high"]

Value = str | int | float | bool
"""What a key of a project's configuration can be set to."""


def as_written(value: Value) -> str:
    """The value as it stands in YAML."""
    return str(value).lower() if isinstance(value, bool) else str(value)


Undecided = Literal["everything_vetoed", "too_little_known"]
"""Why there is no verdict."""

_BAND = re.compile(r"^([\[(])\s*([0-9.]+)\s*,\s*([0-9.]+|inf)\s*([\])])$")


@dataclass(frozen=True)
class Band:
    """An interval of numbers; each edge is included or not."""

    low: float
    high: float
    low_included: bool
    high_included: bool

    def holds(self, number: float) -> bool:
        """Whether `number` lies in the band."""
        above = number >= self.low if self.low_included else number > self.low
        below = number <= self.high if self.high_included else number < self.high
        return above and below


def parse_band(text: str) -> Band:
    """Reads `[20, 180)`: square brackets include the edge, round ones do not.

    Raises:
        ValueError: the text is not of this form, or the band is empty.
    """
    found = _BAND.match(text.strip())
    if not found:
        raise ValueError(f"{text!r} is not a band such as '[20, 180)' or '(50000, inf)'")
    left, low, high, right = found.groups()
    band = Band(float(low), math.inf if high == "inf" else float(high), left == "[", right == "]")
    if band.low > band.high or (band.low == band.high and not (band.low_included and band.high_included)):
        raise ValueError(f"the band {text!r} is empty")
    return band
