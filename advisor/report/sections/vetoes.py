"""What is ruled out, by which rule, and what would bring it back."""

from __future__ import annotations

from advisor.documents import Dossier, Recommendation
from advisor.documents.recommendation import Veto
from advisor.report.blocks import Item, Items, Paragraph, Section
from advisor.report.weighing import vetoes_by_rule
from advisor.report.wording import ApproachNames, count, listed, removed, sentence, sources_of, spoken

__all__ = ["build"]

_BRIEF = 2


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None when nothing is vetoed. One entry for each rule, since its constraint is given up as a whole."""
    advice = dossier.recommendation
    groups = vetoes_by_rule(advice)
    if not groups:
        return None
    names = ApproachNames(advice)
    whole = [group for group in groups if any(veto.reach != "pattern" for veto in group)]
    shown = (whole[:_BRIEF] or groups[:1]) if brief else groups
    left = len(groups) - len(shown)
    items = Items(
        items=tuple(_item(group, advice, names, brief) for group in shown),
        more=count(left, "more rule") if left else "",
    )
    if brief:
        return Section(id="vetoes", title="What is ruled out", blocks=(items,))
    intro = Paragraph(text="No number of points outvotes these. Each says what would have to hold for it to be lifted.")
    return Section(id="vetoes", title="What is ruled out", blocks=(intro, items))


def _item(group: list[Veto], advice: Recommendation, names: ApproachNames, brief: bool) -> Item:
    title = removed(group, names, brief=brief)
    back = f"Comes back when {listed(list(dict.fromkeys(veto.relax for veto in group)))}"
    if brief:
        return Item(title=title, gist=sentence(back))
    reason = next((reason for reason in advice.reasons if reason.rule == group[0].rule), None)
    return Item(
        title=title,
        gist=sentence(back),
        text=" ".join(sentence(text) for text in ((reason.says, reason.because) if reason else ())),
        note=f"Rule {group[0].rule}",
        grounds=tuple(f"{spoken(step.fact)}: {step.found}" for step in reason.facts if step.outcome != "unknown")
        if reason
        else (),
        sources=sources_of(reason.sources) if reason else (),
    )
