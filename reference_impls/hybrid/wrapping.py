"""Lines of the terminal, as wide as everywhere in the project."""

import textwrap
from typing import Final

WIDTH: Final = 80
"""Columns that a line for people has at most, where no single word is longer."""


def wrapped(text: str, lead: str = "", indent: int | None = None) -> list[str]:
    """The lines of a text, of at most 80 columns.

    Args:
        text: A sentence or more; its line breaks go.
        lead: What stands before the first line.
        indent: By how many columns the further lines stand in; by default as far as `lead` is long.
    """
    further = " " * (len(lead) if indent is None else indent)
    # A command that is to be copied, or an id, is never broken at a hyphen.
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=lead,
        subsequent_indent=further,
        break_long_words=False,
        break_on_hyphens=False,
    ) or [lead.rstrip()]
