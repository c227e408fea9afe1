"""Rules that set one key of the configuration to different values, with nothing to say which of them decides."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations, product

from advisor.conditions import State, States
from advisor.knowledge.model import Knowledge, Rule
from advisor.states import NOT_APPLICABLE, states_of
from advisor.values import Outcome, Value, as_written

__all__ = ["disagreements"]


def disagreements(knowledge: Knowledge) -> Iterator[str]:
    """For each two rules of equal strength that can hold together and clash, what to do about it."""
    setting = [rule for rule in knowledge.rules if rule.effect.set]
    for one, other in combinations(setting, 2):
        clashes = [key for key, value in _flat(one).items() if _flat(other).get(key, value) != value]
        if one.strength == other.strength and clashes and _can_both_hold(one, other, knowledge):
            for key in clashes:
                section, name = key
                yield (
                    f"{other.where}: {other.id} sets {section}.{name} to {as_written(_flat(other)[key])}, but {one.id} "
                    f"({one.where}) to {as_written(_flat(one)[key])}; both are {one.strength} and can hold together: "
                    "give them one value, or one of them more strength"
                )


def _flat(rule: Rule) -> dict[tuple[str, str], Value]:
    return {(section, key): value for section, keys in rule.effect.set.items() for key, value in keys.items()}


def _can_both_hold(one: Rule, other: Rule, knowledge: Knowledge) -> bool:
    """Whether some project that can be fires both: every combination of the facts that they read is tried."""
    facts = sorted(one.facts | other.facts)
    codes = [(None, *knowledge.asks[fact].settled_codes) for fact in facts]
    for taken in product(*codes):
        # First the facts by themselves, which is quick; only what passes is worked out with all that hangs on it.
        alone = {fact: _state(code) for fact, code in zip(facts, taken, strict=True)}
        if not _hold(one, other, alone):
            continue
        states = states_of(knowledge, {fact: code for fact, code in zip(facts, taken, strict=True) if code})
        impossible = any(c.cannot_be and c.when.judge(states) is Outcome.TRUE for c in knowledge.conflicts)
        if not impossible and _hold(one, other, states):
            return True
    return False


def _state(code: str | None) -> State:
    return NOT_APPLICABLE if code is None else State(code, frozenset((code,)))


def _hold(one: Rule, other: Rule, states: States) -> bool:
    return one.when.judge(states) is Outcome.TRUE and other.when.judge(states) is Outcome.TRUE
