"""One model for each kind of YAML file in rules/: what an author may write, before anything is cross-checked.

Conditions stay plain data here (`Written`): they are read when the vocabulary of facts is known.
"""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from advisor.values import Approach, Reach, Value

__all__ = [
    "ApproachesFile",
    "ConflictsFile",
    "CriterionFile",
    "HybridFile",
    "PatternsFile",
    "PlansFile",
    "RisksFile",
    "SourcesFile",
]

Written = dict[str, Any]
Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Points = Annotated[float, Field(gt=0, le=20)]
Strength = Literal["hard", "strong", "clear", "mild"]
Settings = dict[Id, dict[Id, Value]]
Line = Annotated[str, StringConstraints(min_length=1, max_length=76, strip_whitespace=True)]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class OptionText(_File):
    """One option of a question, in its long form."""

    means: Text
    band: Text | None = None
    could_be: tuple[str, ...] = ()


class AskText(_File):
    """One question."""

    fact: Id
    question: Text
    why: Text
    help: Text | None = None
    unit: Text | None = None
    ordered: bool = False
    negotiable: bool = False
    options: dict[str, Text | OptionText]
    when: Written | None = None


class DerivationText(_File):
    """A fact that follows from others when nobody answered it."""

    fact: Id
    code: str
    when: Written
    because: Text


class SourceRefText(_File):
    """Where a rule's claim comes from: a claim of the documents, or published evidence."""

    claim: str | None = None
    document: str | None = None
    evidence: str | None = None
    status: Literal["read", "second_hand", "derived", "remembered"] | None = None


class EffectText(_File):
    """What follows when a rule fires."""

    need: dict[Id, float] = {}
    support: dict[Approach, Points] = {}
    oppose: dict[Approach, Points] = {}
    veto: dict[Id, Reach] = {}
    relax: Text | None = None
    stop: Approach | None = None
    prefer: dict[Id, Points] = {}
    set: Settings = {}
    risks: tuple[Id, ...] = ()
    plan: tuple[Id, ...] = ()


class CasesText(_File):
    """Profiles that prove a rule: where it fires, stays silent, and is unknown."""

    fires: tuple[dict[str, str | int | float], ...]
    silent: tuple[dict[str, str | int | float], ...]
    unknown: tuple[dict[str, str | int | float], ...] = ()


class RuleText(_File):
    """One rule."""

    id: Id
    says: Text
    when: Written
    effect: EffectText
    because: Text
    strength: Strength
    sources: tuple[SourceRefText, ...] = Field(min_length=1)
    cases: CasesText


class AcceptedText(_File):
    """A finding of `rules check` that the author has weighed and lets stand: a warning from then on."""

    finding: Text
    because: Text


class CriterionFile(_File):
    """rules/criteria/<criterion>.yaml."""

    criterion: Id
    title: Text
    asks: tuple[AskText, ...] = ()
    derives: tuple[DerivationText, ...] = ()
    rules: tuple[RuleText, ...] = ()
    accepted: tuple[AcceptedText, ...] = ()


class ApproachText(_File):
    """One approach, what it serves, and the component behind each of its patterns."""

    id: Approach
    title: Text
    means: Text
    prior: float
    serves: dict[Id, Literal["always"] | Written]
    patterns: dict[Id, Id | None]


class NeedText(_File):
    """One thing that can be missing."""

    title: Text
    means: Text


class ConfidenceText(_File):
    """From when on there is a verdict, and from which shares of completions on it is called medium or high."""

    least_support: float = Field(ge=0)
    medium_from: float = Field(ge=0, le=1)
    high_from: float = Field(ge=0, le=1)
    least_known: int = Field(ge=0)


class AdvisedOnlyText(_File):
    """Answers under which the advice stands and no component fits, whatever the pattern."""

    when: Written
    says: Text


class ApproachesFile(_File):
    """rules/approaches.yaml."""

    needs: dict[Id, NeedText]
    confidence: ConfidenceText
    approaches: tuple[ApproachText, ...]
    advised_only: tuple[AdvisedOnlyText, ...] = ()


class HybridFile(_File):
    """rules/hybrid.yaml: when both needs are real on their own."""

    knowledge_is_real: Written
    behaviour_is_real: Written
    least_need: float = Field(gt=0)
    because: Text
    sources: tuple[SourceRefText, ...] = Field(min_length=1)


class ExperimentText(_File):
    """What to try first: at most two weeks, and what ends it. `title` must fit a line of a terminal."""

    title: Line
    do: Text
    days: int = Field(ge=1, le=14)
    measure: Text
    stop_when: Text
    sources: tuple[SourceRefText, ...] = ()


class StageText(_File):
    """One stage; all but the last say when the next begins, the last says when to go back."""

    title: Line
    pattern: Id | None = None
    do: Text
    next_when: Text | None = None
    back_when: Text | None = None
    keeps: Text
    throws_away: Text
    sources: tuple[SourceRefText, ...] = ()


class PatternText(_File):
    """One pattern of an approach."""

    id: Id
    title: Text
    does: Text
    when: Written | None = None
    carries: tuple[Id, ...] = ()
    halves: tuple[Approach, ...] = ()
    build_first: Text | None = None
    second_half_pays_when: Text | None = None
    settings: Settings = {}
    defines: Settings = {}
    risks: tuple[Id, ...] = ()
    plan: tuple[Id, ...] = ()
    sources: tuple[SourceRefText, ...] = Field(min_length=1)
    first_experiment: ExperimentText
    stages: tuple[StageText, ...] = Field(min_length=2, max_length=4)


class PatternsFile(_File):
    """rules/patterns/<approach>.yaml: simplest first, which is also the order among equals."""

    approach: Approach
    patterns: tuple[PatternText, ...] = Field(min_length=1)


class SideText(_File):
    """One side of a conflict, and where it is right."""

    says: Text
    holds_when: Literal["never"] | Written


class ConflictText(_File):
    """Answers, criteria or sources that pull in different directions, and what we do about it."""

    id: Id
    between: Text
    when: Written
    cannot_be: bool = False
    sides: tuple[SideText, ...] = ()
    resolution: Text
    because: Text
    sources: tuple[SourceRefText, ...] = ()


class ConflictsFile(_File):
    """rules/conflicts.yaml."""

    conflicts: tuple[ConflictText, ...]


class RiskText(_File):
    """A way in which the project can fail, and what prevents it."""

    title: Text
    mitigation: Text


class RisksFile(_File):
    """rules/risks.yaml."""

    risks: dict[Id, RiskText]


class PlanStepText(_File):
    """One step of a plan: what to do, and what must be measured before going on."""

    title: Text
    do: Text
    done_when: Text
    when: Written | None = None


class PlansFile(_File):
    """rules/plans.yaml: the steps in their order."""

    steps: dict[Id, PlanStepText]


class SourceText(_File):
    """A document or a published piece of evidence."""

    title: Text
    by: Text
    year: int | None = None
    link: str | None = None
    status: Literal["read", "second_hand", "derived", "remembered"]
    shows: Text | None = None


class EvidenceText(SourceText):
    """A published piece of evidence.

    `review_by`: when its figures have to be looked up again. `not_encoded`: why no rule rests on it.
    """

    review_by: date | None = None
    not_encoded: Text | None = None


class ClaimText(_File):
    """A decision-relevant claim of the documents. `not_encoded`: why no rule says so."""

    says: Text
    documents: tuple[str, ...] = Field(min_length=1)
    not_encoded: Text | None = None


class SourcesFile(_File):
    """rules/sources.yaml."""

    documents: dict[str, SourceText]
    evidence: dict[str, EvidenceText]
    claims: dict[str, ClaimText]
