"""What would change the verdict: the smallest changes of what is known."""

from __future__ import annotations

from advisor.documents import Dossier, Recommendation
from advisor.documents.stability import Flip
from advisor.report.blocks import Item, Items, Paragraph, Section
from advisor.report.wording import ApproachNames, capital, count, listed, spoken, way_in_words

__all__ = ["build"]

_BRIEF = 3

_ROOM = 60
"""Characters: above these the codes say it shorter."""


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None while too little is known: what is not there cannot change."""
    advice = dossier.recommendation
    if advice.undecided == "too_little_known":
        return None
    names = ApproachNames(advice)
    if advice.undecided == "everything_vetoed":
        return _ways_out(advice, names, brief)
    if not advice.flips:
        if brief:
            return None
        nothing = Paragraph(text="No change of a single answer turns the verdict; it would take two or more together.")
        return Section(id="flips", title="What would change it", blocks=(nothing,))
    shown = advice.flips[:_BRIEF] if brief else advice.flips
    left = len(advice.flips) - len(shown)
    items = Items(
        items=tuple(_item(flip, advice, names, brief) for flip in shown),
        more=count(left, "more change") if left else "",
    )
    intro = Paragraph(text="Each of these changes alone turns the verdict. The nearest ones stand first.")
    return Section(id="flips", title="What would change it", blocks=(items,) if brief else (intro, items))


def _ways_out(advice: Recommendation, names: ApproachNames, brief: bool) -> Section | None:
    """The first way out stands with the verdict; here are the others too."""
    if not advice.flips or (brief and len(advice.flips) == 1):
        return None
    shown = advice.flips[1 : _BRIEF + 1] if brief else advice.flips
    items = Items(
        items=tuple(
            Item(title=way_in_words(flip, advice), marks=(f"brings {names.inside(flip.approach)} back",))
            for flip in shown
        )
    )
    title = "Other ways out" if brief else "What would bring an approach back"
    return Section(id="flips", title=title, blocks=(items,))


def _item(flip: Flip, advice: Recommendation, names: ApproachNames, brief: bool) -> Item:
    becomes = f"becomes {names.inside(flip.approach)}" if flip.approach else "leaves no verdict"
    if brief:
        says = flip.says if len(flip.says) <= _ROOM else listed(flip.codes, "or")
        return Item(title=f"{capital(spoken(flip.fact))}: {says}", marks=(becomes,))
    fact = next((one for one in advice.facts if one.fact == flip.fact), None)
    now = fact.means or flip.now if fact else flip.now
    question = fact.question if fact else capital(spoken(flip.fact))
    change = f"From \N{LEFT DOUBLE QUOTATION MARK}{now}\N{RIGHT DOUBLE QUOTATION MARK} "
    change += f"to \N{LEFT DOUBLE QUOTATION MARK}{flip.says}\N{RIGHT DOUBLE QUOTATION MARK}."
    return Item(title=question, text=change, marks=(becomes,))
