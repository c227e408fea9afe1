"""Whether a quote stands in its document."""

import re
import unicodedata

_LEAST = 2
_MARKS = str.maketrans("\u201c\u201d\u201e\u2018\u2019\u2013\u2014", '"""\'\'--')
_ELLIPSIS = re.compile(r"\s*(?:\.\.\.|\u2026)\s*")


def stands_in(quote: str, document: str) -> bool:
    """Whether the words of a quote stand in a document, in a row.

    White space, case and the forms of quotation marks and dashes do not count, since models change them. A quote with
    an ellipsis must stand there in its parts, in order. Less than two characters prove nothing.
    """
    text = _plain(document)
    place = 0
    parts = [part for part in _ELLIPSIS.split(_plain(quote)) if part]
    if sum(map(len, parts)) < _LEAST:
        return False
    for part in parts:
        found = text.find(part, place)
        if found < 0:
            return False
        place = found + len(part)
    return True


def _plain(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).translate(_MARKS).casefold().split()).strip("\"' ")
