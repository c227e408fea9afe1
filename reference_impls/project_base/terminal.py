"""Text for a terminal: documents and file names come from anywhere, and must not steer the screen of who reads them."""

import shutil
import textwrap
import unicodedata
from typing import TextIO

_JOINERS = {"\u200c", "\u200d"}


def printable(text: str) -> str:
    """The text with control characters as spaces, and without what turns the reading direction or breaks UTF-8.

    Line breaks stay; joiners stay, since several scripts need them.
    """
    return "".join(_shown(character) for character in text)


def fitted(text: str, stream: TextIO, indent: str = "  ") -> str:
    """A line as it is printed: on a terminal wrapped to its width, what follows under `indent`; whole elsewhere."""
    if not stream.isatty():
        return text
    width = min(shutil.get_terminal_size().columns, 100)
    return textwrap.fill(text, width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)


def shortened(text: str, most: int) -> str:
    """The text on one line, at most so many characters, cut between two words where it is longer."""
    return textwrap.shorten(text, most, placeholder=" ...")


def last_words(text: str, most: int) -> str:
    """The end of the text on one line, at most so many characters, begun between two words where it is longer."""
    line = " ".join(text.split())
    if len(line) <= most:
        return line
    kept = line[len(line) - most + len("... ") :]
    return f"... {kept.partition(' ')[2] or kept}"


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if character == "\n" or character in _JOINERS:
        return character
    if category == "Cc":
        return " "
    return "" if category in ("Cf", "Cs") else character
