"""ANSWERS -> FACTS: every fact of the vocabulary, with its origin."""

from __future__ import annotations

from advisor.documents import Answers, Fact, Facts
from advisor.knowledge import Knowledge
from advisor.states import NOT_APPLICABLE, states_of
from advisor.values import DONT_KNOW, Outcome

__all__ = ["derive", "known_codes"]


def known_codes(answers: Answers) -> dict[str, str]:
    """The codes that were given; `dont_know` is not one."""
    return {given.fact: given.code for given in answers.given if given.code != DONT_KNOW}


def derive(answers: Answers, knowledge: Knowledge) -> Facts:
    """Works out what is known: answered, following from other facts, or unknown; and what does not apply."""
    codes = known_codes(answers)
    numbers = {given.fact: given.number for given in answers.given}
    states = states_of(knowledge, codes)
    facts = []
    for name in sorted(knowledge.asks):
        ask, state = knowledge.asks[name], states[name]
        code = codes.get(name, state.answered)
        because = ""
        if code is not None and name not in codes:
            because = next(
                d.because for d in knowledge.derivations if d.fact == name and d.when.judge(states) is Outcome.TRUE
            )
        facts.append(
            Fact(
                fact=name,
                criterion=ask.criterion,
                question=ask.question,
                code=code,
                number=numbers.get(name) if code is not None else None,
                unit=ask.unit,
                origin="unknown" if code is None else "answered" if name in codes else "derived",
                applies=state is not NOT_APPLICABLE,
                means=ask.option(code).means if code is not None else "",
                because=because,
            )
        )
    return Facts(facts=tuple(facts))
