"""Effects that change nothing, since another rule has the same effect whenever this one fires."""

from __future__ import annotations

from collections.abc import Iterator

from advisor.checks.flaw import Flaw
from advisor.checks.implied import implied_rules
from advisor.checks.vetoes import covers, is_half
from advisor.knowledge import Knowledge, Rule
from advisor.values import Approach

__all__ = ["shadowed_rules"]


def shadowed_rules(knowledge: Knowledge) -> Iterator[Flaw]:
    """Vetoes, risks, steps and stops said twice, points for what is vetoed anyway, and points that a stop overrides.

    Points that two rules give add up, so a narrow rule on top of a wide one is no fault by them.
    """
    implied = implied_rules(knowledge)
    for rule in knowledge.rules:
        for wider in implied.get(rule.id, ()):
            equal = rule in implied[wider.id]
            if not (equal and rule.id < wider.id):
                for what in _repeated(rule, wider, knowledge):
                    yield Flaw(
                        rule.where, f"{rule.id}: its {what} adds nothing: {wider.id} ({wider.where}) has it already"
                    )
            for what in _in_vain(rule, wider, knowledge):
                yield Flaw(rule.where, f"{rule.id}: {what} is in vain: {wider.id} ({wider.where}) vetoes it then")
            if wider.effect.stop and _only_points(rule):
                yield Flaw(rule.where, f"{rule.id} decides nothing: {wider.id} ({wider.where}) stops first")


def _repeated(rule: Rule, wider: Rule, knowledge: Knowledge) -> Iterator[str]:
    ours, theirs = rule.effect, wider.effect
    for target, reach in ours.veto.items():
        if any(covers(target, reach, *veto, knowledge) for veto in theirs.veto.items()):
            yield f"veto of {target}"
    yield from (f"risk {risk}" for risk in ours.risks if risk in theirs.risks)
    yield from (f"plan step {step}" for step in ours.plan if step in theirs.plan)
    if ours.stop is not None and ours.stop is theirs.stop:
        yield f"stop at {ours.stop}"


def _in_vain(rule: Rule, wider: Rule, knowledge: Knowledge) -> Iterator[str]:
    """Points for what the wider rule removes whole."""
    for target, reach in wider.effect.veto.items():
        if reach == "pattern":
            if target in rule.effect.prefer:
                yield f"preferring {target}"
            continue
        if target in rule.effect.support and (reach == "any" or not is_half(Approach(target), knowledge)):
            yield f"support of {target}"
        for pattern in rule.effect.prefer:
            if covers(pattern, "pattern", target, reach, knowledge):
                yield f"preferring {pattern}"


def _only_points(rule: Rule) -> bool:
    effect = rule.effect
    return not (effect.veto or effect.risks or effect.plan or effect.prefer or effect.set or effect.stop)
