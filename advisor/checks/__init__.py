"""Finds what is wrong in rules that read well. Each kind of fault has its own file; their order stands here."""

from __future__ import annotations

from collections.abc import Iterable
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
)
_SEARCHES = (patterns_never_chosen, cliffs)
"""They try out thousands of answers, and begin when nothing else is wrong: what they find may follow from it."""


def check_knowledge(knowledge: Knowledge, today: date) -> Checked:
    """Everything that is wrong, each with the place where it is mended.

    A finding is a fault, and a warning where an author has accepted it with a reason. With a folder of the user's on
    top, what it brings about in the built-in rules is a warning too, and what we accepted there is left out. Cliffs and
    patterns that are never chosen are looked for once nothing else is wrong.

    Args:
        knowledge: read with its cases.
        today: decides which sources are due for review.
    """
    dated = (partial(old_sources, today=today), partial(old_prices, today=today))
    sifted = _Sifted(knowledge)
    for check in (*_CHECKS, *dated):
        sifted.take(check(knowledge))
    if not sifted.faults:
        for search in _SEARCHES:
            sifted.take(search(knowledge))
        sifted.warnings += sifted.stale()
    return Checked(tuple(dict.fromkeys(sifted.faults)), tuple(dict.fromkeys(sifted.warnings)))


class _Sifted:
    """Findings as faults and warnings."""

    def __init__(self, knowledge: Knowledge) -> None:
        self.faults: list[str] = []
        self.warnings: list[str] = []
        self._knowledge = knowledge
        self._accepted = {one.finding: one for one in knowledge.accepted}
        self._found: set[str] = set()

    def take(self, flaws: Iterable[Flaw]) -> None:
        """Sorts them in."""
        for flaw in flaws:
            sentence = f"{flaw.where}: {flaw.says}"
            self._found.add(flaw.name)
            ours = bool(self._knowledge.own) and _is_built_in(flaw.where, self._knowledge)
            accepted = self._accepted.get(flaw.name)
            if accepted is not None:
                if not (ours and _is_built_in(accepted.where, self._knowledge)):
                    self.warnings.append(f"{sentence}. Accepted: {accepted.because}")
            elif ours:
                self.warnings.append(sentence)
            else:
                may_stand = f" (to let it stand, accept '{flaw.name}' with a reason)" if flaw.name else ""
                self.faults.append(sentence + may_stand)

    def stale(self) -> list[str]:
        """What is accepted and was not found."""
        return [
            f"{one.where}: '{one.finding}' is accepted, and not found any more: take it out"
            for one in self._knowledge.accepted
            if one.finding not in self._found and not (self._knowledge.own and _is_built_in(one.where, self._knowledge))
        ]


def _is_built_in(where: str, knowledge: Knowledge) -> bool:
    """Whether a place lies in the built-in folder, whose files are called rules/<path>, as the user's may be too."""
    path = where.removeprefix("rules/").rpartition(":")[0]
    # A file that changes single figures stands beside ours and takes no place.
    theirs = {name for name, how in knowledge.own if how in ("added", "replaced")}
    return where.startswith("rules/") and path not in theirs
