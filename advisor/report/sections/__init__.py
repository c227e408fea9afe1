"""The sections of a report: one file each, and here their order, listed once."""

from __future__ import annotations

from collections.abc import Callable

from advisor.documents import Dossier
from advisor.report.blocks import Section
from advisor.report.sections import (
    conflicts,
    costs,
    facts,
    flips,
    method,
    pattern,
    plan,
    precedents,
    project,
    reasons,
    risks,
    smoke,
    stages,
    unknowns,
    verdict,
    vetoes,
)

__all__ = ["BRIEF", "ORDER", "Builder", "build_sections"]

Builder = Callable[[Dossier, bool], Section | None]
"""Builds one section, in brief or in full; None when there is nothing to say."""

ORDER: tuple[Builder, ...] = (
    verdict.build,
    reasons.build,
    vetoes.build,
    flips.build,
    unknowns.build,
    costs.build,
    conflicts.build,
    precedents.build,
    pattern.build,
    stages.build,
    risks.build,
    plan.build,
    project.build,
    smoke.build,
    facts.build,
    method.build,
)

BRIEF: frozenset[Builder] = frozenset(
    {verdict.build, reasons.build, vetoes.build, flips.build, unknowns.build, stages.build, costs.build}
)
"""What a screen of text has room for."""


def build_sections(dossier: Dossier, *, brief: bool = False) -> tuple[Section, ...]:
    """All sections that have something to say, in their order.

    Args:
        dossier: what is reported.
        brief: only the sections and entries that fit on one screen of a terminal.
    """
    wanted = (build for build in ORDER if not brief or build in BRIEF)
    return tuple(section for build in wanted if (section := build(dossier, brief)) is not None)
