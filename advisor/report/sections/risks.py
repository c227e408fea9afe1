"""How it could fail, and what prevents that."""

from __future__ import annotations

from advisor.documents import Dossier
from advisor.report.blocks import Item, Items, Section

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None when no risk is known."""
    risks = dossier.recommendation.risks
    if not risks:
        return None
    items = tuple(Item(title=risk.title, text=risk.mitigation) for risk in risks)
    return Section(id="risks", title="How it could fail", blocks=(Items(items=items),))
