"""Patterns for codes and numbers in a question: the part of regular expressions whose cost is known beforehand."""

import re
import warnings
from functools import cache
from math import prod

MOST_WAYS = 100
LONGEST = 64

_ATOM = re.compile(
    r"""(?P<set>\[\^?(?:[^\\\[\]]|\\.)+\])            # a set of characters
      | (?P<escape>\\[dwsDWS]|\\[^a-zA-Z0-9])       # a class, or a character that is itself
      | (?P<plain>[^\\\[\](){}|*+?.^$])             # any other character
    """,
    re.X | re.S,
)
_COUNT = re.compile(r"\{(\d{1,3})(?:,(\d{1,3}))?\}|\?")


def pattern_fault(pattern: str) -> str | None:
    r"""What is wrong with a pattern, or None.

    Allowed are characters, `\d`, `\w`, `\s` and sets such as `[A-Z]`, each optionally with `?`, `{3}` or `{2,5}`, and
    alternatives divided by `|`. Groups and `*`, `+` and `.` are not: with them the time that a search takes can
    double with each character. Here it is at most the number of characters times the ways in which the counts can
    turn out, which is limited too.
    """
    ways = 0
    for alternative in _alternatives(pattern):
        found = _counts(alternative)
        if isinstance(found, str):
            return found
        if any(low > high for low, high in found):
            return "a count {m,n} has m above n"
        longest = sum(high for _, high in found)
        if not 0 < longest <= LONGEST or not any(low for low, _ in found):
            return f"it must fit at least 1 and at most {LONGEST} characters"
        ways += prod(high - low + 1 for low, high in found)
    if ways > MOST_WAYS:
        return f"its counts can turn out in {ways:,} ways; allowed are {MOST_WAYS}: make the ranges {{m,n}} smaller"
    try:
        with warnings.catch_warnings():
            # Python warns about sets that it may read in another way some day.
            warnings.simplefilter("error", FutureWarning)
            re.compile(pattern)
    except (re.error, FutureWarning) as error:
        return f"it is no regular expression: {error}"
    return None


@cache
def searcher(pattern: str) -> re.Pattern[str]:
    """Finds a pattern where it stands alone, not inside a longer word, nor joined to one by a hyphen."""
    return re.compile(rf"(?<![\w-])(?:{pattern})(?![\w]|-\w)")


def _alternatives(pattern: str) -> list[str]:
    parts, at, start = [], 0, 0
    while at < len(pattern):
        atom = _ATOM.match(pattern, at)
        if atom is None and pattern[at] == "|":
            parts.append(pattern[start:at])
            start = at + 1
        at = atom.end() if atom else at + 1
    return [*parts, pattern[start:]]


def _counts(alternative: str) -> list[tuple[int, int]] | str:
    """Least and most repetitions of each atom, or what is not allowed."""
    counts, at = [], 0
    while at < len(alternative):
        atom = _ATOM.match(alternative, at)
        if atom is None:
            return (
                f"{alternative[at:][:10]!r} is not allowed; write characters, \\d, \\w and sets such as [A-Z], "
                "with counts such as {6} or {2,5}"
            )
        at = atom.end()
        count = _COUNT.match(alternative, at)
        if count is None:
            counts.append((1, 1))
            continue
        low = int(count[1]) if count[1] else 0
        counts.append((low, int(count[2] or low) if count[1] else 1))
        at = count.end()
    return counts
