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
from advisor.values import Approach, Confidence, Undecided, Value

__all__ = [
    "Compared",
    "ConfidenceIn",
    "Named",
    "PatternChoice",
    "PlanItem",
    "Precedent",
    "Rank",
    "Reason",
    "Recommendation",
    "Resolved",
    "RiskItem",
]
__all__ += ["FirstExperiment", "SettingChoice", "SourceNote", "StageItem", "Veto"]


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


class FirstExperiment(Part):
    """What to try first, in at most `days` days; `sources` are behind its figures, none when these are our proposal."""

    title: str
    do: str
    days: int
    measure: str
    stop_when: str
    sources: tuple[SourceNote, ...]


class StageItem(Part):
    """One stage on the way into the pattern and beyond it.

    Attributes:
        pattern: id and title of the pattern that is reached here, where the stage is one.
        next_when: what starts the next stage; None for the last.
        back_when: what makes you leave the last stage again.
        sources: behind its figures, none when these are our proposal.
    """

    title: str
    pattern: tuple[str, str] | None
    do: str
    next_when: str | None
    back_when: str | None
    keeps: str
    throws_away: str
    sources: tuple[SourceNote, ...]


class PatternChoice(Part):
    """The pattern of the verdict, in words; `sources` are behind its choice and its words.

    Attributes:
        component: the reference implementation; None where there is none for these answers.
        advised_only: why these answers rule one out, where they do.
    """

    id: str
    title: str
    does: str
    build_first: str | None
    second_half_pays_when: str | None
    component: str | None
    advised_only: str | None = None
    first_experiment: FirstExperiment | None = None
    stages: tuple[StageItem, ...] = ()
    sources: tuple[SourceNote, ...] = ()


class SettingChoice(Part):
    """One key of the project's configuration that is not left to its default.

    Attributes:
        rule: the rule that chose it, with what it says and why; None when it comes with the pattern.
    """

    section: str
    key: str
    value: Value
    rule: str | None = None
    says: str = ""
    because: str = ""
    sources: tuple[SourceNote, ...] = ()


class Compared(Part):
    """One fact that is known here and of a precedent; both values in words.

    Attributes:
        likeness: 1 for the same code, 0 for another; between them on a scale, by the distance.
    """

    fact: str
    question: str
    here: str
    there: str
    likeness: float = Field(ge=0, le=1)


class Precedent(Part):
    """A case that is near, and what was chosen there.

    Attributes:
        kind: a team did it (practice), or a source document describes it (described).
        agrees: whether the choice is the verdict; None without a verdict.
        nearness: by weight, the share of the facts known here in which the case is alike.
        not_told: how many facts known here the case does not tell, or have no meaning there.
    """

    case: str
    name: str
    organisation: str | None
    year: int | None
    kind: Literal["practice", "described"]
    description: str
    choice: Approach
    variant: str | None
    reasons: tuple[str, ...]
    note: str
    agrees: bool | None
    nearness: float = Field(ge=0, le=1)
    alike: tuple[Compared, ...]
    differs: tuple[Compared, ...]
    not_told: int
    sources: tuple[SourceNote, ...]


class Recommendation(Document):
    """The verdict. `approach` is None with `undecided` when there is none."""

    document: Literal["recommendation/1"] = Field(default="recommendation/1", alias="schema")
    approach: Approach | None
    undecided: Undecided | None
    headline: str
    pattern: str | None
    chosen: PatternChoice | None
    settings: tuple[SettingChoice, ...]
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
    precedents: tuple[Precedent, ...] = ()
    answers: tuple[Given, ...]
    figures: tuple[GivenFigure, ...] = ()
    facts: tuple[Fact, ...]
    rules_digest: str
    own_rules: tuple[tuple[str, str], ...]
