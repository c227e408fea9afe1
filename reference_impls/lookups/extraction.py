"""Finds the parameters of a look-up in a question; what is not plain is not taken."""

import datetime
import re
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from .askers import Asker
from .declarations import Parameter
from .patterns import searcher
from .tables import Value

Spellings = Mapping[str, Sequence[str]]
"""Each value of a choice, with all its spellings."""

_ORDER = ("tenant", "user", "choice", "pattern", "date", "number")
_DATE = re.compile(r"(?<![\w.-])(?:(\d{4})-(\d{2})-(\d{2})|(\d{1,2})\.(\d{1,2})\.(\d{4}))(?![\w-]|\.\d)")
_NUMBER = re.compile(r"(?<![\w.,+-])([+-]?)(\d{1,15})([.,]\d{1,15})?(?![\w-]|[.,]\d)")
_USED = "\n"


@dataclass(frozen=True)
class Extraction:
    """What a question and its asker give.

    Attributes:
        values: By name of the parameter.
        missing: Names of parameters for which nothing was found.
        unclear: Names of parameters for which more than one value was found, with those values.
        places: Where each parameter of the question stands: start and end in `plain(question)`.
    """

    values: Mapping[str, Value]
    missing: tuple[str, ...]
    unclear: Mapping[str, tuple[str, ...]]
    places: Mapping[str, tuple[tuple[int, int], ...]]


def extract(
    parameters: Mapping[str, Parameter], choices: Mapping[str, Spellings], question: str, asker: Asker
) -> Extraction:
    """Finds one value for each parameter.

    Known names are found first, then codes, dates and numbers; what one parameter used is not read again by another, so
    the year of a date is no number.

    Args:
        parameters: By name.
        choices: The values and spellings of each parameter of kind choice.
        question: The question.
        asker: Gives tenant and user.
    """
    text = plain(question)
    found: dict[str, list[Value]] = {}
    places: dict[str, tuple[tuple[int, int], ...]] = {}
    for name, parameter in sorted(parameters.items(), key=lambda item: _ORDER.index(item[1].kind)):
        if not parameter.from_question:
            identity = asker.tenant if parameter.kind == "tenant" else asker.user
            found[name] = [identity] if identity else []
            continue
        taken = _READERS[parameter.kind](text, parameter, choices.get(name, {}))
        found[name] = list(dict.fromkeys(value for value, _, _ in taken))
        places[name] = tuple(dict.fromkeys((start, end) for _, start, end in taken))
        for _, start, end in taken:
            text = text[:start] + _USED * (end - start) + text[end:]
    return Extraction(
        {name: values[0] for name, values in found.items() if len(values) == 1},
        tuple(name for name, values in found.items() if not values),
        {name: tuple(map(str, values)) for name, values in found.items() if len(values) > 1},
        places,
    )


def ask_about_the_same(example: str, in_example: Extraction, question: str, in_question: Extraction) -> str:
    """An example question about the things that another question is about.

    "Is the Tag in stock?" becomes "Is the Bridge in stock?" for a question about the Bridge, so that two questions are
    near for what they ask and not for what they ask about.

    Args:
        example: The example question.
        in_example: Its parameters.
        question: The other question.
        in_question: Its parameters.
    """
    example, question = plain(example), plain(question)
    swaps = [
        (start, end, question[slice(*in_question.places[name][0])])
        for name, places in in_example.places.items()
        for start, end in places
        if in_question.places.get(name)
    ]
    for start, end, spelt in sorted(swaps, reverse=True):
        example = example[:start] + spelt + example[end:]
    return example


def plain(text: str) -> str:
    """The text in Unicode's normal form NFKC, with single spaces."""
    return " ".join(unicodedata.normalize("NFKC", text).split())


Taken = list[tuple[Value, int, int]]


def _choices(text: str, _parameter: Parameter, spellings: Spellings) -> Taken:
    """Each value of which a name stands in the text as whole words; of names that overlap, the longest counts."""
    named: dict[str, list[str]] = {}
    for value, names in spellings.items():
        for name in names:
            named.setdefault(_folded(plain(name)), []).append(value)
    named.pop("", None)
    left = _folded(text)
    found: Taken = []
    for name in sorted(named, key=len, reverse=True):
        at = left.find(name)
        while at >= 0:
            end = at + len(name)
            if _stands_alone(left, at, end):
                found += [(value, at, end) for value in named[name]]
                left = left[:at] + _USED * len(name) + left[end:]
            at = left.find(name, at + 1)
    return found


def _folded(text: str) -> str:
    """In lower case, character by character, so that every place stays where it is."""
    return "".join(low if len(low := character.lower()) == 1 else character for character in text)


def _stands_alone(text: str, start: int, end: int) -> bool:
    # Scripts such as Chinese put no spaces between words, so there a name may stand anywhere.
    return all(
        not (outside.isalnum() and inside.isalnum()) or unicodedata.east_asian_width(inside) in "WF"
        for outside, inside in ((text[start - 1 : start], text[start]), (text[end : end + 1], text[end - 1]))
    )


def _codes(text: str, parameter: Parameter, _spellings: Spellings) -> Taken:
    return [(match[0], match.start(), match.end()) for match in searcher(parameter.pattern or "").finditer(text)]


def _dates(text: str, _parameter: Parameter, _spellings: Spellings) -> Taken:
    """Dates as 2026-11-20 or 20.11.2026; with slashes nobody knows which is the month."""
    found: Taken = []
    for match in _DATE.finditer(text):
        year, month, day = match.group(1, 2, 3) if match[1] else match.group(6, 5, 4)
        try:
            date = datetime.date(int(year), int(month), int(day))
        except ValueError:
            continue
        found.append((date.isoformat(), match.start(), match.end()))
    return found


def _numbers(text: str, parameter: Parameter, _spellings: Spellings) -> Taken:
    found: Taken = []
    for match in _NUMBER.finditer(text):
        sign, whole, fraction = match.groups()
        if fraction and len(fraction) == 4:
            # 1,250 and 1.250 are a thousand and more for some, and one and a quarter for others.
            continue
        number = float(f"{sign}{whole}.{fraction[1:]}") if fraction else int(f"{sign}{whole}")
        if (parameter.least is None or number >= parameter.least) and (
            parameter.most is None or number <= parameter.most
        ):
            found.append((number, match.start(), match.end()))
    return found


_READERS: dict[str, Callable[[str, Parameter, Spellings], Taken]] = {
    "choice": _choices,
    "pattern": _codes,
    "date": _dates,
    "number": _numbers,
}
