"""Ranges that are reckoned with, each keeping how it came about: the formula that is shown is the one that was used.

Interval arithmetic (Moore, 1966): whatever value each figure has within its range, the result lies within the result's.
Beside its ends a term is kept as a sum of products, so that what two bills share falls out of their difference.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import reduce

__all__ = ["Term", "between", "constant", "larger", "less", "rest_of", "saved", "smaller", "total", "whole"]

Product = tuple[str, ...]
Ends = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Term:
    """A range from `low` to `high`, which may be infinite, and not below zero.

    Attributes:
        text: the arithmetic, in the ids of `inputs`.
        inputs: figures and facts that are in it.
        products: the factor of each product of atoms; empty for a term that is an atom itself.
        atoms: the ends of each atom.
        is_sum: a factor beside it needs brackets around it.
    """

    low: float
    high: float
    text: str
    inputs: tuple[str, ...] = ()
    products: Mapping[Product, float] = field(default_factory=dict)
    atoms: Mapping[str, Ends] = field(default_factory=dict)
    is_sum: bool = False

    def expanded(self) -> tuple[Mapping[Product, float], Mapping[str, Ends]]:
        """The products and the atoms."""
        if self.products:
            return self.products, self.atoms
        return {(self.text,): 1.0}, {self.text: (self.low, self.high)}

    def __add__(self, other: Term) -> Term:
        """The sum."""
        (mine, atoms), (theirs, others) = self.expanded(), other.expanded()
        products = {key: mine.get(key, 0.0) + theirs.get(key, 0.0) for key in {**mine, **theirs}}
        ends = self.low + other.low, self.high + other.high
        return Term(*ends, f"{self.text} + {other.text}", _both(self, other), products, {**atoms, **others}, True)

    def __mul__(self, other: Term) -> Term:
        """The product."""
        (mine, atoms), (theirs, others) = self.expanded(), other.expanded()
        products: dict[Product, float] = {}
        for one, factor in mine.items():
            for another, times in theirs.items():
                key = tuple(sorted(one + another))
                products[key] = products.get(key, 0.0) + factor * times
        ends = _times(self.low, other.low), _times(self.high, other.high)
        text = f"{_factor(self)} * {_factor(other)}"
        return Term(*ends, text, _both(self, other), products, {**atoms, **others})

    def __truediv__(self, other: Term) -> Term:
        """The quotient; the divisor is above zero."""
        divisor = f"({other.text})" if " " in other.text else other.text
        inverse = Term(1 / other.high, 1 / other.low, f"1 / {divisor}", other.inputs)
        if not other.inputs:
            inverse = Term(inverse.low, inverse.high, inverse.text, (), {(): inverse.low}, {})
        product = self * inverse
        ends = _over(self.low, other.high), _over(self.high, other.low)
        return Term(*ends, f"{_factor(self)} / {divisor}", product.inputs, product.products, product.atoms)


def _times(one: float, other: float) -> float:
    return 0.0 if 0 in (one, other) else one * other


def _over(one: float, other: float) -> float:
    """As the formula says: the product with the inverse can be a last digit more, and then a machine more."""
    return 0.0 if one == 0 or other == math.inf else one / other


def _factor(term: Term) -> str:
    return f"({term.text})" if term.is_sum else term.text


def _both(one: Term, other: Term) -> tuple[str, ...]:
    return tuple(dict.fromkeys(one.inputs + other.inputs))


def constant(number: float) -> Term:
    """A number that is no figure, such as the hours of a month."""
    return Term(number, number, f"{number:g}" if number < 1e5 else f"{number:.0f}", (), {(): float(number)})


def total(terms: Iterable[Term]) -> Term:
    """The sum of at least one."""
    return reduce(lambda one, other: one + other, terms)


def saved(now: Term, then: Term) -> Ends:
    """The ends of `now` less `then`. What both share, such as the price of an equally long answer, cancels out."""
    (mine, atoms), (theirs, others) = now.expanded(), then.expanded()
    ends = {**atoms, **others}
    low = high = 0.0
    for product in {**mine, **theirs}:
        factor = mine.get(product, 0.0) - theirs.get(product, 0.0)
        if factor:
            least = reduce(_times, (ends[atom][0] for atom in product), abs(factor))
            most = reduce(_times, (ends[atom][1] for atom in product), abs(factor))
            low, high = (low + least, high + most) if factor > 0 else (low - most, high - least)
    return max(low, now.low - then.high), min(high, now.high - then.low)


def whole(term: Term) -> Term:
    """The next whole number, at least 1: machines are not halved."""
    low, high = (max(1.0, math.ceil(end) if end < math.inf else end) for end in (term.low, term.high))
    return Term(low, high, f"max(1, ceil({term.text}))", term.inputs)


def less(term: Term, taken: Term) -> Term:
    """What is left of `term`, never below zero."""
    ends = max(0.0, term.low - taken.high), max(0.0, term.high - taken.low)
    return Term(*ends, f"max(0, {term.text} - {_factor(taken)})", _both(term, taken))


def rest_of(share: Term) -> Term:
    """One less a share."""
    ends = max(0.0, 1 - share.high), max(0.0, 1 - share.low)
    atoms = {share.text: (share.low, share.high)}
    return Term(*ends, f"(1 - {share.text})", share.inputs, {(): 1.0, (share.text,): -1.0}, atoms)


def larger(one: Term, other: Term) -> Term:
    """The larger of two."""
    ends = max(one.low, other.low), max(one.high, other.high)
    return Term(*ends, f"max({one.text}, {other.text})", _both(one, other))


def smaller(one: Term, other: Term) -> Term:
    """The smaller of two."""
    ends = min(one.low, other.low), min(one.high, other.high)
    return Term(*ends, f"min({one.text}, {other.text})", _both(one, other))


def between(one: Term, other: Term) -> Term:
    """Anything from one to the other, where it is open which of them it is."""
    ends = min(one.low, other.low), max(one.high, other.high)
    return Term(*ends, f"between({one.text}, {other.text})", _both(one, other))
