"""From codes to states: which facts apply, what follows for those nobody answered, and what each may turn out to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

from advisor.conditions import ALWAYS, Condition, State
from advisor.documents import Facts
from advisor.knowledge.asked import Ask
from advisor.knowledge.model import Knowledge
from advisor.values import Outcome

__all__ = ["NOT_APPLICABLE", "answered_codes", "derived_code", "moving", "never_so", "restated"]
__all__ += ["states_of"]

NOT_APPLICABLE = State(None, frozenset())


def states_of(knowledge: Knowledge, codes: Mapping[str, str]) -> dict[str, State]:
    """The state of every fact.

    Args:
        knowledge: the rules.
        codes: the known codes; a fact that is not in it is unknown, unless it follows from others.
    """
    states: dict[str, State] = {}
    _settle(knowledge, codes, states, knowledge.asks)
    return states


def restated(
    knowledge: Knowledge, codes: Mapping[str, str], states: Mapping[str, State], facts: Iterable[str]
) -> dict[str, State]:
    """`states` with only these facts worked out again, for many variations of one profile.

    Args:
        knowledge: the rules.
        codes: the known codes now.
        states: the states before.
        facts: what may have moved, as `moving` finds it.
    """
    again = dict(states)
    _settle(knowledge, codes, again, facts)
    return again


def moving(knowledge: Knowledge, facts: Iterable[str]) -> tuple[str, ...]:
    """`facts` and every fact whose applying or following hangs on one of them, in reading order."""
    moved = set(facts)
    for fact, ask in knowledge.asks.items():
        before = set(ask.when.facts())
        before.update(*(one.when.facts() for one in knowledge.derivations if one.fact == fact))
        if not moved.isdisjoint(before):
            moved.add(fact)
    return tuple(fact for fact in knowledge.asks if fact in moved)


def _settle(knowledge: Knowledge, codes: Mapping[str, str], states: dict[str, State], facts: Iterable[str]) -> None:
    for fact in facts:
        ask = knowledge.asks[fact]
        if ask.when is not ALWAYS and ask.when.judge(states) is Outcome.FALSE:
            states[fact] = NOT_APPLICABLE
            continue
        code = codes.get(fact)
        if code is None and fact in knowledge.derivable:
            code = derived_code(knowledge, fact, states)
        states[fact] = _state(ask, code)


def never_so(knowledge: Knowledge, states: Mapping[str, State]) -> list[Condition]:
    """What no project is like; less what the user states all the same, which is the user's own contradiction."""
    return [c.when for c in knowledge.conflicts if c.cannot_be and c.when.judge(states) is not Outcome.TRUE]


def answered_codes(facts: Facts) -> dict[str, str]:
    """What was answered, also where it does not apply now: it may when another fact changes."""
    return {fact.fact: fact.code for fact in facts.facts if fact.origin == "answered" and fact.code is not None}


def derived_code(knowledge: Knowledge, fact: str, states: Mapping[str, State]) -> str | None:
    """The code that follows for `fact` from the others, or None."""
    for derivation in knowledge.derivations:
        if derivation.fact == fact and derivation.when.judge(states) is Outcome.TRUE:
            return derivation.code
    return None


@lru_cache(maxsize=4096)
def _state(ask: Ask, code: str | None) -> State:
    if code is None:
        return State(None, frozenset(ask.codes))
    could_be = ask.option(code).could_be
    return State(code, frozenset(could_be) if could_be else frozenset((code,)))
