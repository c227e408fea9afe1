"""Precedents: who was in a like situation, what they chose and why, and how the situations differ."""

from __future__ import annotations

from advisor.documents import Dossier
from advisor.documents.recommendation import Precedent
from advisor.report.blocks import Block, Item, Items, Paragraph, Section, Table
from advisor.report.wording import ApproachNames, count, listed, percent, sentence, sources_of, spoken

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None when no case is near enough."""
    advice = dossier.recommendation
    if not advice.precedents:
        return None
    names = ApproachNames(advice)
    blocks: list[Block] = [Paragraph(text=_intro(advice.precedents, names))]
    for one in advice.precedents:
        blocks.append(Items(items=(_item(one, names),)))
        if one.differs:
            rows = tuple((pair.question, pair.here, pair.there) for pair in one.differs)
            columns = ("Question", "Here", "There")
            blocks.append(Table(caption=f"How it differs: {one.name}", columns=columns, rows=rows))
    return Section(id="precedents", title="What others chose", blocks=tuple(blocks))


def _intro(near: tuple[Precedent, ...], names: ApproachNames) -> str:
    text = (
        "The cases on record that come nearest, by the facts that decide most. They took no part in the verdict, "
        "and what a team chose is no proof that it was best."
    )
    other = list(dict.fromkeys(names.inside(one.choice) for one in near if one.agrees is False))
    if other:
        chosen = count(sum(one.agrees is False for one in near), "of these chose", "of these chose")
        text += f" {chosen} otherwise: {listed(other)}."
    return text


def _item(one: Precedent, names: ApproachNames) -> Item:
    chose = "chose" if one.kind == "practice" else "source documents propose"
    compared = len(one.alike) + len(one.differs)
    variant = f" ({spoken(one.variant)})" if one.variant not in (None, one.choice) else ""
    marks = [f"{chose} {names.inside(one.choice)}{variant}"]
    if one.agrees is not None:
        marks.append("as recommended here" if one.agrees else "not what is recommended here")
    marks.append(f"nearness {percent(one.nearness)}")
    alike = f"Alike in {len(one.alike)} of {count(compared, 'fact')} known of both"
    alike += f": {listed([spoken(pair.fact) for pair in one.alike])}" if one.alike else ""
    silent = f" Not told there, or without meaning there: {count(one.not_told, 'fact')} known here."
    return Item(
        title=_title(one),
        gist=one.description,
        text=f"Why: {sentence('; '.join(one.reasons))}" + (f" {sentence(one.note)}" if one.note else ""),
        note=sentence(alike) + (silent if one.not_told else ""),
        marks=tuple(marks),
        sources=sources_of(one.sources),
    )


def _title(one: Precedent) -> str:
    by = (one.organisation if one.organisation and one.organisation not in one.name else "", str(one.year or ""))
    made = ", ".join(part for part in by if part)
    return f"{one.name}, {made}" if made else one.name
