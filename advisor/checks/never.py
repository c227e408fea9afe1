"""Conditions that hold on no answers, and patterns that no answers lead to."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.checks.flaw import Flaw
from advisor.checks.possible import Possible
from advisor.checks.vetoes import removes
from advisor.conditions import Condition
from advisor.knowledge import Knowledge
from advisor.values import Approach

__all__ = ["conditions_that_never_hold"]


def conditions_that_never_hold(knowledge: Knowledge) -> Iterator[Flaw]:
    """Rules, patterns, conflicts and all else with a condition that no possible answers fulfil.

    What holds only in answers that a conflict calls impossible may stand with a reason: users give such answers.
    """
    possible, anything = Possible.answers(knowledge), Possible(knowledge, ())
    for what, where, when in _conditions(knowledge):
        if possible.example([when]) is not None:
            continue
        if anything.example([when]) is None:
            yield Flaw(where, f"{what}: no answers fulfil its condition: {when.show()}")
            continue
        barring = [
            conflict.id
            for conflict in knowledge.conflicts
            if conflict.cannot_be and Possible(knowledge, (conflict.when,)).example([when]) is None
        ]
        blamed = ", ".join(barring) or "several conflicts together"
        yield Flaw(
            where,
            f"{what}: its condition holds only in answers that cannot be ({blamed})",
            f"impossible {what.replace(' ', '_')}",
        )
    for conflict in knowledge.conflicts:
        if conflict.cannot_be and anything.example([conflict.when]) is None:
            yield Flaw(conflict.where, f"conflict {conflict.id}: no answers fulfil its condition")
    gate = knowledge.hybrid
    if possible.example([gate.knowledge_is_real, gate.behaviour_is_real]) is None:
        yield Flaw(gate.where, "no answers make both needs of a hybrid real")
    yield from _patterns_always_removed(knowledge, possible)


def _conditions(knowledge: Knowledge) -> Iterator[tuple[str, str, Condition]]:
    """Every condition but those of impossible conflicts, as (what it belongs to, where, condition)."""
    yield from ((f"rule {rule.id}", rule.where, rule.when) for rule in knowledge.rules)
    yield from ((f"pattern {pattern.id}", pattern.where, pattern.when) for pattern in knowledge.patterns.values())
    yield from ((f"conflict {one.id}", one.where, one.when) for one in knowledge.conflicts if not one.cannot_be)
    for one in knowledge.conflicts:
        for number, side in enumerate(one.sides, 1):
            if side.holds_when is not None:
                yield f"conflict {one.id} side {number}", one.where, side.holds_when
    yield from ((f"fact {ask.fact}", ask.where, ask.when) for ask in knowledge.asks.values())
    yield from ((f"plan step {step.id}", step.where, step.when) for step in knowledge.steps)
    for follows in knowledge.derivations:
        yield f"derivation of {follows.fact} {follows.code}", follows.where, follows.when
    for spec in knowledge.approaches.values():
        yield from ((f"{spec.id} serves {need}", spec.where, when) for need, when in spec.serves.items())
    yield "hybrid knowledge_is_real", knowledge.hybrid.where, knowledge.hybrid.knowledge_is_real
    yield "hybrid behaviour_is_real", knowledge.hybrid.where, knowledge.hybrid.behaviour_is_real


def _patterns_always_removed(knowledge: Knowledge, possible: Possible) -> Iterator[Flaw]:
    for pattern in knowledge.patterns.values():
        vetoes = [rule.when for rule in knowledge.rules if removes(rule, pattern)]
        fits = [pattern.when]
        if pattern.approach is Approach.HYBRID:
            fits += [knowledge.hybrid.knowledge_is_real, knowledge.hybrid.behaviour_is_real]
        if possible.example(fits) is not None and possible.example(fits, vetoes) is None:
            yield Flaw(pattern.where, f"pattern {pattern.id}: wherever it fits, a veto removes it")
