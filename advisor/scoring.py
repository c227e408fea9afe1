"""Labelled cases -> SCORE: agreement, confusion, calibration, and what the loss of single facts costs.

Verdicts are those of the whole path; reasons, flips and plans are left out, since no figure here needs them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from advisor.confidence import level_of, why_undecided
from advisor.deciding import contributions, decide, fired_rules
from advisor.documents.score import Cell, Disagreement, GroupScore, LeftOut, LevelScore, LostFact, Reading, Score, Tally
from advisor.knowledge import Case, CaseGroup, Knowledge
from advisor.sensitivity import complete, shares_of
from advisor.states import states_of
from advisor.values import Approach, Confidence, Undecided

__all__ = ["Judged", "judge", "score"]

_LEVELS: tuple[Confidence, ...] = ("high", "medium", "low")


@dataclass(frozen=True, slots=True)
class Judged:
    """The verdict on a profile; `approach` is None when there is none, and `confidence` that of the leading one."""

    approach: Approach | None
    undecided: Undecided | None
    level: Confidence
    confidence: float


@dataclass(frozen=True, slots=True)
class _Scored:
    group: str
    case: Case
    judged: Judged

    @property
    def is_exact(self) -> bool:
        return self.judged.approach == self.case.expected

    @property
    def is_acceptable(self) -> bool:
        return self.judged.approach in self.case.acceptable

    @property
    def is_high(self) -> bool:
        return self.judged.approach is not None and self.judged.level == "high"


def judge(codes: Mapping[str, str], knowledge: Knowledge) -> Judged:
    """The verdict on these codes, as the recommendation gives it."""
    states = states_of(knowledge, codes)
    fired = fired_rules(knowledge, states)
    verdict = decide(knowledge, states, fired)
    shares = {one.approach: one.share for one in shares_of(complete(codes, knowledge))}
    share = shares.get(verdict.approach, 0.0)
    known = sum(state.answered is not None for state in states.values())
    points = (
        given for approach, _, _, given in contributions(knowledge, states, fired) if approach is verdict.approach
    )
    undecided = why_undecided(verdict, share, known, points, knowledge.levels)
    return Judged(None if undecided else verdict.approach, undecided, level_of(share, knowledge.levels), share)


def score(
    groups: Sequence[CaseGroup],
    knowledge: Knowledge,
    *,
    leave_one_out: bool = True,
    after_case: Callable[[], None] = lambda: None,
) -> Score:
    """Judges every case with all its facts, with the stated ones alone, and with each fact left out in turn.

    Args:
        groups: the cases.
        knowledge: the rules.
        leave_one_out: whether to leave facts out one by one, which takes some ten times as long as the rest.
        after_case: called after each case, to show how far it is.
    """
    whole: list[list[_Scored]] = []
    stated: list[list[_Scored]] = []
    left_out: list[tuple[_Scored, str, _Scored]] = []
    for group in groups:
        whole.append([])
        stated.append([])
        for case in group.cases:
            full = _Scored(group.id, case, judge(case.facts, knowledge))
            whole[-1].append(full)
            stated[-1].append(_Scored(group.id, case, judge(case.stated, knowledge)))
            for fact in case.facts if leave_one_out else ():
                rest = {other: code for other, code in case.facts.items() if other != fact}
                left_out.append((full, fact, _Scored(group.id, case, judge(rest, knowledge))))
            after_case()
    return Score(
        groups=tuple(
            GroupScore(group=one.id, title=one.title, note=one.note, all_facts=_tally(a), stated_facts=_tally(b))
            for one, a, b in zip(groups, whole, stated, strict=True)
        ),
        all_facts=_reading([one for scored in whole for one in scored]),
        stated_facts=_reading([one for scored in stated for one in scored]),
        left_out=_left_out(left_out) if leave_one_out else None,
        rules_digest=knowledge.digest,
        own_rules=knowledge.own,
    )


def _tally(scored: Sequence[_Scored]) -> Tally:
    return Tally(
        cases=len(scored),
        exact=sum(one.is_exact for one in scored),
        acceptable=sum(one.is_acceptable for one in scored),
        abstained=sum(one.judged.approach is None for one in scored),
        high=sum(one.is_high for one in scored),
        high_acceptable=sum(one.is_high and one.is_acceptable for one in scored),
    )


def _reading(scored: Sequence[_Scored]) -> Reading:
    cells = Counter((one.case.expected, one.judged.approach) for one in scored)
    given = [one for one in scored if one.judged.approach is not None]
    squares = [(one.judged.confidence - one.is_acceptable) ** 2 for one in given]
    return Reading(
        total=_tally(scored),
        confusion=tuple(
            Cell(expected=expected, got=got, cases=cells[expected, got])
            for expected in Approach
            for got in (*Approach, None)
            if cells[expected, got]
        ),
        levels=tuple(_level(level, [one for one in given if one.judged.level == level]) for level in _LEVELS),
        brier=round(sum(squares) / len(squares), 4) if squares else None,
        disagreements=tuple(
            _disagreement(one)
            for one in sorted(scored, key=lambda one: (one.is_acceptable, -one.judged.confidence, one.case.id))
            if not one.is_exact
        ),
    )


def _level(level: Confidence, scored: Sequence[_Scored]) -> LevelScore:
    return LevelScore(
        level=level,
        cases=len(scored),
        exact=sum(one.is_exact for one in scored),
        acceptable=sum(one.is_acceptable for one in scored),
        mean=round(sum(one.judged.confidence for one in scored) / len(scored), 4) if scored else None,
    )


def _disagreement(one: _Scored) -> Disagreement:
    return Disagreement(
        case=one.case.id,
        name=one.case.name,
        group=one.group,
        expected=one.case.expected,
        acceptable=one.case.acceptable,
        got=one.judged.approach,
        undecided=one.judged.undecided,
        level=one.judged.level,
        confidence=one.judged.confidence,
    )


def _left_out(dropped: Sequence[tuple[_Scored, str, _Scored]]) -> LeftOut:
    cases = Counter(fact for _, fact, _ in dropped)
    lost = Counter(fact for full, fact, rest in dropped if full.is_acceptable and not rest.is_acceptable)
    gained = Counter(fact for full, fact, rest in dropped if rest.is_acceptable and not full.is_acceptable)
    by_harm = sorted(cases, key=lambda fact: (-lost[fact] / cases[fact], -lost[fact], fact))
    return LeftOut(
        verdicts=len(dropped),
        acceptable=sum(rest.is_acceptable for _, _, rest in dropped),
        facts=tuple(LostFact(fact=fact, cases=cases[fact], lost=lost[fact], gained=gained[fact]) for fact in by_harm),
    )
