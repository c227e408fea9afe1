"""How it decides, and by which rules."""

from __future__ import annotations

from advisor.documents import Dossier
from advisor.report.blocks import Block, KeyValues, Paragraph, Section, Table
from advisor.report.wording import ApproachNames, listed
from advisor.values import Approach

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section:
    """Always says something: a verdict that cannot be traced is an opinion."""
    advice = dossier.recommendation
    names = ApproachNames(advice)
    simplest = listed([names.inside(approach) for approach in Approach], "then")
    text = (
        "Rules look at the facts; a rule whose facts are unknown stays silent and counts neither way. "
        "Hard constraints remove an approach or a pattern first, and no number of points brings it back. "
        "The other rules say what is missing (knowledge, behaviour, or a relation that drifts) and give points to the "
        "approaches that supply it. "
        f"Among equals the simplest wins: {simplest}. "
        "Confidence is the share of ways to fill in the unknowns, with weights between half and one and a half of "
        "ours, in which the verdict stays; the same answers always give the same figure. "
        "Each source is marked by how far it was read, and what was not verified decides nothing."
    )
    blocks: list[Block] = [
        Paragraph(text=text),
        KeyValues(pairs=(("Digest of the rules", advice.rules_digest),), literal=True),
    ]
    if advice.own_rules:
        columns = ("File", "What it does")
        blocks.append(
            Table(caption="Own rules in use, beside the built-in ones", columns=columns, rows=advice.own_rules)
        )
    return Section(id="method", title="How this was decided", blocks=tuple(blocks))
