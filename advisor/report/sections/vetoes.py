"""What is ruled out, by which rule, and what would bring it back."""

from __future__ import annotations

from advisor.documents import Dossier, Recommendation
from advisor.documents.recommendation import Veto
from advisor.report.blocks import Item, Items, Paragraph, Section
from advisor.report.wording import ApproachNames, capital, count, listed, sentence, sources_of, spoken

__all__ = ["build"]

_BRIEF = 3


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None when nothing is vetoed. One entry for each rule, since its constraint is given up as a whole."""
    advice = dossier.recommendation
    groups = _by_rule(advice)
    if not groups:
        return None
    names = ApproachNames(advice)
    whole = [group for group in groups if any(veto.reach != "pattern" for veto in group)]
    shown = (whole[:_BRIEF] or groups[:1]) if brief else groups
    left = len(groups) - len(shown)
    items = Items(
        items=tuple(_item(group, advice, names, brief) for group in shown),
        more=f"{count(left, 'more rule')}" if left else "",
    )
    if brief:
        return Section(id="vetoes", title="What is ruled out", blocks=(items,))
    intro = Paragraph(text="No number of points outvotes these. Each says what would have to hold for it to be lifted.")
    return Section(id="vetoes", title="What is ruled out", blocks=(intro, items))


def _by_rule(advice: Recommendation) -> list[list[Veto]]:
    """The vetoes of each rule together, those of single patterns last.

    When nothing is left, those stand first that free an approach at the least cost.
    """
    groups: dict[str, list[Veto]] = {}
    for veto in advice.vetoes:
        groups.setdefault(veto.rule, []).append(veto)
    found = sorted(groups.values(), key=lambda group: all(veto.reach == "pattern" for veto in group))
    if advice.undecided != "everything_vetoed":
        return found
    place = {rank.approach: number for number, rank in enumerate(advice.ranking)}
    against = {
        approach: len({veto.rule for veto in advice.vetoes if veto.approach == approach and veto.reach != "pattern"})
        for approach in place
    }

    def cost(group: list[Veto]) -> tuple[bool, int, int]:
        whole = [veto.approach for veto in group if veto.reach != "pattern"]
        # An approach under one rule is back when that rule goes; under several rules, each must go.
        return min(((False, against.get(one, 1), place.get(one, 9)) for one in whole), default=(True, 9, 9))

    return sorted(found, key=cost)


def _item(group: list[Veto], advice: Recommendation, names: ApproachNames, brief: bool) -> Item:
    title = _removed(group, names, brief)
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


def _removed(group: list[Veto], names: ApproachNames, brief: bool) -> str:
    """What one rule removes, by how far it reaches."""
    wide = [names.inside(veto.approach) for veto in group if veto.reach == "any"]
    alone = [names.inside(veto.approach) for veto in group if veto.reach == "alone"]
    parts = [f"{listed(wide)} in any form"] if wide else []
    parts += [f"{listed(alone)} on {'its' if len(alone) == 1 else 'their'} own"] if alone else []
    patterns: dict[str, list[str]] = {}
    for veto in group:
        if veto.pattern is not None:
            patterns.setdefault(names.inside(veto.approach), []).append(spoken(veto.pattern))
    for approach, found in patterns.items():
        many = brief and len(found) > 1
        parts.append(f"{len(found)} patterns of {approach}" if many else f"{approach} as {listed(found, 'or')}")
    return capital("; ".join(parts))
