"""Which question next. Pure: answers and knowledge in, question out."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain

from advisor.conditions import States
from advisor.deciding import decide_states, fired_rules
from advisor.documents import Answers
from advisor.knowledge import Ask, Knowledge
from advisor.sensitivity import Completed, complete, groups_by_fact, open_facts, shares_of
from advisor.states import never_so, states_of
from advisor.values import DONT_KNOW, Approach, Outcome

__all__ = ["CLOSER", "Progress", "Question", "next_question"]


CLOSER = 2048
"""Completions that must all agree before the questionnaire stops."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How settled the verdict is.

    Attributes:
        share: of the ways to fill in what is unknown that lead to `leading`; in [0, 1].
        leading: the verdict that most of them lead to.
    """

    share: float
    leading: Approach | None


@dataclass(frozen=True, slots=True)
class Question:
    """The next question, and why it is asked now."""

    ask: Ask
    why_now: str


def next_question(
    answers: Answers, knowledge: Knowledge, *, everything: bool = False
) -> tuple[Question | None, Progress]:
    """The question expected to settle most, and how settled the verdict is; no question when nothing can change it.

    Args:
        answers: what was said so far; `dont_know` counts as asked.
        knowledge: the rules.
        everything: go on with the rest when the verdict is settled.
    """
    codes = {given.fact: given.code for given in answers.given if given.code != DONT_KNOW}
    asked = {given.fact for given in answers.given}
    completed = complete(codes, knowledge, vary_weights=False)
    if len({one.approach for one in completed}) == 1:
        # Before it says that nothing can change the verdict, it looks closer.
        completed = complete(codes, knowledge, vary_weights=False, points=CLOSER)
    lead = shares_of(completed)[0]
    progress = Progress(lead.share, lead.approach)
    gains = {fact: _gain(groups) for fact, groups in groups_by_fact(completed).items() if fact not in asked}
    for fact in sorted(gains, key=lambda fact: (-gains[fact], fact)) if lead.share < 1 else ():
        if _can_tip(fact, completed, codes, knowledge):
            return Question(knowledge.asks[fact], _why_now(fact, completed, knowledge)), progress
    states = states_of(knowledge, codes)
    if lead.share == 1:
        for fact in sorted(gains):
            if _can_forbid_pattern(fact, codes, states, knowledge):
                return Question(
                    knowledge.asks[fact], "The approach is settled; this can forbid how we would build it."
                ), progress
    if everything:
        rest = [ask for fact, ask in knowledge.asks.items() if fact not in asked and states[fact].possible]
        if rest:
            return Question(rest[0], "It cannot change the verdict any more; it sharpens plan and risks."), progress
    return None, progress


def _gain(groups: Mapping[str, Sequence[Approach | None]]) -> float:
    """How much knowing the code lowers the Gini impurity of the verdicts (Breiman et al., 1984), times their number."""
    together = list(chain.from_iterable(groups.values()))
    return len(together) * _gini(together) - sum(len(group) * _gini(group) for group in groups.values())


def _can_tip(fact: str, completed: Sequence[Completed], codes: Mapping[str, str], knowledge: Knowledge) -> bool:
    """Whether another code of `fact`, and nothing else changed, gives another verdict on some completion.

    A gain does not say so: chance gives every fact a little, also those that no open rule reads.
    """
    scale = knowledge.asks[fact].settled_codes
    now = states_of(knowledge, codes)
    impossible = never_so(knowledge, now)
    for one in completed:
        if fact in one.filled:
            other = scale[(scale.index(one.filled[fact]) + 1) % len(scale)]
            swapped = states_of(knowledge, {**codes, **one.filled, fact: other})
            if any(when.judge(swapped) is Outcome.TRUE for when in impossible):
                continue
            if decide_states(knowledge, swapped).approach is not one.approach:
                return True
    return False


def _can_forbid_pattern(fact: str, codes: Mapping[str, str], states: States, knowledge: Knowledge) -> bool:
    """Whether a code of `fact` vetoes the pattern that would be built, as unequal rights do an index for everybody."""
    verdict = decide_states(knowledge, states)
    if verdict.approach is None:
        return False
    for code in knowledge.asks[fact].settled_codes:
        known = states_of(knowledge, {**codes, fact: code})
        vetoed = {target for rule in fired_rules(knowledge, known) for target in rule.effect.veto}
        if verdict.pattern in vetoed:
            return True
    return False


def _gini(verdicts: Sequence[Approach | None]) -> float:
    return 1 - sum((count / len(verdicts)) ** 2 for count in Counter(verdicts).values())


def _why_now(fact: str, completed: Sequence[Completed], knowledge: Knowledge) -> str:
    found = next(one for one in open_facts(completed, knowledge) if one.fact == fact)
    towards = dict.fromkeys(_title(one.approach, knowledge) for one in found.leads_to)
    if len(towards) > 1:
        return f"It can tip the verdict: {_listed(towards)}, depending on the answer."
    return "It settles how firm the verdict is."


def _title(approach: Approach | None, knowledge: Knowledge) -> str:
    return knowledge.approaches[approach].title if approach else "no verdict"


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
