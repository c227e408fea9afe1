"""Which characters a report may carry: texts come from answers and from rules of any origin."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

__all__ = ["cells", "printable", "wrap"]

_KEPT_FORMATS = {"\u200c", "\u200d"}
"""Joiners, which several scripts need."""


def printable(text: str) -> str:
    """The text in one line, without what could steer a terminal, turn the reading direction or break UTF-8."""
    if text.isascii() and text.isprintable() and "  " not in text:
        return text.strip()
    kept = (
        one if _is_shown(one) else " " if one.isspace() or unicodedata.category(one) == "Cc" else "" for one in text
    )
    return " ".join("".join(kept).split())


def _is_shown(character: str) -> bool:
    return character in _KEPT_FORMATS or unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def cells(text: str) -> int:
    """How many columns of a terminal the text takes."""
    if text.isascii():
        return len(text)
    return sum(_cell(character) for character in text)


def _cell(character: str) -> int:
    if unicodedata.combining(character) or character in _KEPT_FORMATS:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def wrap(text: str, width: int) -> list[str]:
    """The words of the text in lines of at most `width` columns; a word that is longer is cut."""
    lines: list[str] = []
    line = ""
    for word in _words(text, max(width, 2)):
        joined = f"{line} {word}" if line else word
        if cells(joined) <= width or not line:
            line = joined
        else:
            lines.append(line)
            line = word
    return [*lines, line] if line else lines


def _words(text: str, width: int) -> Iterator[str]:
    for word in text.split():
        piece, room = "", width
        for character in word:
            if _cell(character) > room:
                yield piece
                piece, room = "", width
            piece += character
            room -= _cell(character)
        yield piece
