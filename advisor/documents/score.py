"""SCORE: how far the advice agrees with labelled cases, and how well its confidence is earned."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from advisor.documents.base import Document, Part
from advisor.values import Approach, Confidence, Undecided

__all__ = ["Cell", "Disagreement", "GroupScore", "LeftOut", "LevelScore", "LostFact", "Reading", "Score", "Tally"]


class Tally(Part):
    """Counts over cases.

    Attributes:
        exact: the verdict is the expected approach.
        acceptable: it is one of those that the label accepts; an abstention is not.
        abstained: there was no verdict.
        high: the verdict was given with high confidence; `high_acceptable` of these were acceptable.
    """

    cases: int
    exact: int
    acceptable: int
    abstained: int
    high: int
    high_acceptable: int


class GroupScore(Part):
    """One group of cases, with all its facts and with those alone that the cases state outright."""

    group: str
    title: str
    note: str
    all_facts: Tally
    stated_facts: Tally


class Cell(Part):
    """How many cases with this label got this verdict; None is an abstention."""

    expected: Approach
    got: Approach | None
    cases: int


class LevelScore(Part):
    """The verdicts of one confidence level; `mean` is that of their confidence, to hold against what is acceptable."""

    level: Confidence
    cases: int
    exact: int
    acceptable: int
    mean: float | None


class Disagreement(Part):
    """A case whose verdict is not the expected one."""

    case: str
    name: str
    group: str
    expected: Approach
    acceptable: tuple[Approach, ...]
    got: Approach | None
    undecided: Undecided | None
    level: Confidence
    confidence: float


class Reading(Part):
    """All cases, read in one way.

    Attributes:
        brier: the mean square of confidence minus outcome (1 acceptable, 0 not) over the verdicts that were given
            (Brier, 1950): 0 at best; None without any verdict.
        disagreements: where the verdict is not the expected one; what the label does not even accept stands first.
    """

    total: Tally
    confusion: tuple[Cell, ...]
    levels: tuple[LevelScore, ...]
    brier: float | None
    disagreements: tuple[Disagreement, ...]


class LostFact(Part):
    """A fact, in how many cases it was left out, and what came of it.

    Attributes:
        lost: verdicts that were acceptable with the fact and are not without it.
        gained: the other way round.
    """

    fact: str
    cases: int
    lost: int
    gained: int


class LeftOut(Part):
    """Every case with each of its facts left out in turn; the facts whose loss hurts most stand first."""

    verdicts: int
    acceptable: int
    facts: tuple[LostFact, ...]


class Score(Document):
    """Agreement with labelled cases."""

    document: Literal["score/1"] = Field(default="score/1", alias="schema")
    groups: tuple[GroupScore, ...]
    all_facts: Reading
    stated_facts: Reading
    left_out: LeftOut | None
    rules_digest: str
    own_rules: tuple[tuple[str, str], ...]
