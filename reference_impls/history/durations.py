"""Spans of time as people write them: `12h`, `7d`, `1mo`."""

import re
from dataclasses import dataclass
from typing import Literal

Unit = Literal["s", "min", "h", "d", "w", "mo", "y"]
_SECONDS = {"s": 1.0, "min": 60.0, "h": 3600.0, "d": 86_400.0, "w": 604_800.0}
_CALENDAR = {"mo": 1, "y": 12}
_WRITTEN = re.compile(r"(\d{1,9}(?:\.\d{1,6})?)\s*(s|min|h|d|w|mo|y)")
ALLOWED = "a number and s, min, h, d, w, mo or y, for example 12h, 7d or 1mo"


@dataclass(frozen=True)
class Duration:
    """A span of time: seconds, or whole months of the calendar where `months` is not 0.

    Attributes:
        seconds: 0 for months and years.
        months: 0 for everything else.
        text: As it was written.
    """

    seconds: float
    months: int
    text: str


def duration(text: str) -> Duration | None:
    """The span that a text means, or None where it means none; a span of 0 is none, and so is a part of a month."""
    found = _WRITTEN.fullmatch(text.strip().lower())
    if found is None:
        return None
    number, unit = float(found.group(1)), found.group(2)
    if unit in _CALENDAR:
        months = round(number * _CALENDAR[unit])
        return Duration(0.0, months, text) if months and months == number * _CALENDAR[unit] else None
    return Duration(number * _SECONDS[unit], 0, text) if number else None
