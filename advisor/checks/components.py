"""Components that approaches.yaml names and the scaffold does not have."""

from __future__ import annotations

from collections.abc import Iterator

from advisor import resources
from advisor.checks.flaw import Flaw
from advisor.knowledge import Knowledge

__all__ = ["missing_components"]


def missing_components(knowledge: Knowledge) -> Iterator[Flaw]:
    """Components without their code, or without the text that tells how to use them."""
    places = {
        pattern.component: knowledge.approaches[pattern.approach].where
        for pattern in knowledge.patterns.values()
        if pattern.component is not None
    }
    for component, where in sorted(places.items()):
        for place, file in (
            ("reference_impls", f"{component}/component.yaml"),
            ("templates", f"use/{component}.md.jinja"),
        ):
            if not (resources.folder(place) / file).is_file():
                yield Flaw(where, f"component {component!r} has no {place}/{file}")
