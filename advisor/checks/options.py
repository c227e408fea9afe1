"""Options between which the rules make no difference: asking for them is a waste of the user's time."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, pairwise

from advisor.checks.flaw import Flaw
from advisor.checks.possible import Possible, with_fact_settled
from advisor.conditions import Condition, OneOf
from advisor.knowledge import Ask, Knowledge

__all__ = ["options_not_told_apart"]


def options_not_told_apart(knowledge: Knowledge) -> Iterator[Flaw]:
    """Pairs of codes that every rule judges alike, whatever the other facts are; neighbours only, on a scale."""
    possible = Possible.answers(knowledge)
    for ask in knowledge.asks.values():
        reading = [rule.when for rule in knowledge.rules if ask.fact in rule.facts]
        pairs = pairwise(ask.settled_codes) if ask.ordered else combinations(ask.settled_codes, 2)
        for one, other in pairs:
            if reading and not any(_tells_apart(when, ask, one, other, possible) for when in reading):
                yield Flaw(
                    ask.where,
                    f"fact {ask.fact}: no rule tells {one} from {other}",
                    f"untold {ask.fact} {one} {other}",
                )


def _tells_apart(when: Condition, ask: Ask, one: str, other: str, possible: Possible) -> bool:
    if not any(
        isinstance(leaf, OneOf) and leaf.fact == ask.fact and _parts(leaf, one, other) for leaf in when.leaves()
    ):
        return False
    first, second = with_fact_settled(when, ask.fact, one), with_fact_settled(when, ask.fact, other)
    return any(possible.example([ask.when, a], [b]) is not None for a, b in ((first, second), (second, first)))


def _parts(leaf: OneOf, one: str, other: str) -> bool:
    return (one in leaf.codes) != (other in leaf.codes)
