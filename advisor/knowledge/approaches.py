"""Approaches and their patterns, linked: what each serves, when it is open, and how to begin and grow."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from advisor.conditions import Condition
from advisor.knowledge.grounds import SourceRef
from advisor.values import Approach, Value

__all__ = ["AdvisedOnly", "ApproachSpec", "Experiment", "HybridGate", "Pattern", "Stage"]


@dataclass(frozen=True, eq=False)
class Experiment:
    """What to try first, within two weeks, and what ends it.

    Attributes:
        title: what is done, in one line.
        sources: what its figures rest on; none when they are our proposal.
    """

    title: str
    do: str
    days: int
    measure: str
    stop_when: str
    sources: tuple[SourceRef, ...]


@dataclass(frozen=True, eq=False)
class Stage:
    """One stage of growing into a pattern and beyond it.

    Attributes:
        pattern: the pattern that is reached here, where the stage is one.
        next_when: the measured threshold that starts the next stage; None for the last.
        back_when: what makes you leave the last stage again; None for the others.
        keeps: what stays when this stage is left.
        throws_away: what does not.
        sources: what its figures rest on; none when they are our proposal.
    """

    title: str
    pattern: str | None
    do: str
    next_when: str | None
    back_when: str | None
    keeps: str
    throws_away: str
    sources: tuple[SourceRef, ...]


@dataclass(frozen=True, eq=False)
class Pattern:
    """One way to carry out an approach.

    Attributes:
        carries: needs that the approach serves only through this pattern and others that carry them.
        settings: for components of the project, the keys of config.yaml that it decides, unless a rule does.
        defines: likewise what makes it this pattern, which no rule changes.
        stages: from where to start to what comes after it; one of them is the pattern itself.
        component: the reference implementation, or None while it has none.
        rooms: that component and all it needs: the sections of the project's config.yaml.
    """

    id: str
    approach: Approach
    title: str
    does: str
    when: Condition
    carries: tuple[str, ...]
    halves: tuple[Approach, ...]
    build_first: str | None
    second_half_pays_when: str | None
    settings: Mapping[str, Mapping[str, Value]]
    defines: Mapping[str, Mapping[str, Value]]
    risks: tuple[str, ...]
    plan: tuple[str, ...]
    sources: tuple[SourceRef, ...]
    first_experiment: Experiment
    stages: tuple[Stage, ...]
    component: str | None
    rooms: tuple[str, ...]
    where: str


@dataclass(frozen=True, eq=False)
class ApproachSpec:
    """One approach. `serves` says which needs it meets, and under which condition."""

    id: Approach
    title: str
    means: str
    prior: float
    serves: Mapping[str, Condition]
    patterns: tuple[Pattern, ...]
    where: str

    @cached_property
    def carried(self) -> frozenset[str]:
        """The needs that it serves only through patterns that carry them."""
        return frozenset(need for pattern in self.patterns for need in pattern.carries)


@dataclass(frozen=True, eq=False)
class AdvisedOnly:
    """When the advice stands and no component fits, whatever the pattern; `says` is why, as one sentence."""

    when: Condition
    says: str


@dataclass(frozen=True, eq=False)
class HybridGate:
    """When both needs are real on their own."""

    knowledge_is_real: Condition
    behaviour_is_real: Condition
    least_need: float
    because: str
    sources: tuple[SourceRef, ...]
    where: str
