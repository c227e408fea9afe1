"""Cliffs: edges of a scale at which one sure verdict turns into another sure verdict."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from itertools import pairwise

from advisor.checks.flaw import Flaw
from advisor.checks.profiles import whole_profiles
from advisor.confidence import level_of
from advisor.deciding import decide_states, fired_rules
from advisor.knowledge import Knowledge
from advisor.sensitivity import COMPLETIONS, completions
from advisor.states import states_of
from advisor.values import Approach, Outcome

__all__ = ["cliffs"]

_Edge = tuple[str, str, str]
"""A fact and two neighbouring codes of it, in their order."""
_Side = frozenset[tuple[str, str]]
"""The codes of a profile."""


def cliffs(knowledge: Knowledge) -> Iterator[Flaw]:
    """Edges where a neighbouring band gives another approach, with high confidence on both sides.

    Looked for on the labelled cases and completions of them, so an edge that is not named may still be one. A side on
    which everything is vetoed has no verdict, hence no confidence.
    """
    impossible = [conflict.when for conflict in knowledge.conflicts if conflict.cannot_be]

    # A profile has as many neighbours as edges, and is a side of each pair.
    @cache
    def verdict(side: _Side) -> Approach | None:
        states = states_of(knowledge, dict(side))
        if any(when.judge(states) is Outcome.TRUE for when in impossible):
            return None
        return decide_states(knowledge, states).approach

    @cache
    def is_sure(side: _Side, approach: Approach) -> bool:
        agreeing = seen = 0
        for one in completions(dict(side), knowledge):
            seen += 1
            agreeing += one.approach is approach
            # Most sides are far from sure, and the rest cannot make up for what disagrees already.
            if level_of(1 - (seen - agreeing) / COMPLETIONS, knowledge.levels) != "high":
                return False
        return seen > 0 and level_of(agreeing / seen, knowledge.levels) == "high"

    found: dict[tuple[_Edge, Approach, Approach], list[frozenset[str]]] = {}
    for edge, low, high in _neighbours(knowledge):
        before, after = verdict(frozenset(low.items())), verdict(frozenset(high.items()))
        if before is None or after is None or before is after:
            continue
        if is_sure(frozenset(low.items()), before) and is_sure(frozenset(high.items()), after):
            found.setdefault((edge, before, after), []).append(_fired(low, knowledge) ^ _fired(high, knowledge))
    for ((fact, low_code, high_code), before, after), seen in found.items():
        times = "once" if len(seen) == 1 else f"{len(seen)} times"
        yield Flaw(
            knowledge.asks[fact].where,
            f"fact {fact}: from {low_code} to {high_code} the verdict turns from {before} to {after} with high "
            f"confidence on both sides (seen {times}; rules that fire on one side only: {', '.join(sorted(seen[0]))})",
            f"cliff {fact} {low_code} {high_code} {before} {after}",
        )


def _neighbours(knowledge: Knowledge) -> Iterator[tuple[_Edge, dict[str, str], dict[str, str]]]:
    """Every profile beside the one that has the next code of one ordered fact; each pair once."""
    seen = set()
    for profile in whole_profiles(knowledge):
        for fact, code in profile.items():
            ask = knowledge.asks[fact]
            for low, high in pairwise(ask.settled_codes) if ask.ordered else ():
                key = (fact, low, frozenset(({**profile, fact: low}).items()))
                if code in (low, high) and key not in seen:
                    seen.add(key)
                    yield (fact, low, high), {**profile, fact: low}, {**profile, fact: high}


def _fired(codes: Mapping[str, str], knowledge: Knowledge) -> frozenset[str]:
    return frozenset(rule.id for rule in fired_rules(knowledge, states_of(knowledge, codes)))
