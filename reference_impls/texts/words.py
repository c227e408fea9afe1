"""Words of a text, the same for ranking, quoting and judging support."""

import re
import unicodedata
from collections.abc import Iterable
from itertools import groupby

_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"  # Japanese syllables
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"  # Han characters
)
_LAST_MARK = 0x1DFF
"""Beyond it stand marks that join no word, such as those that choose between two forms of an emoji."""


def _ranges(codes: Iterable[int]) -> str:
    """A regular expression's character class, without its brackets, from ascending code points."""
    runs = [list(run) for _, run in groupby(enumerate(codes), lambda pair: pair[1] - pair[0])]
    return "".join(f"{chr(run[0][1])}-{chr(run[-1][1])}" for run in runs)


# Vowel signs of many Asian scripts are marks and no letters: without them a word falls apart at each.
_MARKS = _ranges(code for code in range(0x300, _LAST_MARK) if unicodedata.category(chr(code)) in {"Mn", "Mc"})
_WORD = re.compile(rf"[{_UNSPACED}]+|[^\W{_UNSPACED}](?:[^\W{_UNSPACED}]|[{_MARKS}])*")
_RUN = re.compile(rf"[{_UNSPACED}]")


def words_of(text: str) -> list[str]:
    """Words in lower case after Unicode normalisation (NFKC); no stemming, stop words kept.

    Scripts that put no space between words give pairs of neighbouring characters instead, which need no dictionary of
    any language: as in Lucene's CJK analyzer. A single character stands alone.
    """
    found = _WORD.findall(unicodedata.normalize("NFKC", text).lower())
    return [part for word in found for part in (_pairs(word) if _RUN.match(word) else [word])]


def _pairs(run: str) -> list[str]:
    return [run[start : start + 2] for start in range(max(len(run) - 1, 1))]


def content_words(text: str, stopped: frozenset[str]) -> list[str]:
    """The words of a text that are no stop words, in order."""
    return [word for word in words_of(text) if word not in stopped]
