"""The pattern: what to build, in which order, and with which settings."""

from __future__ import annotations

from advisor.documents import Dossier
from advisor.report.blocks import Block, Fold, KeyValues, Paragraph, Section
from advisor.report.wording import sentence, spoken

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None without a verdict."""
    advice = dossier.recommendation
    chosen = advice.chosen
    if chosen is None:
        return None
    pairs = [("Pattern", chosen.title)]
    if chosen.build_first:
        pairs.append(("Build first", sentence(_words(chosen.build_first))))
    if chosen.second_half_pays_when:
        pairs.append(("The second half pays when", sentence(chosen.second_half_pays_when)))
    if chosen.component is None:
        pairs.append(("Ready code", "None yet: the advice stands, but no project can be written for this pattern."))
    blocks: list[Block] = [Paragraph(text=sentence(chosen.does)), KeyValues(pairs=tuple(pairs))]
    if advice.settings:
        settings = tuple((f"{section}.{key}", _value(value)) for section, key, value in advice.settings)
        blocks.append(Fold(summary="Settings that follow from it", blocks=(KeyValues(pairs=settings, literal=True),)))
    return Section(id="pattern", title="What to build", blocks=tuple(blocks))


def _words(text: str) -> str:
    return text if " " in text else spoken(text)


def _value(value: str | float | bool) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
