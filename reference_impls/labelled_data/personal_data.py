"""Looks for personal data in texts: by patterns, check digits and telephone plans.

No language model takes part, so names and postal addresses are not found, and nothing is loaded from the network.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from .base import Example
from .personal_numbers import recognisers
from .settings import listed

_SAMPLES = 3
_SHOWN_START, _SHOWN_END, _SHORT = 2, 2, 8


class Kind(BaseModel):
    """What was found of one kind.

    Attributes:
        kind: In words: e-mail address.
        hits: How often.
        rows: In how many rows.
        samples: Some of them, masked, with their places: `train.csv:12: in********om`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: str
    hits: int
    rows: int
    samples: tuple[str, ...]


class PersonalData(BaseModel):
    """What a scan found.

    Attributes:
        rows: Rows with at least one hit.
        kinds: The commonest first.
        regions: Countries whose numbers were looked for.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    kinds: tuple[Kind, ...]
    regions: tuple[str, ...]


def find_personal_data(
    examples: Sequence[Example], regions: str, advance: Callable[[int], object] = lambda _: None
) -> PersonalData:
    """Scans what models read and what they are to write.

    Args:
        examples: All of them.
        regions: Country codes with commas between; telephone numbers with + are found for every country.
        advance: Hears how many more examples are done.

    Raises:
        UserError: A library is not installed.
    """
    countries = listed(regions)
    places: dict[str, set[int]] = {}
    samples: dict[str, list[str]] = {}
    hits: Counter[str] = Counter()
    for number, example in enumerate(examples):
        for text in _texts(example):
            for kind, start, end in hits_of(text, countries):
                hits[kind] += 1
                places.setdefault(kind, set()).add(number)
                shown = samples.setdefault(kind, [])
                if len(shown) < _SAMPLES:
                    shown.append(f"{example.place}: {masked(text[start:end])}")
        advance(1)
    kinds = tuple(
        Kind(kind=kind, hits=count, rows=len(places[kind]), samples=tuple(samples[kind]))
        for kind, count in hits.most_common()
    )
    rows = set().union(*places.values())
    return PersonalData(rows=len(rows), kinds=kinds, regions=tuple(countries))


def masked(value: str) -> str:
    """A value of which nobody can tell the whole: its ends, or only its first character where it is short."""
    if len(value) < _SHORT:
        return value[:1] + "*" * (len(value) - 1)
    return value[:_SHOWN_START] + "*" * (len(value) - _SHOWN_START - _SHOWN_END) + value[-_SHOWN_END:]


def _texts(example: Example) -> Iterator[str]:
    if example.turns:
        yield from (turn.text for turn in example.turns)
        if isinstance(example.target, str):
            yield example.target
    else:
        yield example.text


def hits_of(text: str, regions: Sequence[str]) -> list[tuple[str, int, int]]:
    """Kind, start and end of each hit in one text, in order; what lies within a surer hit is left out."""
    # Every kind has an @, a digit or a colon in it.
    if not any(character in "@:" or character.isdigit() for character in text):
        return []
    kept: list[tuple[str, int, int]] = []
    for recogniser in recognisers(tuple(regions)):
        for start, end in recogniser.places(text):
            if all(end <= before or after <= start for _, before, after in kept):
                kept.append((recogniser.kind, start, end))
    return sorted(kept, key=lambda hit: hit[1])
