"""RECOMMENDATION: the verdict with everything that its readers need."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from advisor.documents.answers import Given, GivenFigure
from advisor.documents.base import Document, Part
from advisor.documents.costs import ApproachCosts, CostBasis
from advisor.documents.facts import Fact
from advisor.documents.findings import TraceStep
from advisor.documents.stability import Flip, OpenFact, Share
from advisor.values import Approach, Confidence

__all__ = [
    "ConfidenceIn",
    "Named",
    "PatternChoice",
    "PlanItem",
    "Rank",
    "Reason",
    "Recommendation",
    "Resolved",
    "RiskItem",
]
__all__ += ["SourceNote", "Veto"]


class ConfidenceIn(Part):
    """Confidence in the verdict: the share of completions that keep it."""

    level: Confidence
    score: float = Field(ge=0, le=1)
    says: str


class Rank(Part):
    """One approach in the ranking, best first.

    Attributes:
        closed: a hybrid whose two needs are not both real; it is out whatever its score.
    """

    approach: Approach
    title: str
    score: float
    vetoed: bool
    closed: bool = False


class SourceNote(Part):
    """Where a reason rests. `status` says how far the source was read."""

    id: str
    title: str
    by: str
    year: int | None
    link: str | None
    status: str
    shows: str | None


class Reason(Part):
    """A rule that fired.

    Attributes:
        points: what it adds to each approach (negative: takes away).
        decides: it is a veto or a stop rule: it does not weigh, it decides.
    """

    rule: str
    criterion: str
    says: str
    because: str
    strength: str
    decides: bool
    points: tuple[Named, ...]
    facts: tuple[TraceStep, ...]
    sources: tuple[SourceNote, ...]


class Named(Part):
    """A number with a name."""

    name: str
    value: float


class Veto(Part):
    """What was removed, by which rule, and what would bring it back."""

    approach: Approach
    pattern: str | None
    reach: Literal["alone", "any", "pattern"]
    rule: str
    relax: str


class Resolved(Part):
    """Two sides that pull apart, and the resolution chosen."""

    id: str
    between: str
    resolution: str
    because: str
    sources: tuple[SourceNote, ...]


class RiskItem(Part):
    """A way to fail, and what prevents it."""

    id: str
    title: str
    mitigation: str


class PlanItem(Part):
    """One step of the plan."""

    id: str
    title: str
    do: str
    done_when: str


class PatternChoice(Part):
    """The pattern of the verdict, in words."""

    id: str
    title: str
    does: str
    build_first: str | None
    second_half_pays_when: str | None
    component: str | None


class Recommendation(Document):
    """The verdict. `approach` is None with `undecided` when there is none."""

    document: Literal["recommendation/1"] = Field(default="recommendation/1", alias="schema")
    approach: Approach | None
    undecided: Literal["everything_vetoed", "too_little_known"] | None
    headline: str
    pattern: str | None
    chosen: PatternChoice | None
    settings: tuple[tuple[str, str, str | int | float | bool], ...]
    confidence: ConfidenceIn
    ranking: tuple[Rank, ...]
    reasons: tuple[Reason, ...]
    vetoes: tuple[Veto, ...]
    conflicts: tuple[Resolved, ...]
    flips: tuple[Flip, ...]
    unknowns: tuple[OpenFact, ...]
    shares: tuple[Share, ...]
    risks: tuple[RiskItem, ...]
    plan: tuple[PlanItem, ...]
    costs: tuple[ApproachCosts, ...] = ()
    cost_basis: CostBasis | None = None
    precedents: tuple[Named, ...] = ()
    answers: tuple[Given, ...]
    figures: tuple[GivenFigure, ...] = ()
    facts: tuple[Fact, ...]
    rules_digest: str
    own_rules: tuple[tuple[str, str], ...]
