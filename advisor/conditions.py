"""The little language of `when`: its shape, three-valued judgement, and a trace.

    {volatility: weekly}                     the fact has this code
    {volatility: [weekly, daily]}            ... one of these
    {volatility: {at_least: weekly}}         ... this or a later one in the order of its options; at_most likewise
    {all: [...]}  {any: [...]}  {not: ...}   combinations; a mapping with several keys means all of them
    {unsettled: failure_mode}                it is open what the fact is (for plans only: it speaks of knowledge)

A fact that is unknown makes a condition unknown, unless the rest decides it. A fact that does not apply has no code, so
every leaf about it is false.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any, NamedTuple

from advisor.errors import allowed
from advisor.values import Outcome

__all__ = ["ALWAYS", "AllOf", "AnyOf", "Codes", "Condition", "Not", "OneOf", "State", "States", "Step", "Unsettled"]
__all__ += ["parse"]


class State(NamedTuple):
    """What is known of one fact.

    Attributes:
        answered: the code that was given or derived, or None.
        possible: the codes that the fact may turn out to have; one when settled, none when it does not apply.
    """

    answered: str | None
    possible: frozenset[str]


States = Mapping[str, State]


class Codes(NamedTuple):
    """What a fact may be.

    Attributes:
        named: every code, in the order of the options.
        ordered: the codes that stand on a scale, in its order; empty for a fact without one.
    """

    named: tuple[str, ...]
    ordered: tuple[str, ...]


class Step(NamedTuple):
    """One leaf of a trace: what was asked, what stood there, and the outcome."""

    fact: str
    written: str
    found: str
    outcome: Outcome


class Condition(ABC):
    """A condition on facts."""

    __slots__ = ()

    @abstractmethod
    def judge(self, states: States) -> Outcome:
        """What the condition is on what is known (Kleene's three-valued logic)."""

    @abstractmethod
    def leaves(self) -> Iterator[OneOf | Unsettled]:
        """Its leaves, in the order of the text."""

    @abstractmethod
    def show(self) -> str:
        """The condition in one line of words."""

    def facts(self) -> frozenset[str]:
        """The facts that it reads."""
        return frozenset(leaf.fact for leaf in self.leaves())

    def trace(self, states: States) -> tuple[Step, ...]:
        """Every leaf with what it found."""
        return tuple(
            Step(leaf.fact, leaf.written, _found(states[leaf.fact]), leaf.judge(states)) for leaf in self.leaves()
        )


def _found(state: State) -> str:
    if state.answered is None and not state.possible:
        return "does not apply"
    return state.answered or "unknown"


@dataclass(frozen=True, slots=True)
class OneOf(Condition):
    """The fact has one of `codes`; `written` is how the rule's author put it."""

    fact: str
    codes: frozenset[str]
    written: str

    def judge(self, states: States) -> Outcome:  # noqa: D102
        answered, possible = states[self.fact]
        if answered in self.codes:
            return Outcome.TRUE
        if self.codes.isdisjoint(possible):
            return Outcome.FALSE
        return Outcome.TRUE if possible <= self.codes else Outcome.UNKNOWN

    def leaves(self) -> Iterator[OneOf | Unsettled]:  # noqa: D102
        yield self

    def show(self) -> str:  # noqa: D102
        return f"{self.fact} is {self.written}"


@dataclass(frozen=True, slots=True)
class Unsettled(Condition):
    """It is open what the fact is. Never unknown itself."""

    fact: str

    @property
    def written(self) -> str:
        """As a trace shows it."""
        return "open"

    def judge(self, states: States) -> Outcome:  # noqa: D102
        return Outcome.TRUE if len(states[self.fact].possible) > 1 else Outcome.FALSE

    def leaves(self) -> Iterator[OneOf | Unsettled]:  # noqa: D102
        yield self

    def show(self) -> str:  # noqa: D102
        return f"{self.fact} is open"


@dataclass(frozen=True, slots=True)
class AllOf(Condition):
    """Every part holds; with no part, always."""

    parts: tuple[Condition, ...]

    def judge(self, states: States) -> Outcome:  # noqa: D102
        outcome = Outcome.TRUE
        for part in self.parts:
            judged = part.judge(states)
            if judged is Outcome.FALSE:
                return judged
            if judged is Outcome.UNKNOWN:
                outcome = judged
        return outcome

    def leaves(self) -> Iterator[OneOf | Unsettled]:  # noqa: D102
        return chain.from_iterable(part.leaves() for part in self.parts)

    def show(self) -> str:  # noqa: D102
        shown = (f"({part.show()})" if isinstance(part, AnyOf) else part.show() for part in self.parts)
        return " and ".join(shown) or "always"


@dataclass(frozen=True, slots=True)
class AnyOf(Condition):
    """At least one part holds."""

    parts: tuple[Condition, ...]

    def judge(self, states: States) -> Outcome:  # noqa: D102
        outcome = Outcome.FALSE
        for part in self.parts:
            judged = part.judge(states)
            if judged is Outcome.TRUE:
                return judged
            if judged is Outcome.UNKNOWN:
                outcome = judged
        return outcome

    def leaves(self) -> Iterator[OneOf | Unsettled]:  # noqa: D102
        return chain.from_iterable(part.leaves() for part in self.parts)

    def show(self) -> str:  # noqa: D102
        return " or ".join(f"({part.show()})" if isinstance(part, AllOf) else part.show() for part in self.parts)


@dataclass(frozen=True, slots=True)
class Not(Condition):
    """The part does not hold."""

    part: Condition

    def judge(self, states: States) -> Outcome:  # noqa: D102
        judged = self.part.judge(states)
        if judged is Outcome.UNKNOWN:
            return judged
        return Outcome.FALSE if judged is Outcome.TRUE else Outcome.TRUE

    def leaves(self) -> Iterator[OneOf | Unsettled]:  # noqa: D102
        return self.part.leaves()

    def show(self) -> str:  # noqa: D102
        return f"not ({self.part.show()})"


ALWAYS: Condition = AllOf(())


def parse(written: Any, vocabulary: Mapping[str, Codes]) -> Condition:
    """Reads a condition.

    Args:
        written: the plain data of `when`.
        vocabulary: for each fact, its codes.

    Raises:
        ValueError: its message names what is wrong and what is allowed.
    """
    if not isinstance(written, dict) or not written:
        raise ValueError(
            "a condition is a mapping such as {volatility: weekly}, {all: [...]}, {any: [...]}, {not: ...}"
        )
    parts = tuple(_parse_entry(key, value, vocabulary) for key, value in written.items())
    return parts[0] if len(parts) == 1 else AllOf(parts)


def _parse_entry(key: str, value: Any, vocabulary: Mapping[str, Codes]) -> Condition:
    if key in ("all", "any"):
        if not isinstance(value, list) or not value:
            raise ValueError(f"'{key}' takes a list of conditions with at least one in it")
        parts = tuple(parse(part, vocabulary) for part in value)
        return AllOf(parts) if key == "all" else AnyOf(parts)
    if key == "not":
        return Not(parse(value, vocabulary))
    if key == "unsettled":
        return Unsettled(_known_fact(str(value), vocabulary))
    return _parse_leaf(_known_fact(key, vocabulary), value, vocabulary[key])


def _known_fact(fact: str, vocabulary: Mapping[str, Codes]) -> str:
    if fact not in vocabulary:
        raise ValueError(f"unknown fact {fact!r}; {allowed(fact, sorted(vocabulary))}")
    return fact


def _parse_leaf(fact: str, value: Any, codes: Codes) -> OneOf:
    if isinstance(value, dict):
        if len(value) != 1 or next(iter(value)) not in ("at_least", "at_most"):
            raise ValueError(f"{fact}: one of at_least, at_most is allowed here, found {sorted(value)}")
        ((bound, code),) = value.items()
        scale = codes.ordered
        if not scale:
            raise ValueError(f"{fact} has no order, so '{bound}' means nothing: list the codes")
        place = scale.index(_known_code(fact, code, scale))
        meant = scale[place:] if bound == "at_least" else scale[: place + 1]
        return OneOf(fact, frozenset(meant), f"{bound.replace('_', ' ')} {code}")
    listed = value if isinstance(value, list) else [value]
    if not listed:
        raise ValueError(f"{fact}: an empty list matches nothing")
    named = tuple(_known_code(fact, code, codes.named) for code in listed)
    return OneOf(fact, frozenset(named), " or ".join(named))


def _known_code(fact: str, code: Any, scale: tuple[str, ...]) -> str:
    if code not in scale:
        raise ValueError(f"{fact} has no code {code!r}; {allowed(str(code), scale)}")
    return str(code)
