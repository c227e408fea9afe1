"""Sources that are too old, or too weak for what rests on them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import date

from advisor.checks.flaw import Flaw
from advisor.knowledge import Knowledge, SourceRef

__all__ = ["old_prices", "old_sources", "remembered_sources"]


def old_sources(knowledge: Knowledge, today: date) -> Iterator[Flaw]:
    """Sources whose figures should have been looked up again by now."""
    for source in knowledge.sources.values():
        if source.review_by is not None and source.review_by < today.isoformat():
            yield Flaw(
                source.where,
                f"{source.kind} {source.id}: due for review on {source.review_by}: look its figures up again, mend "
                "what changed, and set the next date",
                f"old {source.id}",
            )


def old_prices(knowledge: Knowledge, today: date) -> Iterator[Flaw]:
    """Prices that should have been looked up again by now."""
    if knowledge.prices.review_by < today.isoformat():
        says = (
            f"the prices were due for review on {knowledge.prices.review_by}: look them up again, and set the next date"
        )
        yield Flaw(knowledge.prices.where, says, "old prices")


def remembered_sources(knowledge: Knowledge) -> Iterator[Flaw]:
    """What decides on nothing but memory, and remembered sources that show a figure."""
    resting: list[tuple[str, str, Sequence[SourceRef]]] = [
        *((f"rule {rule.id}", rule.where, rule.sources) for rule in knowledge.rules),
        *((f"conflict {one.id}", one.where, one.sources) for one in knowledge.conflicts),
        *((f"pattern {one.id}", one.where, one.sources) for one in knowledge.patterns.values()),
        ("hybrid gate", knowledge.hybrid.where, knowledge.hybrid.sources),
    ]
    for what, where, refs in resting:
        if refs and all(ref.status == "remembered" for ref in refs):
            yield Flaw(
                where, f"{what} rests on memory alone ({', '.join(ref.id for ref in refs)}): it may decide nothing"
            )
    for source in knowledge.sources.values():
        if source.status == "remembered" and re.search(r"\d", source.shows or ""):
            yield Flaw(source.where, f"{source.kind} {source.id}: nobody checked it, so it may show no figure")
