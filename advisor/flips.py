"""The smallest changes of what is known that change the verdict, each checked by evaluating it, in the user's units."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping
from itertools import combinations, product, takewhile

from advisor.conditions import State
from advisor.confidence import why_undecided
from advisor.deciding import Verdict, contributions, decide, fired_rules
from advisor.documents import Facts
from advisor.documents.stability import Change, Flip
from advisor.knowledge import Ask, Knowledge, Rule
from advisor.states import moving, never_so, restated, states_of
from advisor.values import Approach, Band, Outcome

__all__ = ["flips_of"]

_TOGETHER = 3
"""So many constraints are given up together at most; beyond that it is another project."""


Share = Callable[[Mapping[str, str], Approach], float]
"""Which share of the completions of some codes keeps an approach."""


def flips_of(facts: Facts, codes: Mapping[str, str], knowledge: Knowledge, share: Share) -> tuple[Flip, ...]:
    """Changes of answered facts that change the advice, the smallest first.

    With a verdict these are changes of a single fact, to another approach or to none. Where everything is vetoed they
    are what brings an approach back: of what a team may change about its demands before what its task is, as few facts
    together as do it, and among equally small changes first what brings back the approach with most points.

    Args:
        facts: what is known.
        codes: the answered codes.
        knowledge: the rules.
        share: asked for where so few facts are known that confidence decides whether there is a verdict.
    """
    search = _Search(codes, knowledge, share)
    answered = [
        fact.fact for fact in facts.facts if fact.origin == "answered" and fact.code is not None and fact.applies
    ]
    if search.now.approach is not None:
        return tuple(sorted(search.single(answered), key=lambda flip: (search.distance(flip), flip.fact, flip.codes)))
    return search.ways_out(answered)


class _Search:
    """Judges changes of one profile again, and only the rules that a change touches."""

    def __init__(self, codes: Mapping[str, str], knowledge: Knowledge, share: Share) -> None:
        self._codes = codes
        self._knowledge = knowledge
        self._share = share
        self._states = states_of(knowledge, codes)
        self._fired = fired_rules(knowledge, self._states)
        self._impossible = never_so(knowledge, self._states)
        self._hanging: dict[str, tuple[str, ...]] = {}
        self.now = decide(knowledge, self._states, self._fired)

    def single(self, facts: list[str]) -> Iterator[Flip]:
        """The changes of one fact that lead elsewhere, neighbouring codes taken together."""
        for fact in facts:
            ask, now = self._knowledge.asks[fact], self._codes[fact]
            leads = {code: self._advised({fact: code}) for code in ask.settled_codes if code != now}
            for run in _runs(ask, now, leads):
                approach = leads[run[0]]
                if approach is not self.now.approach:
                    yield Flip(fact=fact, now=now, codes=run, approach=approach, says=_in_units(ask, run))

    def ways_out(self, facts: list[str]) -> tuple[Flip, ...]:
        """What brings an approach back when everything is vetoed."""
        vetoing = [rule for rule in self._fired if set(rule.effect.veto.values()) & {"alone", "any"}]
        constraining = [fact for fact in facts if any(fact in rule.facts for rule in vetoing)]
        demands = [fact for fact in constraining if self._knowledge.asks[fact].negotiable]
        for among in (demands, constraining):
            for size in range(1, _TOGETHER + 1):
                found = [flip for several in combinations(among, size) for flip in self._together(several)]
                if found:
                    return tuple(self._widened(flip) for _, flip in sorted(found, key=lambda item: item[0]))
        return ()

    def _widened(self, flip: Flip) -> Flip:
        """With every code of its first fact that does as well, the others as they are; on a scale, neighbours only."""
        ask, rest = self._knowledge.asks[flip.fact], {change.fact: change.codes[0] for change in flip.also}
        does = {
            code: code != flip.now and self._verdict({flip.fact: code, **rest}).approach is flip.approach
            for code in ask.settled_codes
        }
        codes = [code for code in ask.settled_codes if does[code]]
        if ask.ordered:
            place = ask.settled_codes.index(flip.codes[0])
            before = list(takewhile(does.__getitem__, reversed(ask.settled_codes[:place])))
            codes = [*reversed(before), *takewhile(does.__getitem__, ask.settled_codes[place:])]
        return flip.model_copy(update={"codes": tuple(codes), "says": _in_units(ask, tuple(codes))})

    def _together(self, several: tuple[str, ...]) -> Iterator[tuple[tuple[int, float, str, tuple[str, ...]], Flip]]:
        """The least change of these facts, together, that brings each approach back; with what it is sorted by."""
        best: dict[Approach, tuple[tuple[int, float, str, tuple[str, ...]], Flip]] = {}
        asks = [self._knowledge.asks[fact] for fact in several]
        for chosen in product(*(ask.settled_codes for ask in asks)):
            if any(self._codes[fact] == code for fact, code in zip(several, chosen, strict=True)):
                continue
            verdict = self._verdict(dict(zip(several, chosen, strict=True)))
            if verdict.approach is None:
                continue
            changes = tuple(
                Change(fact=ask.fact, now=self._codes[ask.fact], codes=(code,), says=_in_units(ask, (code,)))
                for ask, code in zip(asks, chosen, strict=True)
            )
            first, rest = changes[0], changes[1:]
            flip = Flip(**first.model_dump(), approach=verdict.approach, also=rest)
            points = -round(verdict.scores[verdict.approach], 6)
            rank = (self.distance(flip), points, first.fact, chosen)
            best[verdict.approach] = min(best.get(verdict.approach, (rank, flip)), (rank, flip), key=lambda x: x[0])
        yield from best.values()

    def distance(self, flip: Flip) -> int:
        """How many steps on its scale each fact moves; one where there is no scale."""
        return sum(self._steps(change) for change in (flip, *flip.also))

    def _steps(self, change: Change | Flip) -> int:
        ask = self._knowledge.asks[change.fact]
        if not ask.ordered:
            return 1
        return min(abs(ask.codes.index(code) - ask.codes.index(change.now)) for code in change.codes)

    def _advised(self, changes: Mapping[str, str]) -> Approach | None:
        """The approach that is advised after the changes; None where too little speaks for one."""
        judged = self._judged(changes)
        if judged is None:
            return self.now.approach
        verdict, states, fired = judged
        if verdict.approach is None:
            return None
        known = sum(state.answered is not None for state in states.values())
        levels = self._knowledge.levels
        codes = {**self._codes, **changes}
        share = self._share(codes, verdict.approach) if known < levels.least_known else 1.0
        gained = verdict.scores[verdict.approach] - self._knowledge.approaches[verdict.approach].prior
        # What a score gained is at most what speaks for it, so the points are added up in doubt only.
        points = [gained]
        if gained < levels.least_support:
            points = [one[3] for one in contributions(self._knowledge, states, fired) if one[0] is verdict.approach]
        return None if why_undecided(verdict, share, known, points, levels) else verdict.approach

    def _verdict(self, changes: Mapping[str, str]) -> Verdict:
        """What the rules lead to after the changes; the present verdict for what cannot be."""
        judged = self._judged(changes)
        return judged[0] if judged else self.now

    def _judged(self, changes: Mapping[str, str]) -> tuple[Verdict, Mapping[str, State], list[Rule]] | None:
        """The verdict after the changes, with the states and the rules that fire; None for what cannot be."""
        facts: set[str] = set()
        for fact in changes:
            if fact not in self._hanging:
                self._hanging[fact] = moving(self._knowledge, (fact,))
            facts.update(self._hanging[fact])
        in_order = [fact for fact in self._knowledge.asks if fact in facts] if len(changes) > 1 else self._hanging[fact]
        changed = restated(self._knowledge, {**self._codes, **changes}, self._states, in_order)
        if any(when.judge(changed) is Outcome.TRUE for when in self._impossible):
            return None
        moved = {name for name in in_order if changed[name] != self._states[name]}
        fired: list[Rule] = [rule for rule in self._fired if moved.isdisjoint(rule.facts)]
        again = [rule for rule in self._knowledge.rules if not moved.isdisjoint(rule.facts)]
        fired += [rule for rule in again if rule.when.judge(changed) is Outcome.TRUE]
        return decide(self._knowledge, changed, fired), changed, fired


def _runs(ask: Ask, now: str, leads: Mapping[str, Approach | None]) -> list[tuple[str, ...]]:
    """Codes with the same verdict taken together: neighbours on a scale, any codes without one."""
    if not ask.ordered:
        return [tuple(code for code in leads if leads[code] == approach) for approach in dict.fromkeys(leads.values())]
    runs: list[list[str]] = []
    previous: str | None = None
    for code in ask.settled_codes:
        if code == now:
            previous = None
            continue
        if previous is not None and leads[previous] == leads[code]:
            runs[-1].append(code)
        else:
            runs.append([code])
        previous = code
    return [tuple(run) for run in runs]


def _in_units(ask: Ask, run: tuple[str, ...]) -> str:
    """The codes in the user's words; as numbers in the unit of the fact where it has one."""
    options = [ask.option(code) for code in run]
    texts = "; or ".join(option.means for option in options)
    bands = sorted((option.band for option in options if option.band is not None), key=lambda band: band.high)
    if ask.unit is None or not bands:
        return texts
    numbers = _range_in_words(bands[0], bands[-1], ask.unit)
    return f"{numbers} ({texts})" if len(options) == 1 else numbers


def _range_in_words(first: Band, last: Band, unit: str) -> str:
    """From the lower edge of one band to the upper edge of another; whether an edge belongs to it is said."""
    low, high = f"{first.low:,.15g}", f"{last.high:,.15g}"
    if math.isinf(last.high):
        return f"{low} {unit} or more" if first.low_included else f"more than {low} {unit}"
    if first.low == last.high:
        return f"{low} {unit}"
    if first.low == 0:
        return f"{high} {unit} or less" if last.high_included else f"less than {high} {unit}"
    return (
        f"{'from' if first.low_included else 'above'} {low} {'to' if last.high_included else 'to below'} {high} {unit}"
    )
