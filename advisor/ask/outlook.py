"""What the questions that are left can still do to the advice. Pure: answers and knowledge in, figures out.

The advice rests on what is known when the questions end. So what is open is not what the project is like, but what its
team will still say: one of the codes, or that it does not know. Each way to go on is one such set of replies, every
reply to a question equally often, `dont_know` among them. What was asked and is not known stays unknown in all of them.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from advisor.conditions import Condition, State
from advisor.deciding import Verdict, decide
from advisor.documents import Answers
from advisor.knowledge import Knowledge, Rule
from advisor.sensitivity import COMPLETIONS, Completed, complete, split_rules
from advisor.states import never_so, states_of
from advisor.values import DONT_KNOW, Approach, Outcome

__all__ = ["Aim", "Outlook", "Turn"]

Aim = Literal["approach", "pattern"]
"""What may turn: the approach, or the pattern, and with it the approach."""

_TRACED = 8
"""Ways to go on of which it is found out which replies turn the advice; more of them name no other question first."""


@dataclass(frozen=True, slots=True)
class Turn:
    """Replies that turn the advice together, none of which can be spared, and what it is then."""

    replies: Mapping[str, str]
    verdict: Verdict


class Outlook:
    """The advice on what is known, and the ways in which the questions left may go.

    Attributes:
        codes: what is known.
        states: of every fact.
        verdict: on what is known alone.
        unasked: the facts that can be asked: open, not known to be out of place, and not asked yet.
        ways: the ways to go on; the verdict of each rests on what is known then.
    """

    def __init__(self, answers: Answers, knowledge: Knowledge, points: int = COMPLETIONS) -> None:
        asked = {given.fact for given in answers.given}
        self._knowledge = knowledge
        self.codes = {given.fact: given.code for given in answers.given if given.code != DONT_KNOW}
        self.states: Mapping[str, State] = states_of(knowledge, self.codes)
        self._certain, may_fire = split_rules(knowledge, self.states)
        self._open = frozenset(may_fire)
        self._gains: dict[Aim, dict[str, float]] = {}
        self.verdict = self._decide(self.states)
        self.unasked = tuple(f for f, state in self.states.items() if len(state.possible) > 1 and f not in asked)
        self.ways = complete(self.codes, knowledge, vary_weights=False, points=points, asked=asked)

    def leading(self) -> tuple[Approach | None, float]:
        """The approach of the pattern that most ways lead to, and their share in all; in [0, 1]."""
        counts = Counter((way.approach, way.pattern) for way in self.ways)
        most = max(counts, key=lambda reached: (counts[reached], str(reached)))
        return most[0], counts[most] / len(self.ways)

    def share(self, aim: Aim) -> float:
        """The share of the ways that leave the advice as it is on what is known; in [0, 1]."""
        now = _of(self.verdict, aim)
        return sum(_of(way, aim) == now for way in self.ways) / len(self.ways)

    def gains(self, aim: Aim) -> Mapping[str, float]:
        """How much each reply lowers the Gini impurity (Breiman et al., 1984) of where the ways lead."""
        if aim not in self._gains:
            groups: dict[str, dict[str, list[str | None]]] = {fact: {} for fact in self.unasked}
            for way in self.ways:
                for fact, code in way.filled.items():
                    groups[fact].setdefault(code, []).append(_of(way, aim))
            self._gains[aim] = {fact: _gain(list(replies.values())) for fact, replies in groups.items()}
        return self._gains[aim]

    def turns(self, aim: Aim) -> Iterator[Turn]:
        """For each of the first ways that lead elsewhere, a smallest set of its replies that turns the advice."""
        now = _of(self.verdict, aim)
        for way in itertools.islice((way for way in self.ways if _of(way, aim) != now), _TRACED):
            replies = {fact: code for fact, code in way.filled.items() if code != DONT_KNOW}
            for fact in sorted(replies, key=lambda fact: (self.gains(aim)[fact], fact)):
                fewer = {other: code for other, code in replies.items() if other != fact}
                if _of(self._with(fewer), aim) != now:
                    replies = fewer
            yield Turn(replies, self._with(replies))

    def best(self, facts: Collection[str], aim: Aim) -> str:
        """The fact among `facts` whose reply is expected to settle most."""
        return max(sorted(facts), key=self.gains(aim).__getitem__)

    def single(self, fact: str) -> dict[str, Verdict]:
        """The verdict that each code of `fact` makes of what is known; codes that no project can have are left out."""
        return {
            code: self._decide(states)
            for code in self._codes(fact)
            if self._can_be(states := states_of(self._knowledge, {**self.codes, fact: code}))
        }

    def flipping(self) -> dict[str, dict[str, Verdict]]:
        """The questions of which one answer alone makes another approach of what is known, with those answers."""
        found = {}
        for fact in self.unasked:
            turned = {c: v for c, v in self.single(fact).items() if v.approach is not self.verdict.approach}
            if turned:
                found[fact] = turned
        return found

    def forbidding(self) -> dict[str, Rule]:
        """The questions whose answers, alone or together, can forbid what would be built, each with the first rule."""
        found: dict[str, Rule] = {}
        for rule in self._knowledge.rules:
            if self._forbids(rule) and rule.when.judge(self.states) is Outcome.UNKNOWN:
                open_facts = [fact for fact in self.unasked if fact in rule.facts]
                if self._can_fire(rule, open_facts):
                    found = {**dict.fromkeys(open_facts, rule), **found}
        return found

    def _forbids(self, rule: Rule) -> bool:
        """Whether the veto of `rule` reaches the approach or the pattern that the verdict is now."""
        if self.verdict.approach is None or self.verdict.pattern is None:
            return False
        halves = self._knowledge.patterns[self.verdict.pattern].halves
        return any(
            target == self.verdict.pattern
            if reach == "pattern"
            else target == self.verdict.approach or (reach == "any" and target in halves)
            for target, reach in rule.effect.veto.items()
        )

    def _can_fire(self, rule: Rule, facts: Collection[str]) -> bool:
        for codes in itertools.product(*map(self._codes, facts)):
            states = states_of(self._knowledge, {**self.codes, **dict(zip(facts, codes, strict=True))})
            if rule.when.judge(states) is Outcome.TRUE and self._can_be(states):
                return True
        return False

    def _codes(self, fact: str) -> tuple[str, ...]:
        return tuple(c for c in self._knowledge.asks[fact].settled_codes if c in self.states[fact].possible)

    @cached_property
    def _never(self) -> list[Condition]:
        return never_so(self._knowledge, self.states)

    def _can_be(self, states: Mapping[str, State]) -> bool:
        return all(when.judge(states) is not Outcome.TRUE for when in self._never)

    def _with(self, replies: Mapping[str, str]) -> Verdict:
        return self._decide(states_of(self._knowledge, {**self.codes, **replies}))

    def _decide(self, states: Mapping[str, State]) -> Verdict:
        """The verdict on states that know at least what `states` does: only the rules open there are judged again."""
        return decide(self._knowledge, states, [*self._certain, *self._knowledge.firing.on(states, self._open)])


def _of(found: Verdict | Completed, aim: Aim) -> str | None:
    return found.approach if aim == "approach" else found.pattern


def _gain(groups: list[list[str | None]]) -> float:
    together = list(itertools.chain.from_iterable(groups))
    return len(together) * _gini(together) - sum(len(group) * _gini(group) for group in groups)


def _gini(reached: list[str | None]) -> float:
    return 1 - sum((count / len(reached)) ** 2 for count in Counter(reached).values()) if reached else 0.0
