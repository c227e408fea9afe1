"""Why: what speaks for the verdict and what against it, each with its grounds."""

from __future__ import annotations

from advisor.documents import Dossier, Recommendation
from advisor.documents.recommendation import Reason
from advisor.report.blocks import Item, Items, Section
from advisor.report.weighing import own_points, side_of, stops
from advisor.report.wording import ApproachNames, count, signed, sources_of, spoken
from advisor.values import Approach

__all__ = ["build"]

_BRIEF = 5


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None when no rule fired."""
    advice = dossier.recommendation
    sides: dict[str, list[Reason]] = {"for": [], "against": [], "removes": []}  # What only removes stands under what is ruled out.
    for reason in advice.reasons:
        sides[side_of(reason, advice)].append(reason)
    if brief:
        return _in_brief(advice, sides)
    names = ApproachNames(advice)
    titles = {
        "for": f"For {names.inside(advice.approach)}",
        "against": "Against it, or for another",
    }
    if advice.approach is None:
        titles = dict.fromkeys(titles, "What weighs so far")
        sides = {"for": list(advice.reasons)}
    lists = tuple(
        Items(title=titles[side], items=tuple(_item(reason, advice, names) for reason in found))
        for side, found in sides.items()
        if found
    )
    return Section(id="reasons", title="Why", blocks=lists) if lists else None


def _in_brief(advice: Recommendation, sides: dict[str, list[Reason]]) -> Section | None:
    """The strongest for it, and one place for the strongest against it."""
    for_it, against = sides["for"], sides["against"]
    if advice.approach is None:
        for_it, against = [reason for reason in advice.reasons if reason.points], []
    kept = for_it[: _BRIEF - 1 if against else _BRIEF]
    kept += sorted(against, key=lambda reason: own_points(reason, advice))[: _BRIEF - len(kept)]
    if not kept:
        return None
    left = len(for_it) + len(against) - len(kept)
    items = tuple(Item(title=reason.says, marks=_brief_marks(reason, advice)) for reason in kept)
    more = f"{count(left, 'more reason')}" if left else ""
    return Section(id="reasons", title="Why", blocks=(Items(items=items, more=more),))


def _brief_marks(reason: Reason, advice: Recommendation) -> tuple[str, ...]:
    if stops(reason, advice):
        return ("decides",)
    if advice.approach is None:
        return ()
    own = own_points(reason, advice)
    if own:
        return (signed(own),)
    return ("for another",) if any(point.value > 0 for point in reason.points) else ()


def _item(reason: Reason, advice: Recommendation, names: ApproachNames) -> Item:
    points = tuple(f"{_name(point.name, names)} {signed(point.value)}" for point in reason.points)
    known = {step.fact: step.found for step in reason.facts if step.outcome != "unknown"}
    return Item(
        title=reason.says,
        text=reason.because,
        note=f"Rule {reason.rule}, {spoken(reason.criterion)}",
        marks=(*(["decides"] if stops(reason, advice) else ["rules out"] if reason.decides else []), *points),
        grounds=tuple(f"{spoken(fact)}: {found}" for fact, found in known.items()),
        sources=sources_of(reason.sources),
    )


def _name(name: str, names: ApproachNames) -> str:
    return names.title(Approach(name)) if name in {approach.value for approach in Approach} else spoken(name)
