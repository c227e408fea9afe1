"""What rules rest on, linked: sources, and references to them."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Source", "SourceRef"]


@dataclass(frozen=True, eq=False)
class SourceRef:
    """One ground of a rule: the id of a claim or of a piece of evidence, and its status."""

    id: str
    status: str


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
