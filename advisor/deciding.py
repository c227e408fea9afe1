"""The arithmetic of one decision: outcomes of rules in, verdict out. Every verb that needs a verdict uses this one.

score(a) = prior(a) + sum over the needs that a serves of that need's points + direct suitability of a
score(hybrid) = prior + knowledge + behaviour + mean of the direct suitability of its halves

Vetoes remove, whatever the points. A hybrid is open only where both needs are real on their own. A stop rule ends the
matter in favour of its approach unless that is vetoed. Among equals the simplest wins.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from advisor.conditions import ALWAYS, State
from advisor.knowledge.approaches import ApproachSpec, Pattern
from advisor.knowledge.model import Knowledge, Move, Rule
from advisor.values import Approach, Outcome, Value

__all__ = [
    "Choice",
    "Verdict",
    "Weighing",
    "choose_settings",
    "contributions",
    "decide",
    "decide_states",
    "fired_rules",
]
__all__ += ["likely_patterns", "open_patterns", "served_needs", "why_no_project"]

_Key = TypeVar("_Key", bound=str)

_HALVES = (Approach.RAG, Approach.FINE_TUNING)
_HYBRID_NEEDS = ("knowledge", "behaviour")
_EQUAL = 1e-9
_STRONGEST_FIRST = ("hard", "strong", "clear", "mild")
_APPROACHES = tuple(Approach)
_NONE: frozenset[Approach] = frozenset()
_HYBRID = frozenset((Approach.HYBRID,))
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
    return knowledge.firing.on(states)


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
) -> Verdict:
    """The verdict that the fired rules lead to.

    Args:
        knowledge: the rules.
        states: what is known.
        fired: the rules that hold.
        factors: scales the points of each rule, by its id; all as they are when None.
    """
    return Weighing(knowledge, states, fired).verdict(factors)


class Weighing:
    """What a decision rests on whatever the rules weigh, for a caller that asks for many weights.

    Args:
        knowledge: the rules.
        states: what is known.
        fired: the rules that hold.
    """

    def __init__(self, knowledge: Knowledge, states: Mapping[str, State], fired: Sequence[Rule]) -> None:
        self._knowledge = knowledge
        self._states = states
        self._alive = open_patterns(knowledge, states, fired)
        self._served = {
            approach: served_needs(spec, states, self._alive[approach])
            for approach, spec in knowledge.approaches.items()
        }
        gate = knowledge.hybrid
        self._needs_can_be_real = (
            gate.knowledge_is_real.judge(states) is Outcome.TRUE
            and gate.behaviour_is_real.judge(states) is Outcome.TRUE
        )
        self._vetoed = frozenset(approach for approach in _APPROACHES if not self._alive[approach])
        self._stops = {rule.effect.stop for rule in fired if rule.effect.stop} - self._vetoed
        self._needs = [one for rule in fired for one in rule.moves.needs]
        self._direct = [one for rule in fired for one in rule.moves.approaches]
        self._prefers = [one for rule in fired for one in rule.moves.patterns]
        self._candidates: dict[Approach, tuple[str, ...]] = {}

    def verdict(self, factors: Mapping[str, float] | None = None) -> Verdict:
        """The verdict when the points of each rule are scaled by the factor of its id; as they are when None."""
        needs = _summed(dict.fromkeys(self._knowledge.needs, 0.0), self._needs, factors)
        direct = _summed(dict.fromkeys(_APPROACHES, 0.0), self._direct, factors)
        scores = {approach: self._knowledge.approaches[approach].prior + direct[approach] for approach in _APPROACHES}
        scores[Approach.HYBRID] += sum(direct[half] for half in _HALVES) / len(_HALVES)
        for approach, served in self._served.items():
            scores[approach] += sum([needs[need] for need in served])
        both_real = self._needs_can_be_real and (
            min(needs[need] for need in _HYBRID_NEEDS) >= self._knowledge.hybrid.least_need
        )
        closed = _NONE if both_real else _HYBRID
        winner = None
        for approach in _APPROACHES:
            if approach in self._vetoed or approach in closed:
                continue
            if self._stops and approach not in self._stops:
                continue
            if winner is None or scores[approach] > scores[winner] + _EQUAL:
                winner = approach
        pattern = None if winner is None else self._pattern(winner, factors)
        return Verdict(winner, pattern, scores, self._vetoed, closed, bool(self._stops))

    def _pattern(self, approach: Approach, factors: Mapping[str, float] | None) -> str:
        among = self._candidates.get(approach)
        if among is None:
            among = self._candidates[approach] = _candidates(self._alive[approach], self._states)
        return _preferred(among, self._prefers, factors)


def _summed(
    start: dict[_Key, float], moves: Iterable[Move[_Key]], factors: Mapping[str, float] | None
) -> dict[_Key, float]:
    if factors is None:
        for key, points, _ in moves:
            start[key] += points
    else:
        for key, points, rule in moves:
            start[key] += points * factors[rule]
    return start


def served_needs(spec: ApproachSpec, states: Mapping[str, State], alive: Sequence[Pattern]) -> list[str]:
    """The needs that an approach serves on what is known, through a pattern that is open to it."""
    served = []
    for need, when in spec.serves.items():
        if need in spec.carried and not any(need in pattern.carries for pattern in alive):
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
    prefers = [one for rule in fired for one in rule.moves.patterns]
    return {
        approach: _preferred(_candidates(patterns, states), prefers, None)
        for approach, patterns in alive.items()
        if patterns
    }


def _candidates(patterns: Sequence[Pattern], states: Mapping[str, State]) -> tuple[str, ...]:
    """Of open patterns those that fit, and all of them where it is unknown of each."""
    fitting = [pattern for pattern in patterns if pattern.when.judge(states) is Outcome.TRUE]
    return tuple(pattern.id for pattern in fitting or patterns)


def _preferred(among: Sequence[str], prefers: Iterable[Move[str]], factors: Mapping[str, float] | None) -> str:
    points = dict.fromkeys(among, 0.0)
    _summed(points, [one for one in prefers if one[0] in points], factors)
    return max(points, key=points.__getitem__)


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
