"""Rules that set one key of the configuration to different values, with nothing to say which of them decides."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import combinations

from advisor.checks.flaw import Flaw
from advisor.checks.possible import Possible
from advisor.knowledge import Knowledge, Rule
from advisor.values import Value, as_written

__all__ = ["disagreements"]


def disagreements(knowledge: Knowledge) -> Iterator[Flaw]:
    """For each two rules of equal strength that can hold together and clash, what to do about it."""
    possible = Possible.answers(knowledge)
    setting = [rule for rule in knowledge.rules if rule.effect.set]
    for one, other in combinations(setting, 2):
        clashes = [key for key, value in _flat(one).items() if _flat(other).get(key, value) != value]
        if one.strength == other.strength and clashes and possible.example([one.when, other.when]) is not None:
            for key in clashes:
                section, name = key
                yield Flaw(
                    other.where,
                    f"{other.id} sets {section}.{name} to {as_written(_flat(other)[key])}, but {one.id} "
                    f"({one.where}) to {as_written(_flat(one)[key])}; both are {one.strength} and can hold together: "
                    "give them one value, or one of them more strength",
                )


def _flat(rule: Rule) -> dict[tuple[str, str], Value]:
    return {(section, key): value for section, keys in rule.effect.set.items() for key, value in keys.items()}
