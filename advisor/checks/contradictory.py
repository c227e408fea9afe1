"""Rules that pull against themselves or against each other on the same answers."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.checks.flaw import Flaw
from advisor.checks.implied import implied_rules
from advisor.checks.possible import Possible
from advisor.knowledge import Knowledge, Rule

__all__ = ["contradictory_rules"]


def contradictory_rules(knowledge: Knowledge) -> Iterator[Flaw]:
    """Rules with opposite effects where one fires only together with the other, and a stop that a veto can meet.

    An exception to a wider rule looks the same as a contradiction; only its author can tell, by recording the reason.
    """
    for rule in knowledge.rules:
        yield from _against_itself(rule)
    implied = implied_rules(knowledge)
    for rule in knowledge.rules:
        for wider in implied.get(rule.id, ()):
            equal = rule in implied[wider.id]
            if equal and rule.id > wider.id:
                continue
            for target in _opposed(rule, wider):
                how = "on the same answers as" if equal else "and fires only together with"
                yield Flaw(
                    rule.where,
                    f"{rule.id} moves {target} the other way, {how} {wider.id} ({wider.where})",
                    f"opposite {rule.id} {wider.id}",
                )
    yield from _vetoed_stops(knowledge)


def _against_itself(rule: Rule) -> Iterator[Flaw]:
    effect = rule.effect
    for approach in sorted(set(effect.support) & set(effect.oppose)):
        yield Flaw(rule.where, f"{rule.id} supports and opposes {approach} at once: give the difference")
    liked = {*effect.support, *effect.prefer, *([effect.stop] if effect.stop else [])}
    for target in sorted(set(effect.veto) & liked):
        yield Flaw(rule.where, f"{rule.id} vetoes {target} and speaks for it at once: keep one")


def _pushes(rule: Rule) -> dict[str, bool]:
    """What the rule moves, and whether upwards."""
    effect = rule.effect
    return (
        {f"the need for {need}": points > 0 for need, points in effect.need.items()}
        | {str(approach): True for approach in effect.support}
        | {str(approach): False for approach in effect.oppose}
    )


def _opposed(rule: Rule, other: Rule) -> list[str]:
    ours, theirs = _pushes(rule), _pushes(other)
    return [target for target in ours if target in theirs and ours[target] is not theirs[target]]


def _vetoed_stops(knowledge: Knowledge) -> Iterator[Flaw]:
    possible = Possible.answers(knowledge)
    for stop in knowledge.rules:
        if stop.effect.stop is None:
            continue
        for rule in knowledge.rules:
            if stop.effect.stop in rule.effect.veto and possible.example([stop.when, rule.when]) is not None:
                yield Flaw(
                    rule.where,
                    f"{rule.id} vetoes {stop.effect.stop} on answers on which {stop.id} ({stop.where}) stops there",
                    f"vetoed_stop {stop.id} {rule.id}",
                )
