"""Which question next, and when to stop. Pure: answers and knowledge in, question out.

First what tells the approaches apart, then what alone could still turn or forbid what would be built, then what tells
its patterns apart; within each the question expected to settle most. What can change nothing is not asked.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from advisor.ask.outlook import Aim, Outlook
from advisor.ask.wording import forbids, rest, turns, turns_alone
from advisor.confidence import why_undecided
from advisor.deciding import contributions, fired_rules
from advisor.documents import Answers
from advisor.knowledge import Ask, Knowledge
from advisor.sensitivity import complete, shares_of
from advisor.values import Approach

__all__ = ["CLOSER", "SETTLED", "Progress", "Question", "Until", "could_change", "next_question"]

SETTLED = 0.9
"""The share of the ways to go on that must end in the advice as it stands before the questionnaire stops.

From the curve of `benchmarks/interview.py --curve` on our own labelled cases: the verdict of the whole profile is
reached in all of them from 0.8 on, its pattern in all but one from 0.85 on. More than 0.9 costs a question and more.
"""

CLOSER = 2048
"""Ways to go on that must all agree before it is said that nothing can change the advice."""


class Until(StrEnum):
    """How far the questionnaire goes.

    Attributes:
        SETTLED: until the advice is settled, and no open answer alone turns or forbids it.
        CERTAIN: until none of CLOSER ways to go on changes it.
        EVERYTHING: until nothing is left to ask.
    """

    SETTLED = "settled"
    CERTAIN = "certain"
    EVERYTHING = "everything"


@dataclass(frozen=True, slots=True)
class Progress:
    """How settled the advice is.

    Attributes:
        share: of the ways to go on that end in the approach and pattern that most of them end in; in [0, 1].
        leading: that approach.
        unasked: how many questions are left, those that can change nothing among them.
    """

    share: float
    leading: Approach | None
    unasked: int


@dataclass(frozen=True, slots=True)
class Question:
    """The next question, and why it is asked now."""

    ask: Ask
    why_now: str


def next_question(
    answers: Answers, knowledge: Knowledge, until: Until = Until.SETTLED, *, settled_from: float = SETTLED
) -> tuple[Question | None, Progress]:
    """The question expected to settle most, and how settled the advice is; no question when it is settled.

    Args:
        answers: what was said so far; `dont_know` counts as asked.
        knowledge: the rules.
        until: how far to go.
        settled_from: the share that counts as settled.
    """
    outlook = Outlook(answers, knowledge)
    if until is not Until.SETTLED and outlook.share("pattern") == 1:
        # Before it says that nothing can change the advice, it looks closer.
        outlook = Outlook(answers, knowledge, CLOSER)
    chosen = _choose(outlook, knowledge, settled_from if until is Until.SETTLED else 1)
    if chosen is None and until is Until.SETTLED and not _enough(outlook, knowledge):
        chosen = _choose(outlook, knowledge, 1)
    if chosen is None and until is Until.EVERYTHING and outlook.unasked:
        chosen = outlook.unasked[0], rest()
    leading, share = outlook.leading()
    progress = Progress(share, leading, len(outlook.unasked))
    return (Question(knowledge.asks[chosen[0]], chosen[1]) if chosen else None), progress


def could_change(answers: Answers, knowledge: Knowledge) -> frozenset[str]:
    """The facts not asked yet that are known to be able to change the advice, alone or with others; not all of them."""
    outlook = Outlook(answers, knowledge)
    return frozenset(fact for turn in outlook.turns("pattern") for fact in turn.replies)


def _choose(outlook: Outlook, knowledge: Knowledge, level: float) -> tuple[str, str] | None:
    """The fact to ask and why, or None where the advice is settled to this level."""
    if outlook.share("approach") < level:
        return _best_turn(outlook, knowledge, "approach")
    if flipping := outlook.flipping():
        fact = outlook.best(flipping, "approach")
        return fact, turns_alone(knowledge, outlook.verdict, fact, flipping[fact])
    if forbidding := outlook.forbidding():
        fact = outlook.best(forbidding, "pattern")
        return fact, forbids(knowledge, outlook.verdict, forbidding[fact])
    if outlook.share("pattern") < level:
        return _best_turn(outlook, knowledge, "pattern")
    return None


def _best_turn(outlook: Outlook, knowledge: Knowledge, aim: Aim) -> tuple[str, str]:
    found = list(outlook.turns(aim))
    fact = outlook.best({fact for turn in found for fact in turn.replies}, aim)
    if aim == "approach":
        alone = {c: v for c, v in outlook.single(fact).items() if v.approach is not outlook.verdict.approach}
        if alone:
            return fact, turns_alone(knowledge, outlook.verdict, fact, alone)
    return fact, turns(knowledge, outlook.verdict, [turn.verdict for turn in found if fact in turn.replies], aim)


def _enough(outlook: Outlook, knowledge: Knowledge) -> bool:
    """Whether a recommendation on what is known gives a verdict, and does not say that too little is known."""
    verdict, states = outlook.verdict, outlook.states
    shares = {one.approach: one.share for one in shares_of(complete(outlook.codes, knowledge))}
    known = sum(state.answered is not None for state in states.values())
    lines = contributions(knowledge, states, fired_rules(knowledge, states))
    points = (added for approach, _, _, added in lines if approach is verdict.approach)
    undecided = why_undecided(verdict, shares.get(verdict.approach, 0.0), known, points, knowledge.levels)
    return undecided != "too_little_known"
