"""What is asked, linked: questions with their options, and what follows when nobody answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from advisor.conditions import Condition
from advisor.errors import allowed
from advisor.values import Band

__all__ = ["Ask", "Derivation", "Option", "read_codes"]


@dataclass(frozen=True, eq=False)
class Option:
    """One code of a fact.

    Attributes:
        band: the numbers that fall into it, for a fact with a unit.
        could_be: for a code that says "not settled yet": the codes that it may turn into.
    """

    code: str
    means: str
    band: Band | None
    could_be: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ask:
    """One question; its answer is the fact of the same name.

    Attributes:
        negotiable: a demand or a means that a team may decide to change, and not what its task is.
        where: its file and line.
    """

    fact: str
    criterion: str
    question: str
    why: str
    help: str | None
    unit: str | None
    ordered: bool
    negotiable: bool
    options: tuple[Option, ...]
    when: Condition
    where: str

    def option(self, code: str) -> Option:
        """The option with this code."""
        return next(option for option in self.options if option.code == code)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in order."""
        return tuple(option.code for option in self.options)

    @property
    def settled_codes(self) -> tuple[str, ...]:
        """The codes that say what the fact is, in order."""
        return tuple(option.code for option in self.options if not option.could_be)

    def banded(self, number: float) -> str | None:
        """The code whose band holds `number`, or None when no band does."""
        return next((o.code for o in self.options if o.band is not None and o.band.holds(number)), None)


@dataclass(frozen=True, eq=False)
class Derivation:
    """A fact that follows from others when nobody answered it."""

    fact: str
    code: str
    when: Condition
    because: str
    where: str


def read_codes(
    written: Mapping[str, str | int | float], asks: Mapping[str, Ask]
) -> tuple[dict[str, str], dict[str, str]]:
    """The codes that a case gives, numbers in their bands; and by fact what is wrong with the rest."""
    codes: dict[str, str] = {}
    faults: dict[str, str] = {}
    for fact, value in written.items():
        ask = asks.get(fact)
        if ask is None:
            faults[fact] = f"unknown fact {fact!r}; {allowed(fact, sorted(asks))}"
            continue
        code = value if isinstance(value, str) else ask.banded(value)
        if code is None or code not in ask.codes:
            faults[fact] = f"{fact} has no code {value!r}; {allowed(str(value), ask.codes)}"
            continue
        codes[fact] = code
    return codes, faults
