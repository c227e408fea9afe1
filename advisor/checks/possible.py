"""Whether conditions can hold together at all: exact, over every answer that the questions can get.

A complete set of answers gives each fact that applies one code, and none of the conflicts that say `cannot_be` holds in
it. The search assigns the facts one by one in reading order, so that a fact comes after those that decide whether it
applies, and leaves a branch as soon as three-valued judgement settles it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache

from advisor.conditions import AllOf, AnyOf, Condition, Not, OneOf, State, Unsettled
from advisor.knowledge import Ask, Knowledge, Option
from advisor.states import NOT_APPLICABLE
from advisor.values import Outcome

__all__ = ["Possible", "with_fact_settled"]

_MAYBE_NONE = "(does not apply)"
"""Stands among the possible codes of a fact that is not assigned, so that no leaf about it is true too early."""


@dataclass(frozen=True, eq=False)
class Possible:
    """The answers that can be given to the questions of `knowledge`.

    Attributes:
        cannot_be: what holds in none of them.
    """

    knowledge: Knowledge
    cannot_be: tuple[Condition, ...]

    @classmethod
    def answers(cls, knowledge: Knowledge) -> Possible:
        """All answers but those that a conflict calls impossible."""
        return cls(knowledge, tuple(conflict.when for conflict in knowledge.conflicts if conflict.cannot_be))

    def example(self, wanted: Iterable[Condition], unwanted: Iterable[Condition] = ()) -> dict[str, str] | None:
        """Answers, as few as settle it, with which all of `wanted` and none of `unwanted` hold; None without any.

        What an answer leaves open ("not tried yet") neither holds nor fails; so it serves `unwanted` alone.
        """
        goal = AllOf(tuple(_spelled_out(part, self.knowledge) for part in wanted))
        barred = tuple(_spelled_out(part, self.knowledge) for part in unwanted)
        found = self._example(goal, barred, ())
        # Most questions are settled without the conflicts, and then without their many facts.
        return self._example(goal, barred, self.cannot_be) if found is not None and self.cannot_be else found

    def implies(self, narrow: Condition, wide: Condition) -> bool:
        """Whether `wide` holds with all answers with which `narrow` does."""
        return self.example([narrow], [wide]) is None

    def _example(
        self, goal: Condition, barred: tuple[Condition, ...], cannot_be: tuple[Condition, ...]
    ) -> dict[str, str] | None:
        order: dict[str, None] = {}
        for facts in (goal.facts(), AllOf(barred).facts(), AllOf(cannot_be).facts()):
            deciding = self._with_deciding_facts(facts)
            order.update((fact, None) for fact in self.knowledge.asks if fact in deciding)
        read = (goal, *barred, *cannot_be, *(self.knowledge.asks[fact].when for fact in order))
        choices = [(self.knowledge.asks[fact], told) for fact, told in self._told_apart(order, read)]
        states = {ask.fact: _open(ask) for ask, _ in choices}
        return self._search(goal, (*barred, *cannot_be), choices, {}, states)

    def _told_apart(
        self, facts: Iterable[str], conditions: Iterable[Condition]
    ) -> Iterator[tuple[str, tuple[Option, ...]]]:
        """For each fact, one option of all those that the conditions judge alike."""
        sets: dict[str, set[frozenset[str]]] = {fact: set() for fact in facts}
        for leaf in AllOf(tuple(conditions)).leaves():
            if isinstance(leaf, OneOf) and leaf.fact in sets:
                sets[leaf.fact].add(leaf.codes)
        for fact, codes in sets.items():
            alike = {
                tuple(
                    (option.code in some, _possible(option) <= some, not _possible(option) & some) for some in codes
                ): option
                for option in reversed(self.knowledge.asks[fact].options)
            }
            yield fact, tuple(reversed(alike.values()))

    def _search(
        self,
        goal: Condition,
        barred: tuple[Condition, ...],
        choices: list[tuple[Ask, tuple[Option, ...]]],
        codes: dict[str, str],
        states: Mapping[str, State],
    ) -> dict[str, str] | None:
        outcome = goal.judge(states)
        left = tuple(part for part in barred if part.judge(states) is not Outcome.FALSE)
        if outcome is Outcome.FALSE or any(part.judge(states) is Outcome.TRUE for part in left):
            return None
        if outcome is Outcome.TRUE and not (left and choices):
            return codes
        if not choices:
            return None
        (ask, options), rest = choices[0], choices[1:]
        if ask.when.judge(states) is Outcome.FALSE:
            return self._search(goal, left, rest, codes, {**states, ask.fact: NOT_APPLICABLE})
        found = (
            self._search(
                goal,
                left,
                rest,
                {**codes, ask.fact: option.code},
                {**states, ask.fact: State(option.code, _possible(option))},
            )
            for option in options
        )
        return next((codes for codes in found if codes is not None), None)

    def _with_deciding_facts(self, facts: Iterable[str]) -> set[str]:
        """`facts` and all that decide whether they apply."""
        found: set[str] = set()
        waiting = list(facts)
        while waiting:
            fact = waiting.pop()
            if fact not in found:
                found.add(fact)
                waiting.extend(self.knowledge.asks[fact].when.facts())
        return found


def _possible(option: Option) -> frozenset[str]:
    return frozenset(option.could_be or (option.code,))


@cache
def _open(ask: Ask) -> State:
    return State(None, frozenset((*ask.codes, _MAYBE_NONE)))


def with_fact_settled(condition: Condition, fact: str, code: str) -> Condition:
    """What remains of the condition when one fact has this code: it reads the other facts alone."""
    match condition:
        case AllOf(parts):
            return AllOf(tuple(with_fact_settled(part, fact, code) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(with_fact_settled(part, fact, code) for part in parts))
        case Not(part):
            return Not(with_fact_settled(part, fact, code))
        case OneOf() if condition.fact == fact:
            return AllOf(()) if code in condition.codes else AnyOf(())
    return condition


def _spelled_out(condition: Condition, knowledge: Knowledge) -> Condition:
    """The condition without `unsettled`: any fact that applies may be open."""
    match condition:
        case AllOf(parts):
            return AllOf(tuple(_spelled_out(part, knowledge) for part in parts))
        case AnyOf(parts):
            return AnyOf(tuple(_spelled_out(part, knowledge) for part in parts))
        case Not(part):
            return Not(_spelled_out(part, knowledge))
        case Unsettled(fact):
            return OneOf(fact, frozenset(knowledge.asks[fact].codes), "any code")
    return condition
