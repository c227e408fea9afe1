"""Facts as a house states them: quantities, dates and names, and when two of them are the same."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from ...labelled_data.base import Span

_UNITS: Final = tuple(
    re.findall(
        r"\w+",
        "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
        "seventeen eighteen nineteen",
    )
)
_TENS: Final = ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety")
_NUMBERS: Final = {word: str(value) for value, word in enumerate(_UNITS)} | {
    word: str(value * 10) for value, word in enumerate(_TENS, start=2)
}
_SIGNS: Final = {"€": "euro", "$": "dollar", "%": "percent", "°c": "degree", "£": "pound"}
_IN_BASE: Final = {
    "second": ("second", 1.0),
    "minute": ("second", 60.0),
    "hour": ("second", 3600.0),
    "day": ("second", 86_400.0),
    "week": ("second", 604_800.0),
    # Months and years have no fixed length in days, and a house that says 24 months means two years.
    "month": ("month", 1.0),
    "year": ("month", 12.0),
}
_THOUSANDS = re.compile(r"(?<=\d)[,\u202f\u00a0](?=\d{3}(?!\d))")
_APART = re.compile(r"(?<=\d)(?=(?:°C|%|€|\$)(?!\w))")
_SIGN_FIRST = re.compile(r"([€$£])\s?(\d+(?:\.\d+)?)")
_TOKEN = re.compile(r"[^\s,;()\[\]\"'\u201c\u201d\u2018\u2019|*`?!]+")
_NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


@dataclass(frozen=True)
class Fact:
    """A fact in a text.

    Attributes:
        label: What kind it is, as the examples of the helper call it.
        start: Its first character in the text, from 0.
        end: One past its last character.
        text: As it stands there.
    """

    label: str
    start: int
    end: int
    text: str


def facts_in(text: str, spans: Sequence[Span]) -> list[Fact]:
    """The facts that a tagger marked, in order."""
    return [Fact(span.label, span.start, span.end, text[span.start : span.end]) for span in sorted(spans)]


def tokens_of(text: str) -> list[str]:
    """Words and numbers in lower case: number words as digits, units in the singular, no commas between thousands."""
    found = []
    for token in _TOKEN.findall(_APART.sub(" ", _SIGN_FIRST.sub(r"\2 \1", _THOUSANDS.sub("", text)))):
        plain = token.strip(".:-\u2013/").lower() if not _NUMBER.fullmatch(token) else token
        if not plain:
            continue
        plain = _SIGNS.get(plain, _NUMBERS.get(plain, plain))
        found.append(plain[:-1] if len(plain) > 3 and plain.endswith("s") and plain.isalpha() else plain)
    return found


class Stated:
    """What a text states, for many facts to be looked up in.

    Args:
        text: The text of passages.
    """

    def __init__(self, text: str) -> None:
        tokens = tokens_of(text)
        self._padded = f" {' '.join(tokens)} "
        self._amounts = set(_amounts(tokens))

    def holds(self, fact: Fact) -> bool:
        """Whether the text states a fact: word for word after normalisation, or as the same amount in another unit."""
        tokens = tokens_of(fact.text)
        if not tokens:
            return True
        if f" {' '.join(tokens)} " in self._padded:
            return True
        amounts = set(_amounts(tokens))
        # A unit alone may be wrong: an amount counts only whole.
        return bool(amounts) and len(tokens) == 2 and amounts <= self._amounts


def same_unit(one: Fact, other: Fact) -> bool:
    """Whether two quantities end in the same word."""
    first, second = tokens_of(one.text), tokens_of(other.text)
    return bool(first) and bool(second) and first[-1] == second[-1] and not _NUMBER.fullmatch(first[-1])


def same_number(one: Fact, other: Fact) -> bool:
    """Whether two quantities hold the same number, whatever their unit."""
    first = [token for token in tokens_of(one.text) if _NUMBER.fullmatch(token)]
    return bool(first) and first == [token for token in tokens_of(other.text) if _NUMBER.fullmatch(token)]


def _amounts(tokens: Sequence[str]) -> Iterator[tuple[float, str]]:
    """Each number with the unit after it; durations in seconds or months."""
    for number, unit in pairwise(tokens):
        if _NUMBER.fullmatch(number) and unit.isalpha():
            base, factor = _IN_BASE.get(unit, (unit, 1.0))
            yield float(number) * factor, base
