"""FACTS + verdict -> PRECEDENTS: the nearest cases on record, with what was chosen there and how they differ.

Nearness follows Gower (1971), over the facts known here: two codes on a scale are alike by their distance in steps,
others only when they are the same. A fact that one side does not tell counts as neither alike nor different, but a case
that tells little of what is known here is no near one:

    nearness = sum of weight * likeness over the facts known on both sides / sum of weight over the facts known here

A fact weighs what the rules make of it: the points that each rule moves, a veto or a stop counting as much as points
that settle a matter, in equal parts for the facts that the rule reads. So what decides counts most, and the weights
follow an organisation's own rules. A fact that bears on no approach has no weight: it tells two projects apart, but not
two choices.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from advisor.conditions import State
from advisor.documents import Fact, Facts
from advisor.documents.recommendation import Compared, Precedent, SourceNote
from advisor.knowledge import Ask, Case, Knowledge
from advisor.notes import note_of
from advisor.states import states_of
from advisor.values import Approach

__all__ = ["MOST", "precedents"]

MOST = 3
"""Precedents that are shown."""

_LEAST_COMPARED = 3
"""Facts: with fewer in common, being alike is chance."""

_LEAST_NEARNESS = 0.4
"""Below it a case differs, or keeps silent, in more than it has in common."""

_SETTLES = 4.0
"""Points that a veto of an approach, or a stop, counts as."""


@dataclass(frozen=True, slots=True)
class _Near:
    """A case, and the facts that both sides tell: the code there, and how like it is to the one here."""

    case: Case
    kind: Literal["practice", "described"]
    there: Mapping[str, str]
    likeness: Mapping[str, float]
    nearness: float

    @property
    def project(self) -> tuple[str | None, str]:
        """What it is a case of: two groups may hold one project, labelled by people apart, under the same name."""
        return self.case.organisation, self.case.name


def precedents(facts: Facts, verdict: Approach | None, knowledge: Knowledge) -> tuple[Precedent, ...]:
    """The nearest cases, at most `MOST`, nearest first; at equal nearness those of real teams first.

    Cases that were made up are never among them, no project is twice, and there are fewer where fewer are near enough.
    """
    weights = _weights(knowledge)
    known = {fact.fact: fact for fact in facts.facts if fact.fact in weights and _is_settled(fact, knowledge)}
    near = [
        one
        for group in knowledge.cases
        if group.kind != "invented"
        for case in group.cases
        if (one := _near(case, group.kind, known, weights, knowledge)) is not None
    ]
    near.sort(key=lambda one: (-one.nearness, one.kind != "practice", one.case.id))
    nearest: dict[tuple[str | None, str], _Near] = {}
    for one in near:
        nearest.setdefault(one.project, one)
    return tuple(_precedent(one, known, verdict, weights, knowledge) for one in islice(nearest.values(), MOST))


def _weights(knowledge: Knowledge) -> dict[str, float]:
    weights: dict[str, float] = {}
    for rule in knowledge.rules:
        effect = rule.effect
        points = sum(sum(moved.values()) for moved in (effect.need, effect.support, effect.oppose))
        points += _SETTLES * sum(reach != "pattern" for reach in effect.veto.values())
        points += _SETTLES if effect.stop else 0.0
        for fact in rule.facts if points else ():
            weights[fact] = weights.get(fact, 0.0) + points / len(rule.facts)
    return weights


def _is_settled(fact: Fact, knowledge: Knowledge) -> bool:
    return fact.applies and fact.code is not None and not knowledge.asks[fact.fact].option(fact.code).could_be


def _near(
    case: Case,
    kind: Literal["practice", "described"],
    known: Mapping[str, Fact],
    weights: Mapping[str, float],
    knowledge: Knowledge,
) -> _Near | None:
    states = states_of(knowledge, case.facts)
    there = {fact: code for fact in known if (code := _settled_code(states[fact])) is not None}
    if len(there) < _LEAST_COMPARED:
        return None
    likeness = {fact: _likeness(known[fact].code or "", code, knowledge.asks[fact]) for fact, code in there.items()}
    alike = sum(weights[fact] * share for fact, share in likeness.items())
    nearness = round(alike / sum(weights[fact] for fact in known), 4)
    return _Near(case, kind, there, likeness, nearness) if nearness >= _LEAST_NEARNESS else None


def _settled_code(state: State) -> str | None:
    """What is told or follows; None for what is open, or does not apply."""
    return state.answered if len(state.possible) == 1 else None


def _likeness(here: str, there: str, ask: Ask) -> float:
    if not ask.ordered:
        return float(here == there)
    scale = ask.settled_codes
    return round(1 - abs(scale.index(here) - scale.index(there)) / (len(scale) - 1), 4)


def _compared(near: _Near, known: Mapping[str, Fact], knowledge: Knowledge) -> Iterator[Compared]:
    for name, code in near.there.items():
        fact = known[name]
        yield Compared(
            fact=name,
            question=fact.question,
            here=fact.means,
            there=knowledge.asks[name].option(code).means,
            likeness=near.likeness[name],
        )


def _precedent(
    near: _Near,
    known: Mapping[str, Fact],
    verdict: Approach | None,
    weights: Mapping[str, float],
    knowledge: Knowledge,
) -> Precedent:
    case = near.case
    choice = case.choice or case.expected
    # What decides most stands first, on either side.
    compared = sorted(
        _compared(near, known, knowledge), key=lambda one: (-weights[one.fact] * abs(one.likeness - 0.5), one.fact)
    )
    return Precedent(
        case=case.id,
        name=case.name,
        organisation=case.organisation,
        year=case.year,
        kind=near.kind,
        description=case.description,
        choice=choice,
        variant=case.variant,
        reasons=case.reasons,
        note=case.note,
        agrees=None if verdict is None else choice is verdict,
        nearness=near.nearness,
        alike=tuple(one for one in compared if one.likeness == 1),
        differs=tuple(one for one in compared if one.likeness < 1),
        not_told=len(known) - len(compared),
        sources=tuple(_notes(case, knowledge)),
    )


def _notes(case: Case, knowledge: Knowledge) -> Iterator[SourceNote]:
    for one in case.sources:
        yield SourceNote(id=case.id, title=one.title, by="", year=None, link=one.link, status=one.status, shows=None)
    for document in case.documents:
        yield note_of(knowledge.sources[document], shows=False)
