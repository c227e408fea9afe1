"""Finds what is wrong in rules that read well. Each kind of fault has its own file; their order stands here."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import partial

from advisor.checks.bands import bands_that_do_not_meet
from advisor.checks.cases import cases_that_do_not_hold, missing_cases
from advisor.checks.chosen import patterns_never_chosen
from advisor.checks.claims import encoding, lost_claims, uses_of_sources
from advisor.checks.cliffs import cliffs
from advisor.checks.components import missing_components
from advisor.checks.contradictory import contradictory_rules
from advisor.checks.disagreement import disagreements
from advisor.checks.flaw import Checked, Flaw
from advisor.checks.never import conditions_that_never_hold
from advisor.checks.options import options_not_told_apart
from advisor.checks.shadowed import shadowed_rules
from advisor.checks.sources import old_prices, old_sources, remembered_sources
from advisor.checks.unused import unused_parts
from advisor.knowledge import Knowledge

__all__ = ["Checked", "check_knowledge", "encoding", "uses_of_sources"]

_CHECKS = (
    cases_that_do_not_hold,
    missing_cases,
    bands_that_do_not_meet,
    disagreements,
    unused_parts,
    missing_components,
    lost_claims,
    remembered_sources,
    conditions_that_never_hold,
    contradictory_rules,
    shadowed_rules,
    options_not_told_apart,
    patterns_never_chosen,
    cliffs,
)
"""From what is read at a glance to what has to be searched for."""


def check_knowledge(knowledge: Knowledge, today: date) -> Checked:
    """Everything that is wrong, each with the place where it is mended.

    A finding is a fault, and a warning where an author has accepted it with a reason. With a folder of the user's on
    top, what it brings about in the built-in rules is a warning too, and what we accepted there is left out.

    Args:
        knowledge: read with its cases.
        today: decides which sources are due for review.
    """
    accepted = {one.finding: one for one in knowledge.accepted}
    faults, warnings = [], []
    found: set[str] = set()
    for flaw in _flaws(knowledge, today):
        sentence = f"{flaw.where}: {flaw.says}"
        found.add(flaw.name)
        ours = bool(knowledge.own) and _is_built_in(flaw.where, knowledge)
        if flaw.name in accepted:
            if not (ours and _is_built_in(accepted[flaw.name].where, knowledge)):
                warnings.append(f"{sentence}. Accepted: {accepted[flaw.name].because}")
        elif ours:
            warnings.append(sentence)
        else:
            may_stand = f" (to let it stand, accept '{flaw.name}' with a reason)" if flaw.name else ""
            faults.append(sentence + may_stand)
    warnings += [
        f"{one.where}: '{one.finding}' is accepted, and not found any more: take it out"
        for one in knowledge.accepted
        if one.finding not in found and not (knowledge.own and _is_built_in(one.where, knowledge))
    ]
    return Checked(tuple(dict.fromkeys(faults)), tuple(dict.fromkeys(warnings)))


def _is_built_in(where: str, knowledge: Knowledge) -> bool:
    """Whether a place lies in the built-in folder, whose files are called rules/<path>, as the user's may be too."""
    path = where.removeprefix("rules/").rpartition(":")[0]
    return where.startswith("rules/") and path not in dict(knowledge.own)


def _flaws(knowledge: Knowledge, today: date) -> Iterator[Flaw]:
    for check in (*_CHECKS, partial(old_sources, today=today), partial(old_prices, today=today)):
        yield from check(knowledge)
