"""Bands of numbers that do not meet."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from advisor.checks.flaw import Flaw
from advisor.knowledge import Knowledge

__all__ = ["bands_that_do_not_meet"]


def bands_that_do_not_meet(knowledge: Knowledge) -> Iterator[Flaw]:
    """Neighbouring bands of a fact with a gap between them, or with numbers in common."""
    for ask in knowledge.asks.values():
        bands = [option.band for option in ask.options if option.band is not None]
        for before, after in pairwise(sorted(bands, key=lambda band: (band.low, band.high))):
            if before.high != after.low or before.high_included == after.low_included:
                gap = f"the bands at {before.high:g} and {after.low:g} leave a gap or overlap"
                yield Flaw(ask.where, f"{ask.fact}: {gap}")
