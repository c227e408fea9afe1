"""One date as text: ISO 8601, 31.12.2024, 12/31/2024, 31 Dec 2024, or a pattern; day and month are never guessed."""

import re
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from ..project_base.errors import UserError

Form = str
"""`iso`, `day_first`, `month_first`, or a pattern of strptime."""

_TIME = (
    r"(?:[T ,]\s*(?P<hour>\d{1,2}):(?P<minute>\d{2})(?::(?P<second>\d{2})(?:[.,](?P<part>\d{1,9}))?)?"
    r"\s*(?P<half>[AaPp]\.?[Mm]\.?)?\s*(?P<zone>Z|UTC|GMT|[-+]\d{2}:?\d{2}|[-+]\d{2})?)?"
)
_ISO = re.compile(r"(?P<year>\d{4})([-/.])(?P<month>\d{1,2})(?:\2(?P<day>\d{1,2}))?" + _TIME)
_NUMERIC = re.compile(r"(?P<first>\d{1,2})(?P<mark>[-/.])(?P<other>\d{1,2})(?P=mark)(?P<year>\d{4}|\d{2})" + _TIME)
_NAMED = re.compile(
    r"(?:[A-Za-z]{3,9},?\s+)?(?:(?P<day>\d{1,2})(?:st|nd|rd|th)?[-\s.]+(?P<name>[A-Za-z]{3,9})\.?|"
    r"(?P<name2>[A-Za-z]{3,9})\.?\s+(?P<day2>\d{1,2})(?:st|nd|rd|th)?)[-,\s]+(?P<year>\d{4})" + _TIME
)
_MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
_LOOKS = re.compile(
    r"\s*(\d{4}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}|\d{1,2}[-\s.]+[A-Za-z]{3}|[A-Za-z]{3,9}\.?,?\s+\d)"
)
_LATEST_CENTURY = 69
"""Two digits up to this one are years of this century, as POSIX has it."""


class Written(NamedTuple):
    """A date that was read: with its time zone where it says one, and whether it has a time of day."""

    moment: datetime
    timed: bool


def looks_like_date(text: str) -> bool:
    """Whether a text begins as a date does; a cheap test before `parse`."""
    return _LOOKS.match(text) is not None


def agreed_form(texts: Sequence[str], name: str, dates: str) -> Form:
    """What the numbers of 03/04/2024 mean in a column: one reading must fit all its dates.

    Args:
        texts: The different texts of the column.
        name: Of the column, with the setting that names it.
        dates: The setting.

    Raises:
        UserError: Both readings fit, or neither does.
    """
    if dates != "auto":
        return dates
    numeric = [(text, found) for text in texts if (found := _NUMERIC.fullmatch(text)) and found["mark"] != "."]
    day_first = next((text for text, found in numeric if int(found["first"]) > 12), None)
    month_first = next((text for text, found in numeric if int(found["other"]) > 12), None)
    if not numeric:
        return "iso"
    if day_first and month_first:
        raise UserError(
            f"{name} holds dates that can only begin with the day ({day_first}) and others that can only begin with "
            f"the month ({month_first})",
            "write all dates alike, best as 2024-12-31; or set history.dates to the right one and history.bad_rows to "
            "skip",
        )
    if not day_first and not month_first:
        raise UserError(
            f"{name}: {numeric[0][0]} may begin with the day or with the month, and no other date there tells",
            "set history.dates to day_first or month_first",
        )
    return "day_first" if day_first else "month_first"


def parse(text: str, form: Form) -> Written | None:
    """The date that a text means, or None where it means none.

    Args:
        text: Without spaces around it.
        form: How it is written; ISO dates, 31.12.2024 and 31 Dec 2024 are read whatever it says, patterns excepted.
    """
    if "%" in form:
        return _by_pattern(text, form)
    if text[4:5] == text[7:8] == "-":
        # The commonest form, by the quickest way; what it refuses may still be read below.
        try:
            return Written(datetime.fromisoformat(text), len(text) > 10)
        except ValueError:
            pass
    if found := _ISO.fullmatch(text):
        return _written(found, int(found["year"]), int(found["month"]), int(found["day"] or 1))
    if found := _NUMERIC.fullmatch(text):
        return _numeric(found, form)
    if found := _NAMED.fullmatch(text):
        name = (found["name"] or found["name2"]).casefold()[:3]
        if name in _MONTHS:
            day = int(found["day"] or found["day2"])
            return _written(found, int(found["year"]), _MONTHS.index(name) + 1, day)
    return None


def _by_pattern(text: str, form: Form) -> Written | None:
    try:
        moment = datetime.strptime(text, form)  # the zone of the settings is put in later
    except ValueError:
        return None
    return Written(moment, any(mark in form for mark in ("%H", "%I", "%s", "%T", "%X", "%c")))


def _numeric(found: "re.Match[str]", form: Form) -> Written | None:
    first, other = int(found["first"]), int(found["other"])
    # Points stand where the day comes first; strokes need to be agreed on.
    if form == "iso" and found["mark"] != ".":
        return None
    month_first = form == "month_first" and found["mark"] != "."
    day, month = (other, first) if month_first else (first, other)
    return _written(found, _year(found["year"]), month, day)


def _year(text: str) -> int:
    year = int(text)
    return year if len(text) == 4 else year + (2000 if year < _LATEST_CENTURY else 1900)


def _written(found: "re.Match[str]", year: int, month: int, day: int) -> Written | None:
    hour = int(found["hour"] or 0)
    half = (found["half"] or "").replace(".", "").casefold()
    if half:
        if not 1 <= hour <= 12:
            return None
        hour = hour % 12 + (12 if half == "pm" else 0)
    # 24:00 is the end of a day, by ISO 8601.
    late = hour == 24 and not int(found["minute"]) and not int(found["second"] or 0)
    microsecond = int((found["part"] or "0")[:6].ljust(6, "0"))
    try:
        moment = datetime(  # the zone of the settings is put in later
            year, month, day, 0 if late else hour, int(found["minute"] or 0), int(found["second"] or 0), microsecond
        )
        if found["zone"]:
            moment = datetime.fromisoformat(f"{moment.isoformat()}{_offset(found['zone'])}")
        moment += timedelta(days=late)
    except (ValueError, OverflowError):
        return None
    return Written(moment, found["hour"] is not None)


def _offset(zone: str) -> str:
    if zone in {"Z", "UTC", "GMT"}:
        return "+00:00"
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"
