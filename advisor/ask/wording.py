"""Why a question is asked now, in one line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from advisor.ask.outlook import Aim
from advisor.deciding import Verdict
from advisor.knowledge import Knowledge, Rule
from advisor.values import Approach

__all__ = ["forbids", "rest", "turns", "turns_alone"]


def turns_alone(knowledge: Knowledge, now: Verdict, fact: str, others: Mapping[str, Verdict]) -> str:
    """For a question of which one answer is enough.

    Args:
        knowledge: the rules.
        now: the verdict on what is known.
        fact: the fact that is asked for.
        others: the codes that make another approach, with the verdict then; at least one.
    """
    code, verdict = next(iter(others.items()))
    means, then = knowledge.asks[fact].option(code).means, _title(verdict.approach, knowledge)
    approaches = dict.fromkeys(_title(one.approach, knowledge) for one in (now, *others.values()))
    return f"It can tip the verdict: {_listed(approaches)}. “{means}” alone makes it {then}."


def turns(knowledge: Knowledge, now: Verdict, others: Iterable[Verdict], aim: Aim) -> str:
    """For a question whose answer changes the advice together with other answers."""
    if aim == "approach":
        approaches = dict.fromkeys(_title(one.approach, knowledge) for one in (now, *others))
        return f"It can tip the verdict: {_listed(approaches)}, depending on the answer and on others."
    patterns = dict.fromkeys(_pattern(one, knowledge) for one in (now, *others))
    return f"The approach is settled; this can change how it is built: {_listed(patterns)}."


def forbids(knowledge: Knowledge, now: Verdict, rule: Rule) -> str:
    """For a question whose answer can forbid what would be built."""
    return f"It can forbid what would be built as it stands, {_pattern(now, knowledge)}: {rule.says}"


def rest() -> str:
    """For a question that is asked only because everything is."""
    return "It changes the advice in none of the ways tried; it sharpens plan and risks."


def _pattern(verdict: Verdict, knowledge: Knowledge) -> str:
    return knowledge.patterns[verdict.pattern].title if verdict.pattern else "nothing, since all is ruled out"


def _title(approach: Approach | None, knowledge: Knowledge) -> str:
    return knowledge.approaches[approach].title if approach else "no verdict"


def _listed(words: Iterable[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} or {last}" if most else last
