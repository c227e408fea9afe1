"""Labelled cases, linked: what was known of a project, what was chosen, and what we hold right.

No decision reads them. They measure the rules, and those of real projects are shown as precedents.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from advisor.values import Approach

__all__ = ["Case", "CaseGroup", "CaseKind", "CaseSource"]

CaseKind = Literal["practice", "described", "invented"]
"""A team did it, a document describes it, or it was made up to test the rules. Made-up cases are no precedents."""


@dataclass(frozen=True, eq=False)
class CaseSource:
    """A report of a case; `status` says how far it was read."""

    title: str
    link: str | None
    status: str


@dataclass(frozen=True, eq=False)
class Case:
    """One labelled case.

    Attributes:
        documents: ids of the source documents that describe it.
        choice: what was chosen, or what the documents propose; None for a case that was made up.
        variant: the choice in more detail, in the words of its trade.
        facts: the known codes; any other fact is unknown.
        inferred: those of the facts that are a reading, not stated outright.
        expected: the approach that we hold right, which need not be the choice.
        acceptable: what a fair expert accepts too; holds `expected`.
        where: file and line.
    """

    id: str
    name: str
    organisation: str | None
    year: int | None
    documents: tuple[str, ...]
    description: str
    choice: Approach | None
    variant: str | None
    reasons: tuple[str, ...]
    facts: Mapping[str, str]
    inferred: tuple[str, ...]
    expected: Approach
    acceptable: tuple[Approach, ...]
    note: str
    sources: tuple[CaseSource, ...]
    where: str

    @property
    def stated(self) -> dict[str, str]:
        """The facts that are stated outright."""
        return {fact: code for fact, code in self.facts.items() if fact not in self.inferred}


@dataclass(frozen=True, eq=False)
class CaseGroup:
    """The cases of one file; `note` says what agreement with them is worth."""

    id: str
    title: str
    kind: CaseKind
    note: str
    cases: tuple[Case, ...]
