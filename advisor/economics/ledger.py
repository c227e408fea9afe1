"""Looks figures up where they stand first, and notes which were used and whose they are."""

from __future__ import annotations

from typing import Literal

from advisor.documents import Answers, Facts
from advisor.documents.costs import Amount, UsedFigure
from advisor.economics.terms import Term
from advisor.knowledge import Figure, Knowledge

__all__ = ["Ledger", "amount"]

_ENDLESS = 1e300
"""What is as large has no end: products of answers beyond all sense, which a document cannot hold."""
_SELF_HOSTED = ("self_hosted", "offline_edge")


def amount(term: Term) -> Amount:
    """As documents keep it."""
    return Amount(low=min(term.low, _ENDLESS), high=None if term.high >= _ENDLESS else term.high)


class Ledger:
    """The figures and facts of one decision.

    A figure is the user's own for this decision, else that of their rules folder, else ours. A fact is the number that
    was given, else the band of its code.

    Attributes:
        missing: facts that were asked for and are unknown.
    """

    def __init__(self, answers: Answers, facts: Facts, knowledge: Knowledge) -> None:
        self._knowledge = knowledge
        self._figures = knowledge.prices.figures
        self._given = {given.figure: given.number for given in answers.figures}
        self._facts = {fact.fact: fact for fact in facts.facts}
        self._used: dict[str, UsedFigure] = {}
        self.missing: list[str] = []

    def __call__(self, name: str) -> Term:
        """The figure of this id."""
        figure = self._figures[name]
        low, high = figure.low, figure.high
        origin: Literal["user", "own_rules", "rules"] = "own_rules" if figure.own else "rules"
        if name in self._given:
            low = high = self._given[name]
            origin = "user"
        term = Term(low, high, name, (name,))
        self._used.setdefault(name, _used(figure, term, origin))
        return term

    def of_task(self, name: str) -> Term:
        """A figure that hangs on the task: as the user set it for all tasks, else as it is for this one."""
        task = f"{name}_{self.code('task_type')}"
        set_for_all = name in self._given or self._figures[name].own
        by_task = task in self._given or (task in self._figures and not set_for_all)
        return self(task if by_task else name)

    def code(self, fact: str) -> str | None:
        """The code of a fact that applies, or None."""
        found = self._facts.get(fact)
        return found.code if found is not None and found.applies else None

    def applies(self, fact: str) -> bool:
        """Whether the fact means anything here."""
        return fact in self._facts and self._facts[fact].applies

    def fact(self, name: str, *, least: float = 0.0) -> Term | None:
        """The number of a fact, at least `least`; None, and noted as missing, while it is unknown."""
        found, code = self._facts.get(name), self.code(name)
        if found is None or code is None:
            if self.applies(name) and name not in self.missing:
                self.missing.append(name)
            return None
        band = self._knowledge.asks[name].option(code).band
        if found.number is not None:
            low = high = found.number
        elif band is not None:
            low, high = band.low, band.high
        else:
            return None
        term = Term(max(low, least), max(high, least), name, (name,))
        self._used[name] = UsedFigure(
            id=name,
            means=found.question,
            amount=amount(term),
            unit=found.unit or "",
            origin="band" if found.number is None else "answer",
            status="",
            as_of="",
            source="",
        )
        return term

    @property
    def self_hosted(self) -> bool:
        """Nothing may leave the user's own machines."""
        return self.code("data_boundary") in _SELF_HOSTED

    @property
    def used(self) -> tuple[UsedFigure, ...]:
        """All that was looked up, in alphabetical order."""
        return tuple(self._used[name] for name in sorted(self._used))


def _used(figure: Figure, term: Term, origin: Literal["user", "own_rules", "rules"]) -> UsedFigure:
    is_users = origin == "user"
    return UsedFigure(
        id=figure.id,
        means=figure.means,
        amount=amount(term),
        unit=f"{figure.currency} {figure.unit}" if figure.currency else figure.unit,
        origin=origin,
        status="" if is_users else figure.status,
        as_of="" if is_users else figure.as_of,
        source="" if is_users else figure.source,
    )
