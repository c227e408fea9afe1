"""The pattern: what to build, in which order, with which settings, and on what grounds."""

from __future__ import annotations

from advisor.documents import Dossier
from advisor.documents.recommendation import SettingChoice
from advisor.report.blocks import Block, Fold, Item, Items, KeyValues, Section
from advisor.report.wording import sentence, sources_of, spoken
from advisor.values import as_written

__all__ = ["build"]


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None without a verdict."""
    advice = dossier.recommendation
    chosen = advice.chosen
    if chosen is None:
        return None
    pairs = []
    if chosen.build_first:
        pairs.append(("Build first", sentence(_words(chosen.build_first))))
    if chosen.second_half_pays_when:
        pairs.append(("The second half pays when", sentence(chosen.second_half_pays_when)))
    if chosen.component is None:
        why = f" {sentence(chosen.advised_only)}" if chosen.advised_only else ""
        pairs.append(("Ready code", f"None: the advice stands, but no project can be written.{why}"))
    itself = Item(title=chosen.title, text=sentence(chosen.does), sources=sources_of(chosen.sources))
    blocks: list[Block] = [Items(items=(itself,))]
    if pairs:
        blocks.append(KeyValues(pairs=tuple(pairs)))
    if advice.settings:
        by_rule: dict[str | None, list[SettingChoice]] = {}
        for choice in advice.settings:
            by_rule.setdefault(choice.rule, []).append(choice)
        settings = Items(items=tuple(_settings(choices) for choices in by_rule.values()))
        blocks.append(Fold(summary="Settings that follow from it", blocks=(settings,)))
    return Section(id="pattern", title="What to build", blocks=tuple(blocks))


def _settings(choices: list[SettingChoice]) -> Item:
    """What one rule chose, or the pattern."""
    title = ", ".join(f"{choice.section}.{choice.key}: {as_written(choice.value)}" for choice in choices)
    chooser = choices[0]
    if chooser.rule is None:
        return Item(title=title, note="Comes with the pattern")
    return Item(
        title=title,
        text=" ".join(sentence(text) for text in (chooser.says, chooser.because)),
        note=f"Rule {chooser.rule}",
        sources=sources_of(chooser.sources),
    )


def _words(text: str) -> str:
    return text if " " in text else spoken(text)
