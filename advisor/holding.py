"""Which of many conditions hold, for a caller that asks again and again.

Each condition is spelled out once, as alternatives of which each needs some leaves to be true and some to be false.
Kleene's logic is distributive and keeps De Morgan's laws, so what holds is what `Condition.judge` finds true. The
leaves are bits of one number, hence one comparison settles an alternative.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import lru_cache
from itertools import chain, product
from math import prod
from typing import Generic, TypeVar

from advisor.conditions import AllOf, AnyOf, Condition, Not, State, States
from advisor.values import Outcome

__all__ = ["Holding"]

_Needed = tuple[Condition, bool]
"""A part of a condition that is not spelled out further, and whether it has to be true or false."""
_Held = TypeVar("_Held")

_WIDEST = 64
"""Alternatives that one condition is spelled out in; a part that has more stays whole, and is judged as it stands."""


class Holding(Generic[_Held]):
    """Finds those of its members whose condition holds.

    Args:
        members: each with its condition; they are found in this order.
    """

    def __init__(self, members: Iterable[tuple[Condition, _Held]]) -> None:
        places: dict[_Needed, int] = {}
        self._alternatives: list[tuple[int, _Held]] = []
        for condition, member in members:
            for needed in _alternatives(condition, True):
                bits = sum(1 << places.setdefault(one, len(places)) for one in needed)
                self._alternatives.append((bits, member))
        self._by_fact: dict[str, list[tuple[int, _Needed]]] = {}
        self._whole: list[tuple[int, _Needed]] = []
        for one, place in places.items():
            facts = tuple(one[0].facts())
            listed = self._by_fact.setdefault(facts[0], []) if len(facts) == 1 else self._whole
            listed.append((1 << place, one))
        self._bits: dict[str, dict[State, int]] = {fact: {} for fact in self._by_fact}

    def on(self, states: States, among: Collection[_Held] | None = None) -> list[_Held]:
        """Those that hold on what is known; of `among` alone where it is given."""
        true = 0
        for fact, known in self._bits.items():
            state = states[fact]
            bits = known.get(state)
            if bits is None:
                bits = known[state] = _true(self._by_fact[fact], {fact: state})
            true |= bits
        if self._whole:
            true |= _true(self._whole, states)
        found = dict.fromkeys([member for bits, member in self._alternatives if bits & true == bits])
        return list(found) if among is None else [member for member in found if member in among]


def _true(parts: Iterable[tuple[int, _Needed]], states: States) -> int:
    found = 0
    for bit, (condition, wanted) in parts:
        if condition.judge(states) is (Outcome.TRUE if wanted else Outcome.FALSE):
            found |= bit
    return found


@lru_cache(maxsize=4096)
def _alternatives(condition: Condition, wanted: bool) -> tuple[frozenset[_Needed], ...]:
    """What it takes for the condition to be true, or false: all that one of these needs."""
    match condition:
        case Not(part):
            return _alternatives(part, not wanted)
        case AllOf(parts) | AnyOf(parts):
            each = [_alternatives(part, wanted) for part in parts]
            if isinstance(condition, AnyOf) is wanted:
                return tuple(dict.fromkeys(chain.from_iterable(each)))
            if prod(map(len, each)) <= _WIDEST:
                return tuple(dict.fromkeys(frozenset[_Needed]().union(*chosen) for chosen in product(*each)))
    return (frozenset(((condition, wanted),)),)
