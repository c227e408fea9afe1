"""Sources as the documents show them."""

from __future__ import annotations

from advisor.documents.recommendation import SourceNote
from advisor.knowledge import Source

__all__ = ["note_of"]


def note_of(source: Source, *, shows: bool = True) -> SourceNote:
    """The note of a source; without what it shows where only its name is wanted."""
    return SourceNote(
        id=source.id,
        title=source.title,
        by=source.by,
        year=source.year,
        link=source.link,
        status=source.status,
        shows=source.shows if shows else None,
    )
