"""Links what rules rest on: the documents, published evidence, and the claims of the documents."""

from __future__ import annotations

from advisor.knowledge import files
from advisor.knowledge.faults import Faults
from advisor.knowledge.grounds import Source
from advisor.strict_yaml import Loaded

__all__ = ["link_sources"]


def link_sources(file: files.SourcesFile, loaded: Loaded, faults: Faults) -> dict[str, Source]:
    """Every source by its id; complains of a claim that names an unknown document or takes another's id."""
    sources: dict[str, Source] = {}
    for kind, texts in (("document", file.documents), ("evidence", file.evidence)):
        for key, text in texts.items():
            dated = text.review_by if isinstance(text, files.EvidenceText) else None
            sources[key] = Source(
                id=key,
                title=text.title,
                by=text.by,
                year=text.year,
                link=text.link,
                status=text.status,
                shows=text.shows,
                kind=kind,
                documents=(),
                review_by=dated.isoformat() if dated else None,
                not_encoded=text.not_encoded if isinstance(text, files.EvidenceText) else None,
                where=loaded.where(("documents" if kind == "document" else "evidence", key)),
            )
    for key, claim in file.claims.items():
        where = (loaded, ("claims", key))
        faults.known(where, "document", claim.documents, file.documents)
        if key in sources:
            faults.complain(where, f"the id {key!r} stands for two sources")
        sources[key] = Source(
            id=key,
            title=claim.says,
            by="; ".join(file.documents[name].title for name in claim.documents if name in file.documents),
            year=None,
            link=None,
            status="read",
            shows=None,
            kind="claim",
            documents=claim.documents,
            review_by=None,
            not_encoded=claim.not_encoded,
            where=loaded.where(where[1]),
        )
    return sources
