"""FINDINGS: what every rule made of the facts, those that stayed silent too."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from advisor.documents.base import Document, Part
from advisor.values import Approach

__all__ = ["Finding", "Findings", "ScoreLine", "TraceStep", "Vetoed"]


class TraceStep(Part):
    """One thing that a rule looked at: what it wanted, what stood there, the outcome."""

    fact: str
    wanted: str
    found: str
    outcome: Literal["true", "false", "unknown"]


class Finding(Part):
    """One rule on these facts.

    Attributes:
        effect: what it does when it fires, in words.
        where: file and line of the rule.
    """

    rule: str
    criterion: str
    says: str
    because: str
    strength: str
    outcome: Literal["true", "false", "unknown"]
    effect: str
    steps: tuple[TraceStep, ...]
    sources: tuple[str, ...]
    where: str


class ScoreLine(Part):
    """One contribution to the score of an approach; `via` is the need it came through, or `direct`."""

    approach: Approach
    rule: str
    via: str
    points: float


class Vetoed(Part):
    """An approach or pattern that a rule removes."""

    approach: Approach
    pattern: str | None
    reach: Literal["alone", "any", "pattern"]
    rule: str
    relax: str


class Findings(Document):
    """All rules, alphabetical, and what they add up to."""

    document: Literal["findings/1"] = Field(default="findings/1", alias="schema")
    findings: tuple[Finding, ...]
    contributions: tuple[ScoreLine, ...]
    vetoes: tuple[Vetoed, ...]
