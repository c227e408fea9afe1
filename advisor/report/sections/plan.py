"""The plan: ordered steps, each with the sign that it is done."""

from __future__ import annotations

from advisor.documents import Dossier
from advisor.report.blocks import Section, Step, Steps

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None without steps."""
    plan = dossier.recommendation.plan
    if not plan:
        return None
    steps = tuple(Step(title=step.title, text=step.do, signs=(("Done when", step.done_when),)) for step in plan)
    return Section(id="plan", title="Plan", blocks=(Steps(steps=steps),))
