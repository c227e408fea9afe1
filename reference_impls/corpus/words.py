"""Words of a text, the same for ranking, quoting and judging support."""

import re
import unicodedata

_WORD = re.compile(r"\w+")


def words_of(text: str) -> list[str]:
    """Words in lower case after Unicode normalisation (NFKC); no stemming, stop words kept."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).lower())


def content_words(text: str, stopped: frozenset[str]) -> list[str]:
    """The words of a text that are no stop words, in order."""
    return [word for word in words_of(text) if word not in stopped]
