"""Text for a terminal: documents and file names come from anywhere, and must not steer the screen of who reads them."""

import unicodedata

_JOINERS = {"\u200c", "\u200d"}


def printable(text: str) -> str:
    """The text with control characters as spaces, and without what turns the reading direction or breaks UTF-8.

    Line breaks stay; joiners stay, since several scripts need them.
    """
    return "".join(_shown(character) for character in text)


def _shown(character: str) -> str:
    category = unicodedata.category(character)
    if character == "\n" or character in _JOINERS:
        return character
    if category == "Cc":
        return " "
    return "" if category in ("Cf", "Cs") else character
