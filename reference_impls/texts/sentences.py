"""Cuts text into sentences by punctuation; good enough for quoting, and needs no model."""

import re
from collections.abc import Iterator

_CLOSING = "\"')\\]\u201d\u2019"
_FULL_WIDTH = "\u3002\uff01\uff1f"
_END = re.compile(
    rf"[.!?\u2026]+[{_CLOSING}]*\s+|[{_FULL_WIDTH}]|\n\s*\n"
    r"|\n(?=\s*(?:[-*+\u2022|]|\d+[.)])\s)|(?<=\|)\n|(?<=:)\n"
)
_ABBREVIATION = re.compile(
    r"(?:^|[\s(\"'])(?:[A-Z]|Mr|Mrs|Ms|Dr|Prof|St|Sr|Jr|vs|etc|e\.g|i\.e|approx|cf|Fig|No|Inc|Ltd|Co|Corp|Gen|Col|Lt|"
    r"U\.S|U\.K|U\.N|a\.m|p\.m|Ph\.D)\.$",
)


def sentence_spans(text: str) -> Iterator[tuple[int, int]]:
    """Yields start and end offset of each sentence, list item or table row, without the white space around it."""
    start = 0
    for mark in _END.finditer(text):
        end = mark.end()
        before = text[start : mark.end()].rstrip()
        follows = text[end : end + 1]
        # A full stop ends no sentence after an abbreviation or before a small letter.
        if before.endswith(".") and (follows.islower() or _ABBREVIATION.search(before)):
            continue
        yield from _trimmed(text, start, end)
        start = end
    yield from _trimmed(text, start, len(text))


def _trimmed(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    piece = text[start:end]
    stripped = piece.strip()
    if stripped:
        start += piece.index(stripped)
        yield start, start + len(stripped)


def sentences(text: str) -> list[str]:
    """The sentences of a text, in order."""
    return [text[start:end] for start, end in sentence_spans(text)]
