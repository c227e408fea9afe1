"""What a row asks for: one label, spans, or a response to a conversation."""

import json
import math
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from itertools import pairwise

from .base import Span, Turn

_ROLES = ("system", "user", "assistant")
_SHOWN = 30


class BadRow(Exception):
    """A row that cannot be used; the message is the reason."""


def as_text(value: object) -> str:
    """A cell or JSON value as text; whole numbers without a fraction, nothing for null.

    Raises:
        BadRow: It is a list or an object.
    """
    match value:
        case None:
            return ""
        case str():
            # Half a surrogate pair can be written as an escape in JSON, but not stored as UTF-8.
            return value.encode("utf-8", "replace").decode("utf-8")
        case bool():
            return str(value).lower()
        case float() if value.is_integer():
            return str(int(value))
        case int() | float():
            return str(value)
    raise BadRow("is a list or an object, where a text is wanted")


def label_of(value: object) -> str:
    """The one label of a row, without white space around it.

    Raises:
        BadRow: There is none, or a list of several.
    """
    if isinstance(value, list):
        raise BadRow("the label is a list; each text needs exactly one")
    label = " ".join(as_text(value).split())
    if not label:
        raise BadRow("the label is empty")
    return label


def spans_of(value: object, text: str) -> tuple[Span, ...]:
    """The spans of a row, in order.

    Args:
        value: A list of objects with start, end and label, or that list as JSON text; nothing is no span.
        text: What the offsets count in.

    Raises:
        BadRow: It is no such list, an offset lies outside the text, or two spans overlap.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value) if value.strip() else []
        except (ValueError, RecursionError) as error:
            raise BadRow("the spans are no JSON list") from error
    if value is None:
        value = []
    if not isinstance(value, list):
        raise BadRow("the spans are no list of {start, end, label}")
    spans = sorted(_span(entry, number, text) for number, entry in enumerate(value, start=1))
    for before, after in pairwise(spans):
        if after.start < before.end:
            raise BadRow(
                f"the spans {before.start}-{before.end} ({before.label}) and {after.start}-{after.end} "
                f"({after.label}) overlap"
            )
    return tuple(spans)


def _span(entry: object, number: int, text: str) -> Span:
    if not isinstance(entry, Mapping):
        raise BadRow(f"span {number} is no object with start, end and label")
    start, end, label = entry.get("start"), entry.get("end"), entry.get("label")
    if type(start) is not int or type(end) is not int:
        raise BadRow(f"span {number} needs whole numbers as start and end")
    if not isinstance(label, str) or not label.strip():
        raise BadRow(f"span {number} has no label")
    if not 0 <= start < end <= len(text):
        raise BadRow(f"span {number} goes from {start} to {end}, and the text has {len(text)} characters")
    inside = text[start:end]
    if not inside.strip():
        raise BadRow(f"span {number} ({start}-{end}) covers white space only")
    quoted = entry.get("text")
    if isinstance(quoted, str) and quoted != inside:
        raise BadRow(
            f"span {number} says {quoted[:_SHOWN]!r}, but {start}-{end} is {inside[:_SHOWN]!r}; offsets count "
            "characters from 0, end exclusive"
        )
    return Span(start, end, " ".join(label.split()))


def turns_of(value: object) -> tuple[Turn, ...]:
    """The messages of a conversation.

    Args:
        value: A list of objects with role and content, or that list as JSON text.

    Raises:
        BadRow: It is no such list, or a message has another role or no content.
    """
    if isinstance(value, str):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError) as error:
            raise BadRow("the messages are no JSON list") from error
    if not isinstance(value, list) or not value:
        raise BadRow("the messages are no list of {role, content}")
    return tuple(_turn(entry, number) for number, entry in enumerate(value, start=1))


def _turn(entry: object, number: int) -> Turn:
    if not isinstance(entry, Mapping):
        raise BadRow(f"message {number} is no object with role and content")
    role = entry.get("role")
    if role not in _ROLES:
        raise BadRow(f"message {number} has the role {role!r}; allowed are {', '.join(_ROLES)}")
    content = entry.get("content")
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, Mapping) else None for part in content]
        if not all(isinstance(part, str) for part in parts):
            raise BadRow(f"message {number} holds something other than text")
        content = "".join(part for part in parts if isinstance(part, str))
    text = as_text(content)
    if not text.strip():
        raise BadRow(f"message {number} ({role}) is empty")
    return Turn(role, text)


def conversation(turns: Sequence[Turn], answered: bool) -> tuple[tuple[Turn, ...], str]:
    """What the model reads, ending with the user, and the response that is wanted.

    Args:
        turns: All messages.
        answered: Whether the last must be the wanted response; else one is left out if it is there.

    Raises:
        BadRow: The conversation does not end as it must, or the system speaks later than first.
    """
    response = ""
    before = tuple(turns)
    if before[-1].role == "assistant":
        response, before = before[-1].text, before[:-1]
    elif answered:
        raise BadRow("the last message is not by the assistant, so there is nothing to learn")
    if not before or before[-1].role != "user":
        raise BadRow("no message of the user stands before the response")
    if any(turn.role == "system" for turn in before[1:]):
        raise BadRow("a message of the system stands later than first")
    return before, response


def sortable_time(value: object) -> str:
    """A date or time as ISO text in UTC that sorts; one without a zone is taken as UTC.

    Raises:
        BadRow: It is neither ISO 8601 nor seconds since 1970.
    """
    written = as_text(value).strip()
    try:
        number = float(written) if not isinstance(value, bool) else math.nan
    except ValueError:
        number = math.nan
    try:
        # Eight digits are a date written without hyphens.
        if math.isfinite(number) and not (written.isdecimal() and len(written) == len("20250131")):
            moment = datetime.fromtimestamp(number, tz=UTC)
        else:
            moment = datetime.fromisoformat(written)
        # Beside the first and the last day that there are, another zone leads past them.
        moment = moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, OSError) as error:
        raise BadRow(f"the time {written[:_SHOWN]!r} is neither ISO 8601 nor seconds since 1970") from error
    return moment.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
