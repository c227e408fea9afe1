"""How many questions the questionnaire needs on labelled cases, and whether it ends where the whole profile does.

    python benchmarks/interview.py [FILE...] [--until settled|certain] [--stated] [--curve]

Each case is interviewed: a fact that it lists is answered with its code, any other with `dont_know`. What the
questionnaire stops with is then held against the recommendation on all the facts of the case. The peer asks in the
order of the vocabulary and stops by the same rule. Without a FILE the cases of rules/cases are taken.
"""

from __future__ import annotations

import argparse
import os
import platform
import statistics
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from advisor.ask.answers_file import read_given
from advisor.ask.order import SETTLED, Question, Until, next_question
from advisor.deciding import fired_rules, open_patterns
from advisor.documents import Answers, Given
from advisor.knowledge import Knowledge, load_knowledge
from advisor.pipeline import advise
from advisor.resources import folder
from advisor.states import states_of
from advisor.strict_yaml import load_file
from advisor.values import DONT_KNOW, Approach

LEVELS = (0.5, 0.6, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95, 1.0)

Ask = Callable[[Answers, Knowledge], Question | None]


@dataclass(frozen=True)
class Case:
    """One labelled case: the facts that it lists, and those of them that are a reading of the description."""

    group: str
    facts: Mapping[str, Given]
    inferred: frozenset[str]


@dataclass(frozen=True)
class Interview:
    """What came of one interview, beside the recommendation on the whole profile.

    Attributes:
        forbidden: the whole profile forbids what the interview ended with.
    """

    group: str
    questions: int
    not_known: int
    same_verdict: bool
    same_pattern: bool
    forbidden: bool


def cases_in(paths: Sequence[Path], knowledge: Knowledge) -> Iterator[Case]:
    """The cases of every list in the files; a list that is not called `cases` is a group of its own."""
    for path in paths:
        content: dict[str, Any] = load_file(path).data
        for name, listed in content.items():
            if isinstance(listed, list):
                group = path.stem if name == "cases" else name
                for case in listed:
                    facts = {fact: read_given(fact, str(code), knowledge) for fact, code in case["facts"].items()}
                    yield Case(group, facts, frozenset(case.get("inferred", ())))


def stated_only(case: Case) -> Case:
    facts = {fact: given for fact, given in case.facts.items() if fact not in case.inferred}
    return Case(case.group, facts, frozenset())


def ours(answers: Answers, knowledge: Knowledge, *, until: Until, level: float) -> Question | None:
    return next_question(answers, knowledge, until, settled_from=level)[0]


def in_vocabulary_order(answers: Answers, knowledge: Knowledge, *, until: Until, level: float) -> Question | None:
    """The first question of the vocabulary that applies, as long as ours would go on."""
    if next_question(answers, knowledge, until, settled_from=level)[0] is None:
        return None
    asked = {given.fact for given in answers.given}
    states = states_of(knowledge, {given.fact: given.code for given in answers.given if given.code != DONT_KNOW})
    return next(
        Question(ask, "")
        for fact, ask in knowledge.asks.items()
        if fact not in asked and len(states[fact].possible) > 1
    )


def interview(case: Case, ask: Ask, knowledge: Knowledge, times: list[float]) -> Interview:
    answers = Answers()
    while True:
        started = time.perf_counter()
        question = ask(answers, knowledge)
        times.append(time.perf_counter() - started)
        if question is None:
            break
        fact = question.ask.fact
        said = case.facts.get(fact, Given(fact=fact, code=DONT_KNOW))
        answers = Answers(given=tuple(sorted((*answers.given, said), key=lambda one: one.fact)))
    whole = advise(Answers(given=tuple(sorted(case.facts.values(), key=lambda one: one.fact))), knowledge)
    ended = advise(answers, knowledge)
    return Interview(
        group=case.group,
        questions=len(answers.given),
        not_known=sum(given.code == DONT_KNOW for given in answers.given),
        same_verdict=ended.approach == whole.approach,
        same_pattern=ended.pattern == whole.pattern,
        forbidden=_forbidden(ended.approach, ended.pattern, case, knowledge),
    )


def _forbidden(approach: Approach | None, pattern: str | None, case: Case, knowledge: Knowledge) -> bool:
    if approach is None:
        return False
    states = states_of(knowledge, {fact: given.code for fact, given in case.facts.items() if given.code != DONT_KNOW})
    return pattern not in {one.id for one in open_patterns(knowledge, states, fired_rules(knowledge, states))[approach]}


def row(name: str, found: Sequence[Interview]) -> str:
    questions = [one.questions for one in found]
    not_known = statistics.mean(one.not_known for one in found)
    cells = [
        name,
        f"{statistics.median(questions):g}",
        f"{statistics.mean(questions):.1f}",
        str(max(questions)),
        f"{not_known:.1f}",
        *(f"{count} of {len(found)}" for count in _counts(found)),
    ]
    return f"| {' | '.join(cells)} |"


def _counts(found: Sequence[Interview]) -> tuple[int, int, int]:
    return (
        sum(one.same_verdict for one in found),
        sum(one.same_pattern for one in found),
        sum(one.forbidden for one in found),
    )


def table(first: str, rows: Sequence[str]) -> str:
    heads = [first, "median", "mean", "most", "not known", "same verdict", "same pattern", "forbidden"]
    return "\n".join([f"| {' | '.join(heads)} |", "| --- |" + " ---: |" * (len(heads) - 1), *rows])


def by_group(cases: Sequence[Case], ask: Ask, knowledge: Knowledge, times: list[float]) -> list[str]:
    found = [interview(case, ask, knowledge, times) for case in cases]
    rows = [
        row(name, [one for one in found if one.group == name]) for name in dict.fromkeys(one.group for one in found)
    ]
    return [*rows, row("all", found)]


def curve(cases: Sequence[Case], knowledge: Knowledge) -> list[str]:
    rows = []
    for level in LEVELS:
        ask = partial(ours, until=Until.SETTLED, level=level)
        rows += [row(f"{level:g}", [interview(case, ask, knowledge, []) for case in cases])]
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description="Questions that the questionnaire needs on labelled cases.")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="labelled cases; rules/cases by default")
    parser.add_argument("--until", type=Until, choices=list(Until), default=Until.SETTLED, help="how far to go")
    parser.add_argument("--stated", action="store_true", help="leave out the facts that are a reading")
    parser.add_argument("--curve", action="store_true", help="our order stopped at other shares, and nothing else")
    words = parser.parse_args()
    knowledge = load_knowledge()
    cases = list(cases_in(words.files or sorted(folder("rules").glob("cases/*.yaml")), knowledge))
    if not cases:
        sys.exit("no labelled case found")
    if words.stated:
        cases = [stated_only(case) for case in cases]
    print(f"Python {platform.python_version()}, {os.cpu_count()} CPUs, {len(cases)} cases\n")
    if words.curve:
        print(table("settled from", curve(cases, knowledge)))
        return
    times: list[float] = []
    mine = partial(ours, until=words.until, level=SETTLED)
    print(table("our order", by_group(cases, mine, knowledge, times)))
    peer = partial(in_vocabulary_order, until=words.until, level=SETTLED)
    print(f"\n{table('order of the vocabulary', by_group(cases, peer, knowledge, []))}")
    times.sort()
    print(
        f"\nA question of ours took {statistics.median(times) * 1000:.0f} ms in the median, "
        f"{times[int(len(times) * 0.95)] * 1000:.0f} ms in 95 of 100, {times[-1] * 1000:.0f} ms at most."
    )


if __name__ == "__main__":
    main()
