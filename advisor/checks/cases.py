"""Cases of rules: those that come out otherwise than they say, and those that are missing."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

from advisor.checks.flaw import Flaw
from advisor.conditions import OneOf
from advisor.knowledge import Knowledge, Rule
from advisor.knowledge.asked import read_codes
from advisor.states import states_of
from advisor.values import Outcome

__all__ = ["cases_that_do_not_hold", "missing_cases"]

_WANTED = {"fires": Outcome.TRUE, "silent": Outcome.FALSE, "unknown": Outcome.UNKNOWN}


def cases_that_do_not_hold(knowledge: Knowledge) -> Iterator[Flaw]:
    """Cases with unknown words, and cases whose condition comes out otherwise."""
    for rule in knowledge.rules:
        for kind, wanted in _WANTED.items():
            for number, profile in enumerate(rule.cases[kind], 1):
                what = f"{rule.id}, {kind} case {number}"
                codes, faults = read_codes(profile, knowledge.asks)
                if faults:
                    yield from (Flaw(rule.where, f"{what}: {fault}") for fault in faults.values())
                    continue
                found = rule.when.judge(states_of(knowledge, codes))
                if found is not wanted:
                    yield Flaw(rule.where, f"{what}: the condition is {found.value}, wanted {wanted.value}")


def missing_cases(knowledge: Knowledge) -> Iterator[Flaw]:
    """Rules without a case of each kind, and edges of a scale without a case on both sides.

    Where a condition takes one code of a scale and not its neighbour, one case must stand on the near side of that edge
    and one on the far side, and the rule must fire in just one of the two.
    """
    for rule in knowledge.rules:
        for kind in _WANTED:
            if rule.facts and not rule.cases[kind]:
                yield Flaw(rule.where, f"{rule.id} has no case under '{kind}'")
        for fact, code, beyond in _edges(rule, knowledge):
            near, far = _outcomes(rule, fact, code, knowledge), _outcomes(rule, fact, beyond, knowledge)
            if not (("fires" in near and "silent" in far) or ("silent" in near and "fires" in far)):
                says = (
                    f"{rule.id} turns between {fact} {code} and {beyond}, and no case shows both sides: "
                    "one must fire and one stay silent"
                )
                yield Flaw(rule.where, says)


def _edges(rule: Rule, knowledge: Knowledge) -> Iterator[tuple[str, str, str]]:
    """Each edge of a scale that the condition speaks of, as (fact, code inside, neighbour outside)."""
    seen = set()
    for leaf in rule.when.leaves():
        ask = knowledge.asks[leaf.fact]
        if not (isinstance(leaf, OneOf) and ask.ordered):
            continue
        for low, high in pairwise(ask.settled_codes):
            if (low in leaf.codes) != (high in leaf.codes) and (leaf.fact, low) not in seen:
                seen.add((leaf.fact, low))
                yield (leaf.fact, low, high) if low in leaf.codes else (leaf.fact, high, low)


def _outcomes(rule: Rule, fact: str, code: str, knowledge: Knowledge) -> set[str]:
    """The kinds of the cases in which the fact has this code."""
    return {
        kind
        for kind in ("fires", "silent")
        for profile in rule.cases[kind]
        if read_codes(profile, knowledge.asks)[0].get(fact) == code
    }
