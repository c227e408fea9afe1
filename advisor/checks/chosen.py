"""Patterns that no advice ends in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from advisor.checks.flaw import Flaw
from advisor.checks.possible import Possible
from advisor.checks.profiles import rule_profiles, whole_profiles
from advisor.checks.vetoes import removes
from advisor.conditions import Condition
from advisor.deciding import Verdict, decide_states
from advisor.knowledge import Knowledge, Pattern
from advisor.states import states_of
from advisor.values import Approach, Outcome

__all__ = ["patterns_never_chosen"]

_STEPS = 12
"""Changes of one answer that the search makes from each start; a verdict seldom needs more than half of them."""

_Lead = tuple[bool, bool, float]
"""How near an approach is to the verdict: whether it is free of vetoes, whether it is open, its lead in points."""


def patterns_never_chosen(knowledge: Knowledge) -> Iterator[Flaw]:
    """Patterns that no verdict ended in, over all cases, their completions, and a search aimed at each pattern.

    The search starts where the pattern fits and a rule prefers it over all others of its approach, and changes one
    answer at a time in favour of the approach. It can miss a pattern, so an author may let a finding stand.
    """
    seen = {_verdict(codes, knowledge).pattern for codes in (*rule_profiles(knowledge), *whole_profiles(knowledge))}
    for pattern in knowledge.patterns.values():
        if pattern.id not in seen and not any(
            _reaches(pattern, codes, knowledge) for codes in _starts(pattern, knowledge)
        ):
            yield Flaw(
                pattern.where,
                f"pattern {pattern.id}: no advice ends in it: nothing prefers it over those that stand before it",
                f"unchosen {pattern.id}",
            )


def _verdict(codes: Mapping[str, str], knowledge: Knowledge) -> Verdict:
    return decide_states(knowledge, states_of(knowledge, codes))


def _starts(pattern: Pattern, knowledge: Knowledge) -> Iterator[dict[str, str]]:
    """Answers on which the pattern fits and is preferred, without a veto and, where that can be, without a rival."""
    possible = Possible.answers(knowledge)
    family = {one.id for one in knowledge.approaches[pattern.approach].patterns}
    vetoes = [rule.when for rule in knowledge.rules if removes(rule, pattern)]
    rivals = [
        rule.when
        for rule in knowledge.rules
        if family & set(rule.effect.prefer) and pattern.id not in rule.effect.prefer
    ]
    gate = knowledge.hybrid
    fits = [pattern.when]
    if pattern.approach is Approach.HYBRID:
        fits += [gate.knowledge_is_real, gate.behaviour_is_real]
    preferring: list[list[Condition]] = [[rule.when] for rule in knowledge.rules if pattern.id in rule.effect.prefer]
    for reasons in preferring or [[]]:
        for unwanted in ([*vetoes, *rivals], vetoes):
            codes = possible.example([*fits, *reasons], unwanted)
            if codes is not None:
                yield codes


def _reaches(pattern: Pattern, codes: dict[str, str], knowledge: Knowledge) -> bool:
    """Climbs from `codes` towards a verdict for the pattern's approach; true once one ends in the pattern."""
    for _ in range(_STEPS):
        tried: list[tuple[_Lead, int, dict[str, str]]] = []
        for changed in _changed(codes, knowledge):
            verdict = _verdict(changed, knowledge)
            if verdict.pattern == pattern.id:
                return True
            tried.append((_lead(pattern, verdict), len(tried), changed))
        codes = max(tried)[2]
    return False


def _changed(codes: dict[str, str], knowledge: Knowledge) -> Iterable[dict[str, str]]:
    """`codes`, and all that differ by one answer and can be."""
    impossible = [conflict.when for conflict in knowledge.conflicts if conflict.cannot_be]
    for fact, ask in knowledge.asks.items():
        for code in ask.settled_codes:
            changed = {**codes, fact: code}
            states = states_of(knowledge, changed)
            if not any(when.judge(states) is Outcome.TRUE for when in impossible):
                yield changed


def _lead(pattern: Pattern, verdict: Verdict) -> _Lead:
    approach = pattern.approach
    best = max(score for other, score in verdict.scores.items() if other is not approach)
    return approach not in verdict.vetoed, approach not in verdict.closed, verdict.scores[approach] - best
