"""The knowledge, read and linked: what the verbs work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple, TypeVar

from advisor.conditions import Codes, Condition
from advisor.holding import Holding
from advisor.knowledge.approaches import AdvisedOnly, ApproachSpec, HybridGate, Pattern
from advisor.knowledge.asked import Ask, Derivation
from advisor.knowledge.figures import Prices
from advisor.knowledge.grounds import Source, SourceRef
from advisor.knowledge.labelled import CaseGroup
from advisor.values import Approach, Reach, Value

__all__ = ["Accepted", "Conflict", "Effect", "Knowledge", "Levels", "Move", "Moves", "PlanStep", "Risk", "Rule", "Side"]


@dataclass(frozen=True, eq=False)
class Effect:
    """What follows when a rule fires.

    Attributes:
        oppose: counts against; points are positive all the same.
        set: for components of the project, the keys of config.yaml that it decides.
    """

    need: Mapping[str, float]
    support: Mapping[Approach, float]
    oppose: Mapping[Approach, float]
    veto: Mapping[str, Reach]
    relax: str | None
    stop: Approach | None
    prefer: Mapping[str, float]
    set: Mapping[str, Mapping[str, Value]]
    risks: tuple[str, ...]
    plan: tuple[str, ...]


_Key = TypeVar("_Key", bound=str)
Move = tuple[_Key, float, str]
"""What a rule moves, by how many points, and the id of the rule."""


class Moves(NamedTuple):
    """All that a rule moves, signed, as the arithmetic adds it up."""

    needs: tuple[Move[str], ...]
    approaches: tuple[Move[Approach], ...]
    patterns: tuple[Move[str], ...]


@dataclass(frozen=True, eq=False)
class Rule:
    """One rule; `facts` are those that its condition reads, `where` is its file and line."""

    id: str
    criterion: str
    says: str
    when: Condition
    facts: frozenset[str]
    effect: Effect
    because: str
    strength: str
    sources: tuple[SourceRef, ...]
    cases: Mapping[str, tuple[Mapping[str, str | int | float], ...]]
    where: str

    @cached_property
    def moves(self) -> Moves:
        """The points of its effect."""
        effect = self.effect
        against = {approach: -points for approach, points in effect.oppose.items()}
        return Moves(
            tuple((need, points, self.id) for need, points in effect.need.items()),
            tuple((one, points, self.id) for moved in (effect.support, against) for one, points in moved.items()),
            tuple((pattern, points, self.id) for pattern, points in effect.prefer.items()),
        )


@dataclass(frozen=True, eq=False)
class Side:
    """One side of a conflict. `holds_when` says where it is right; None for what is wrong everywhere."""

    says: str
    holds_when: Condition | None


@dataclass(frozen=True, eq=False)
class Conflict:
    """Sides that contradict each other, when they meet, and the resolution chosen.

    Attributes:
        sides: each with the condition under which it is right; none for answers that contradict each other.
        cannot_be: no real project is so; what is unknown is never filled in like this.
    """

    id: str
    between: str
    when: Condition
    cannot_be: bool
    sides: tuple[Side, ...]
    resolution: str
    because: str
    sources: tuple[SourceRef, ...]
    where: str


@dataclass(frozen=True, eq=False)
class Risk:
    """A way to fail, and what prevents it."""

    id: str
    title: str
    mitigation: str
    where: str


@dataclass(frozen=True, eq=False)
class PlanStep:
    """One step of a plan."""

    id: str
    title: str
    do: str
    done_when: str
    when: Condition
    where: str


@dataclass(frozen=True, eq=False)
class Accepted:
    """A finding of `rules check`, by its name, that an author lets stand, and why."""

    finding: str
    because: str
    where: str


@dataclass(frozen=True, eq=False)
class Levels:
    """From when on there is a verdict, and from which shares of completions on it is called medium or high.

    Attributes:
        least_support: points that rules must give the verdict, unless they rule another approach out.
        least_known: with fewer facts there is a verdict only from `medium_from` on.
    """

    least_support: float
    medium_from: float
    high_from: float
    least_known: int


@dataclass(frozen=True, eq=False)
class Knowledge:
    """Everything that rules/ says.

    Attributes:
        asks: the questions, each after those that decide whether it applies.
        derivable: the facts for which there is a derivation.
        cases: labelled cases, which no decision reads; read from a compiled copy, those that are no precedents are left
            out.
        prices: what costs are worked out from.
        accepted: what `rules check` finds and the authors let stand.
        digest: sha256 over the names and bytes of all files that decide; cases do not.
        own: the files that came from a folder of the user's, each as (path, what it does: "added", "replaced", or
            "changed figures: ...").
    """

    asks: Mapping[str, Ask]
    derivations: tuple[Derivation, ...]
    rules: tuple[Rule, ...]
    needs: Mapping[str, str]
    approaches: Mapping[Approach, ApproachSpec]
    patterns: Mapping[str, Pattern]
    advised_only: tuple[AdvisedOnly, ...]
    hybrid: HybridGate
    levels: Levels
    conflicts: tuple[Conflict, ...]
    risks: Mapping[str, Risk]
    steps: tuple[PlanStep, ...]
    sources: Mapping[str, Source]
    accepted: tuple[Accepted, ...]
    criteria: Mapping[str, str]
    derivable: frozenset[str]
    vocabulary: Mapping[str, Codes]
    cases: tuple[CaseGroup, ...]
    prices: Prices
    digest: str
    own: tuple[tuple[str, str], ...] = field(default=())

    @cached_property
    def firing(self) -> Holding[Rule]:
        """Finds the rules that fire, in their order."""
        return Holding((rule.when, rule) for rule in self.rules)

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id."""
        return next(rule for rule in self.rules if rule.id == rule_id)
