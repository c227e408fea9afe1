"""The arithmetic of one decision: outcomes of rules in, verdict out. Every verb that needs a verdict uses this one.

score(a) = prior(a) + sum over the needs that a serves of that need's points + direct suitability of a
score(hybrid) = prior + knowledge + behaviour + mean of the direct suitability of its halves

Vetoes remove, whatever the points. A hybrid is open only where both needs are real on their own. A stop rule ends the
matter in favour of its approach unless that is vetoed. Among equals the simplest wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from advisor.conditions import ALWAYS, State
from advisor.knowledge.approaches import ApproachSpec, Pattern
from advisor.knowledge.model import Knowledge, Rule
from advisor.values import Approach, Outcome, Value

__all__ = ["Choice", "Verdict", "choose_settings", "contributions", "decide", "decide_states", "fired_rules"]
__all__ += ["likely_patterns", "open_patterns", "served_needs", "why_no_project"]

_HALVES = (Approach.RAG, Approach.FINE_TUNING)
_HYBRID_NEEDS = ("knowledge", "behaviour")
_EQUAL = 1e-9
_STRONGEST_FIRST = ("hard", "strong", "clear", "mild")
_SIMPLICITY = {approach: place for place, approach in enumerate(Approach)}


@dataclass(frozen=True, slots=True)
class Verdict:
    """One decision.

    Attributes:
        approach: the verdict, or None when everything is vetoed.
        pattern: its pattern.
        scores: of all five.
        vetoed: the approaches that vetoes remove entirely.
        closed: hybrid, when its two needs are not both real.
        stopped: a stop rule decided.
    """

    approach: Approach | None
    pattern: str | None
    scores: Mapping[Approach, float]
    vetoed: frozenset[Approach]
    closed: frozenset[Approach]
    stopped: bool

    @property
    def ranking(self) -> tuple[Approach, ...]:
        """All five: the verdict, then the open ones by score, then the closed, then the vetoed."""
        return tuple(
            sorted(
                Approach,
                key=lambda a: (
                    a is not self.approach,
                    a in self.vetoed,
                    a in self.closed,
                    -round(self.scores[a], 6),
                    _SIMPLICITY[a],
                ),
            )
        )


def fired_rules(knowledge: Knowledge, states: Mapping[str, State]) -> list[Rule]:
    """The rules whose condition holds on what is known."""
    return [rule for rule in knowledge.rules if rule.when.judge(states) is Outcome.TRUE]


def decide_states(
    knowledge: Knowledge, states: Mapping[str, State], factors: Mapping[str, float] | None = None
) -> Verdict:
    """Judges every rule on `states`, then decides. `factors` scales the points of rules by their id."""
    return decide(knowledge, states, fired_rules(knowledge, states), factors)


def decide(
    knowledge: Knowledge,
    states: Mapping[str, State],
    fired: Sequence[Rule],
    factors: Mapping[str, float] | None = None,
    alive: Mapping[Approach, tuple[Pattern, ...]] | None = None,
) -> Verdict:
    """The verdict that the fired rules lead to.

    Args:
        knowledge: the rules.
        states: what is known.
        fired: the rules that hold.
        factors: scales the points of each rule, by its id; all as they are when None.
        alive: what `open_patterns` says, for a caller that asks many times about the same.
    """
    needs = dict.fromkeys(knowledge.needs, 0.0)
    direct = dict.fromkeys(Approach, 0.0)
    for rule in fired:
        factor = 1.0 if factors is None else factors[rule.id]
        effect = rule.effect
        for need, points in effect.need.items():
            needs[need] += points * factor
        for approach, points in effect.support.items():
            direct[approach] += points * factor
        for approach, points in effect.oppose.items():
            direct[approach] -= points * factor
    if alive is None:
        alive = open_patterns(knowledge, states, fired)
    scores = {approach: knowledge.approaches[approach].prior + direct[approach] for approach in Approach}
    scores[Approach.HYBRID] += sum(direct[half] for half in _HALVES) / len(_HALVES)
    for approach, spec in knowledge.approaches.items():
        scores[approach] += sum(needs[need] for need in served_needs(spec, states, alive[approach]))
    vetoed = frozenset(approach for approach in Approach if not alive[approach])
    gate = knowledge.hybrid
    both_real = (
        min(needs[need] for need in _HYBRID_NEEDS) >= gate.least_need
        and gate.knowledge_is_real.judge(states) is Outcome.TRUE
        and gate.behaviour_is_real.judge(states) is Outcome.TRUE
    )
    closed = frozenset() if both_real else frozenset((Approach.HYBRID,))
    winner = None
    stops = {rule.effect.stop for rule in fired if rule.effect.stop} - vetoed
    for approach in Approach:
        if approach in vetoed or approach in closed:
            continue
        if stops and approach not in stops:
            continue
        if winner is None or scores[approach] > scores[winner] + _EQUAL:
            winner = approach
    pattern = None if winner is None else _pattern(alive[winner], states, fired, factors)
    return Verdict(winner, pattern, scores, vetoed, closed, bool(stops))


def served_needs(spec: ApproachSpec, states: Mapping[str, State], alive: Sequence[Pattern]) -> list[str]:
    """The needs that an approach serves on what is known, through a pattern that is open to it."""
    served = []
    for need, when in spec.serves.items():
        carried_by_some = any(need in pattern.carries for pattern in spec.patterns)
        if carried_by_some and not any(need in pattern.carries for pattern in alive):
            continue
        if when is ALWAYS or when.judge(states) is Outcome.TRUE:
            served.append(need)
    return served


def open_patterns(
    knowledge: Knowledge, states: Mapping[str, State], fired: Sequence[Rule]
) -> dict[Approach, tuple[Pattern, ...]]:
    """For each approach the patterns that no veto removes and whose own condition is not false."""
    alone: set[str] = set()
    any_: set[str] = set()
    single: set[str] = set()
    for rule in fired:
        for target, reach in rule.effect.veto.items():
            {"alone": alone, "any": any_, "pattern": single}[reach].add(target)
    return {
        approach: ()
        if approach in alone or approach in any_
        else tuple(
            pattern
            for pattern in spec.patterns
            if pattern.id not in single
            and any_.isdisjoint(pattern.halves)
            and (pattern.when is ALWAYS or pattern.when.judge(states) is not Outcome.FALSE)
        )
        for approach, spec in knowledge.approaches.items()
    }


def likely_patterns(knowledge: Knowledge, states: Mapping[str, State], fired: Sequence[Rule]) -> dict[Approach, str]:
    """For each approach that vetoes leave, the pattern that it would take."""
    alive = open_patterns(knowledge, states, fired)
    return {approach: _pattern(patterns, states, fired, None) for approach, patterns in alive.items() if patterns}


def _pattern(
    patterns: Sequence[Pattern],
    states: Mapping[str, State],
    fired: Sequence[Rule],
    factors: Mapping[str, float] | None,
) -> str:
    fitting = [pattern for pattern in patterns if pattern.when.judge(states) is Outcome.TRUE]
    points = dict.fromkeys((pattern.id for pattern in fitting or patterns), 0.0)
    for rule in fired:
        for pattern, preferred in rule.effect.prefer.items():
            if pattern in points:
                points[pattern] += preferred * (1.0 if factors is None else factors[rule.id])
    return max(points, key=lambda pattern: points[pattern])


def contributions(
    knowledge: Knowledge, states: Mapping[str, State], fired: Sequence[Rule]
) -> list[tuple[Approach, str, str, float]]:
    """Every point of every score as (approach, rule, via, points); `via` is a need, or `direct`."""
    lines: list[tuple[Approach, str, str, float]] = []
    alive = open_patterns(knowledge, states, fired)
    for approach, spec in knowledge.approaches.items():
        served = served_needs(spec, states, alive[approach])
        halves = _HALVES if approach is Approach.HYBRID else ()
        for rule in fired:
            effect = rule.effect
            lines += [(approach, rule.id, need, effect.need[need]) for need in served if need in effect.need]
            suits = effect.support.get(approach, 0.0) - effect.oppose.get(approach, 0.0)
            for half in halves:
                suits += (effect.support.get(half, 0.0) - effect.oppose.get(half, 0.0)) / len(_HALVES)
            if suits:
                lines.append((approach, rule.id, "direct", suits))
    return lines


def why_no_project(knowledge: Knowledge, states: Mapping[str, State]) -> str | None:
    """Why no component fits these answers, whatever the pattern, as one sentence; None where they may fit."""
    return next((one.says for one in knowledge.advised_only if one.when.judge(states) is Outcome.TRUE), None)


@dataclass(frozen=True, slots=True)
class Choice:
    """One key of a project's configuration, its value, and the rule that chose it; None for the pattern itself."""

    section: str
    key: str
    value: Value
    rule: Rule | None


def choose_settings(pattern: Pattern, fired: Iterable[Rule]) -> tuple[Choice, ...]:
    """The settings of a project: what its pattern brings, then what fired rules set in its rooms, then what defines it.

    Where rules set the same key, the strongest decides, and among equals the first by its id; that equals never
    disagree is for the check of the rules to see to.
    """
    brought, defined = (
        {
            (section, key): Choice(section, key, value, None)
            for section, keys in settings.items()
            for key, value in keys.items()
        }
        for settings in (pattern.settings, pattern.defines)
    )
    by_rule: dict[tuple[str, str], Choice] = {}
    for rule in sorted(fired, key=lambda rule: (_STRONGEST_FIRST.index(rule.strength), rule.id)):
        for section, keys in rule.effect.set.items():
            if section in pattern.rooms:
                for key, value in keys.items():
                    by_rule.setdefault((section, key), Choice(section, key, value, rule))
    return tuple({**brought, **by_rule, **defined}.values())
