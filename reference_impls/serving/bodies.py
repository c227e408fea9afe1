"""What bodies of requests are made of."""

from typing import Annotated

from pydantic import AfterValidator


def _sendable(value: str) -> str:
    # JSON may hold half of a surrogate pair, which no answer and no file could repeat.
    if any("\ud800" <= character <= "\udfff" for character in value):
        raise ValueError("not valid Unicode text")
    return value


Text = Annotated[str, AfterValidator(_sendable)]
"""A text that can be sent back as UTF-8."""
