"""The knowledge, read and linked: what the verbs work with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from advisor.conditions import Codes, Condition
from advisor.knowledge.figures import Prices
from advisor.knowledge.labelled import CaseGroup
from advisor.values import Approach, Band, Reach, Value

__all__ = [
    "Accepted",
    "ApproachSpec",
    "Ask",
    "Conflict",
    "Derivation",
    "Effect",
    "Experiment",
    "HybridGate",
    "Knowledge",
]
__all__ += ["Levels", "Option", "Pattern", "PlanStep", "Risk", "Rule", "Side", "Source", "SourceRef", "Stage"]


@dataclass(frozen=True, eq=False)
class Option:
    """One code of a fact.

    Attributes:
        band: the numbers that fall into it, for a fact with a unit.
        could_be: for a code that says "not settled yet": the codes that it may turn into.
    """

    code: str
    means: str
    band: Band | None
    could_be: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Ask:
    """One question; its answer is the fact of the same name.

    Attributes:
        negotiable: a demand or a means that a team may decide to change, and not what its task is.
        where: its file and line.
    """

    fact: str
    criterion: str
    question: str
    why: str
    help: str | None
    unit: str | None
    ordered: bool
    negotiable: bool
    options: tuple[Option, ...]
    when: Condition
    where: str

    def option(self, code: str) -> Option:
        """The option with this code."""
        return next(option for option in self.options if option.code == code)

    @property
    def codes(self) -> tuple[str, ...]:
        """Every code, in order."""
        return tuple(option.code for option in self.options)

    @property
    def settled_codes(self) -> tuple[str, ...]:
        """The codes that say what the fact is, in order."""
        return tuple(option.code for option in self.options if not option.could_be)

    def banded(self, number: float) -> str | None:
        """The code whose band holds `number`, or None when no band does."""
        return next((o.code for o in self.options if o.band is not None and o.band.holds(number)), None)


@dataclass(frozen=True, eq=False)
class Derivation:
    """A fact that follows from others when nobody answered it."""

    fact: str
    code: str
    when: Condition
    because: str
    where: str


@dataclass(frozen=True, eq=False)
class SourceRef:
    """One ground of a rule: the id of a claim or of a piece of evidence, and its status."""

    id: str
    status: str


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
        settings: for components of the project, the keys of config.yaml that it decides.
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


@dataclass(frozen=True, eq=False)
class HybridGate:
    """When both needs are real on their own."""

    knowledge_is_real: Condition
    behaviour_is_real: Condition
    least_need: float
    because: str
    sources: tuple[SourceRef, ...]
    where: str


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
class Source:
    """Where a claim rests.

    Attributes:
        kind: document, evidence or claim.
        documents: the documents that make a claim, by their ids.
        review_by: the day (ISO 8601) from which its figures count as old.
        not_encoded: why no rule rests on it.
    """

    id: str
    title: str
    by: str
    year: int | None
    link: str | None
    status: str
    shows: str | None
    kind: str
    documents: tuple[str, ...]
    review_by: str | None
    not_encoded: str | None
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
        accepted: what `rules check` finds and the authors let stand.
        cases: labelled cases, which no decision reads; read from a compiled copy, those that are no precedents are left
            out.
        prices: what costs are worked out from.
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

    def rule(self, rule_id: str) -> Rule:
        """The rule with this id."""
        return next(rule for rule in self.rules if rule.id == rule_id)
