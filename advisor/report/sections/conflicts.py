"""Where criteria or sources pull apart, and how that was resolved."""

from __future__ import annotations

from advisor.documents import Dossier
from advisor.report.blocks import Item, Items, Section
from advisor.report.wording import sources_of

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None when nothing pulls apart."""
    found = dossier.recommendation.conflicts
    if not found:
        return None
    items = tuple(
        Item(title=one.between, text=one.resolution, note=one.because, sources=sources_of(one.sources)) for one in found
    )
    return Section(id="conflicts", title="Where the criteria disagree", blocks=(Items(items=items),))
