"""Why: what speaks for the verdict and what against it, each with its grounds."""

from __future__ import annotations

from advisor.documents import Dossier, Recommendation
from advisor.documents.recommendation import Reason
from advisor.report.blocks import Item, Items, Section
from advisor.report.weighing import own_points, side_of, stops
from advisor.report.wording import ApproachNames, count, signed, sources_of, spoken
from advisor.values import Approach

__all__ = ["build"]

_BRIEF = 4


def build(dossier: Dossier, brief: bool = False) -> Section | None:
    """None when nothing weighs. What only removes stands in the section of vetoes."""
    advice = dossier.recommendation
    for_it = [reason for reason in advice.reasons if side_of(reason, advice) == "for"]
    against = [reason for reason in advice.reasons if side_of(reason, advice) == "against"]
    if advice.approach is None:
        for_it, against = [reason for reason in advice.reasons if side_of(reason, advice) != "removes"], []
    if not for_it and not against:
        return None
    if brief:
        return Section(id="reasons", title="Why", blocks=(_in_brief(for_it, against, advice),))
    names = ApproachNames(advice)
    leading = f"For {names.inside(advice.approach)}" if advice.approach else "What weighs so far"
    lists = tuple(
        Items(title=title, items=tuple(_item(reason, advice, names) for reason in found))
        for title, found in ((leading, for_it), ("Against it, or for another", against))
        if found
    )
    return Section(id="reasons", title="Why", blocks=lists)


def _in_brief(for_it: list[Reason], against: list[Reason], advice: Recommendation) -> Items:
    """The strongest for it, and at least one place for the strongest against it."""
    kept = for_it[: _BRIEF - 1 if against else _BRIEF]
    kept += sorted(against, key=lambda reason: own_points(reason, advice))[: _BRIEF - len(kept)]
    left = len(for_it) + len(against) - len(kept)
    items = tuple(Item(title=reason.says, marks=_brief_marks(reason, advice)) for reason in kept)
    return Items(items=items, more=count(left, "more reason") if left else "")


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
    sums: dict[str, float] = {}
    for point in reason.points:
        sums[point.name] = sums.get(point.name, 0.0) + point.value
    points = tuple(f"{_name(name, names)} {signed(value)}" for name, value in sums.items() if value)
    role = "decides" if stops(reason, advice) else "rules out" if reason.decides else ""
    known = {step.fact: step.found for step in reason.facts if step.outcome != "unknown"}
    return Item(
        title=reason.says,
        text=reason.because,
        note=f"Rule {reason.rule}, {spoken(reason.criterion)}",
        marks=(role, *points) if role else points,
        grounds=tuple(f"{spoken(fact)}: {found}" for fact, found in known.items()),
        sources=sources_of(reason.sources),
    )


def _name(name: str, names: ApproachNames) -> str:
    return names.title(Approach(name)) if name in {approach.value for approach in Approach} else spoken(name)
