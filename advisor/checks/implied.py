"""Which rules hold whenever another one does: what contradicts or hides what is read off this."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import lru_cache

from advisor.checks.possible import Possible
from advisor.deciding import fired_rules
from advisor.knowledge import Knowledge, Rule
from advisor.states import states_of
from advisor.values import Outcome

__all__ = ["implied_rules"]

_VARIANTS = 4
"""Ways in which each example is filled up; more refute more pairs by a look, fewer leave more to the search."""


@lru_cache(maxsize=1)
def implied_rules(knowledge: Knowledge) -> Mapping[str, tuple[Rule, ...]]:
    """For each rule that can fire, the others that fire with it whatever else is answered."""
    possible = Possible.answers(knowledge)
    examples = {rule.id: possible.example([rule.when]) for rule in knowledge.rules}
    refuting = _firing_together(knowledge, [codes for codes in examples.values() if codes is not None])
    return {
        rule.id: tuple(
            other
            for other in knowledge.rules
            if other is not rule
            and all(other.id in fired for fired in refuting if rule.id in fired)
            and possible.implies(rule.when, other.when)
        )
        for rule in knowledge.rules
        if examples[rule.id] is not None
    }


def _firing_together(knowledge: Knowledge, examples: list[dict[str, str]]) -> list[frozenset[str]]:
    """The rules that fire in each of many complete answers: a cheap way to refute that one implies another."""
    impossible = [conflict.when for conflict in knowledge.conflicts if conflict.cannot_be]
    found = []
    for codes in _filled_up(knowledge, examples):
        states = states_of(knowledge, codes)
        if not any(when.judge(states) is Outcome.TRUE for when in impossible):
            found.append(frozenset(rule.id for rule in fired_rules(knowledge, states)))
    return found


def _filled_up(knowledge: Knowledge, examples: list[dict[str, str]]) -> Iterator[dict[str, str]]:
    for number, codes in enumerate(examples):
        for variant in range(_VARIANTS):
            step = number * _VARIANTS + variant
            filler = {
                fact: ask.codes[(step * 7 + place * (variant + 1)) % len(ask.codes)]
                for place, (fact, ask) in enumerate(knowledge.asks.items())
            }
            yield {**filler, **codes}
