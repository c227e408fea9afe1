"""What to find out first, and where each answer would lead."""

from __future__ import annotations

from advisor.documents import Dossier
from advisor.documents.stability import OpenFact
from advisor.report.blocks import Block, Fold, Item, Items, Paragraph, Section, Table
from advisor.report.wording import ApproachNames, count, percent
from advisor.values import Approach

__all__ = ["build"]

_BRIEF = 3


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None when nothing is unknown that could matter."""
    advice = dossier.recommendation
    names = ApproachNames(advice)
    worth = [one for one in advice.unknowns if one.worth > 0]
    rest = [one for one in advice.unknowns if one.worth <= 0]
    shown = worth or (rest if advice.undecided == "too_little_known" else [])
    if brief:
        if not shown:
            return None
        left = len(shown) - _BRIEF
        items = Items(
            items=tuple(Item(title=one.question, marks=(one.fact,)) for one in shown[:_BRIEF]),
            more=count(left, "more question") if left > 0 else "",
        )
        return Section(id="unknowns", title="Find out first", blocks=(items,))
    blocks: list[Block] = []
    if shown:
        blocks += [
            Paragraph(
                text="Open questions whose answers can turn or settle the verdict, the most useful first. The figure "
                "is the share of the possible situations that the answer would settle."
            ),
            Items(items=tuple(_item(one, names) for one in shown)),
        ]
    others = [one for one in rest if one not in shown]
    if others:
        columns = ("Question", "Name in the answers")
        listing = Table(
            caption="Open questions", columns=columns, rows=tuple((one.question, one.fact) for one in others)
        )
        blocks.append(Fold(summary=f"Open, but of little weight here ({len(others)})", blocks=(listing,)))
    return Section(id="unknowns", title="Find out first", blocks=tuple(blocks)) if blocks else None


def _item(one: OpenFact, names: ApproachNames) -> Item:
    leads: dict[Approach | None, list[str]] = {}
    for alternative in one.leads_to:
        leads.setdefault(alternative.approach, []).append(alternative.code)
    if len(leads) > 1:
        grounds = tuple(f"{names.title(approach)}: {', '.join(codes)}" for approach, codes in leads.items())
        text = "Mostly leads to:"
    else:
        grounds = ()
        text = "".join(
            f"Every answer leads mostly to {names.inside(approach)}, but makes that surer." for approach in leads
        )
    marks = (f"settles {percent(one.worth)}",) if one.worth > 0 else ()
    return Item(title=one.question, text=text, note=f"Answer as {one.fact}", marks=marks, grounds=grounds)
