"""How the verdict holds over everything that is unknown and over the weights; and what a change of answers would do.

The completions are a Latin hypercube (McKay, Beckman and Conover, 1979): in each dimension every one of the N strata is
taken once, so each unknown fact takes its applicable codes equally often, and the weight of each rule runs evenly from
half to one and a half of itself. The order of the strata in a dimension is that of a fixed hash of its name and the
point, so nothing is random: the same answers give the same figures, in any language, and a new rule moves no other.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

from advisor.conditions import State
from advisor.deciding import Weighing, decide
from advisor.documents import Facts, Stability
from advisor.documents.stability import Alternative, OpenFact, Share
from advisor.flips import flips_of
from advisor.knowledge import Knowledge, Rule
from advisor.states import answered_codes, moving, never_so, restated, states_of
from advisor.values import DONT_KNOW, Approach, Outcome

__all__ = ["COMPLETIONS", "Completed", "complete", "completions", "groups_by_fact", "open_facts", "sensitivity"]
__all__ += ["shares_of"]
__all__ += ["split_rules"]

COMPLETIONS = 256
"""How many completions are looked at: the share of a verdict is then known to about 3 parts in 100."""

_WORD = 0xFFFFFFFF


@dataclass(frozen=True, slots=True)
class Completed:
    """One completion: the codes that were filled in, and the verdict there."""

    filled: Mapping[str, str]
    approach: Approach | None
    pattern: str | None


def sensitivity(facts: Facts, knowledge: Knowledge) -> Stability:
    """Confidence, flips and the worth of each unknown, for the verdict on `facts`."""
    codes = answered_codes(facts)
    completed = complete(codes, knowledge)

    def share_after(changed: Mapping[str, str], approach: Approach) -> float:
        verdicts = [one.approach for one in complete(changed, knowledge)]
        return verdicts.count(approach) / len(verdicts)

    return Stability(
        completions=len(completed),
        shares=shares_of(completed),
        flips=flips_of(facts, codes, knowledge, share_after),
        open_facts=open_facts(completed, knowledge),
    )


def complete(
    codes: Mapping[str, str],
    knowledge: Knowledge,
    *,
    vary_weights: bool = True,
    points: int = COMPLETIONS,
    asked: Collection[str] | None = None,
) -> list[Completed]:
    """All `completions`."""
    return list(completions(codes, knowledge, vary_weights=vary_weights, points=points, asked=asked))


def completions(
    codes: Mapping[str, str],
    knowledge: Knowledge,
    *,
    vary_weights: bool = True,
    points: int = COMPLETIONS,
    asked: Collection[str] | None = None,
) -> Iterator[Completed]:
    """The verdict on each of `points` completions of what `codes` leaves open; the weights vary too unless told not to.

    Completions that contradict themselves are left out. They come one after the other, for a caller that may stop.

    Args:
        codes: what is known.
        knowledge: the rules.
        vary_weights: whether each rule weighs between half and one and a half of itself.
        points: how many completions are drawn.
        asked: when given, the completions are not what the project may be but what its team may still say: the facts
            in it stay as they are, and every other one may stay unknown too, `dont_know` being one code more.
    """
    states = states_of(knowledge, codes)
    unknown = () if asked is None else (DONT_KNOW,)
    open_codes = {
        fact: (*(code for code in knowledge.asks[fact].settled_codes if code in state.possible), *unknown)
        for fact, state in sorted(states.items())
        if len(state.possible) > 1 and (asked is None or fact not in asked)
    }
    columns = {
        fact: [among[int(at * len(among))] for at in _coordinates(f"fact {fact}", points)]
        for fact, among in open_codes.items()
    }
    certain, open_rules = split_rules(knowledge, states)
    weighed = [*certain, *open_rules] if vary_weights else []
    weights = {rule.id: _coordinates(f"rule {rule.id}", points) for rule in weighed}
    may_fire = frozenset(open_rules)
    impossible = never_so(knowledge, states)
    moved = moving(knowledge, columns)
    if not columns:
        if not any(when.judge(states) is Outcome.TRUE for when in impossible):
            yield from _weighed_anew(
                knowledge, states, certain + knowledge.firing.on(states, may_fire), weights, points
            )
        return
    for point in range(points):
        filled = {fact: column[point] for fact, column in columns.items()}
        told = {fact: code for fact, code in filled.items() if code != DONT_KNOW} if unknown else filled
        full = restated(knowledge, {**codes, **told}, states, moved)
        if any(when.judge(full) is Outcome.TRUE for when in impossible):
            continue
        fired = certain + knowledge.firing.on(full, may_fire)
        factors = {rule.id: 0.5 + weights[rule.id][point] for rule in fired} if vary_weights else None
        applicable = {fact: code for fact, code in filled.items() if full[fact].possible}
        verdict = decide(knowledge, full, fired, factors)
        yield Completed(applicable, verdict.approach, verdict.pattern)


def _weighed_anew(
    knowledge: Knowledge,
    states: Mapping[str, State],
    fired: Sequence[Rule],
    weights: Mapping[str, Sequence[float]],
    points: int,
) -> Iterator[Completed]:
    """With nothing to fill in, only the weights differ from point to point."""
    weighing = Weighing(knowledge, states, fired)
    for point in range(points):
        factors = {rule.id: 0.5 + weights[rule.id][point] for rule in fired} if weights else None
        verdict = weighing.verdict(factors)
        yield Completed({}, verdict.approach, verdict.pattern)


def split_rules(knowledge: Knowledge, states: Mapping[str, State]) -> tuple[list[Rule], list[Rule]]:
    """The rules that fire in every completion, and those that may or may not; the rest fires in none.

    What is judged true or false on little stays so whatever else is learned, unless a fact that it reads may turn out
    not to apply.
    """
    shaky = {fact for fact, ask in knowledge.asks.items() if ask.when.judge(states) is Outcome.UNKNOWN}
    certain, open_rules = [], []
    for rule in knowledge.rules:
        outcome = rule.when.judge(states)
        if outcome is Outcome.UNKNOWN or not shaky.isdisjoint(rule.facts):
            open_rules.append(rule)
        elif outcome is Outcome.TRUE:
            certain.append(rule)
    return certain, open_rules


@lru_cache(maxsize=1024)
def _coordinates(dimension: str, points: int) -> tuple[float, ...]:
    """The coordinate of every point in one dimension: the middles of all strata, each once, in an order of its own."""
    seed = 0x811C9DC5  # FNV-1a of the name (Fowler, Noll and Vo)
    for byte in dimension.encode():
        seed = (seed ^ byte) * 0x01000193 & _WORD
    order = sorted(range(points), key=lambda point: _mixed(seed + point * 0x9E3779B9 & _WORD))
    places = [0.0] * points
    for stratum, point in enumerate(order):
        places[point] = (stratum + 0.5) / points
    return tuple(places)


def _mixed(word: int) -> int:
    """The integer hash lowbias32 (C. Wellons, 2018): a permutation of the 32-bit words."""
    word = (word ^ word >> 16) * 0x7FEB352D & _WORD
    word = (word ^ word >> 15) * 0x846CA68B & _WORD
    return word ^ word >> 16


def shares_of(completed: Sequence[Completed]) -> tuple[Share, ...]:
    """How often each verdict came out, most often first."""
    counts = Counter(one.approach for one in completed)
    ordered = sorted(counts.items(), key=lambda item: (-item[1], str(item[0])))
    return tuple(Share(approach=approach, share=round(count / len(completed), 4)) for approach, count in ordered)


def open_facts(completed: Sequence[Completed], knowledge: Knowledge) -> tuple[OpenFact, ...]:
    """The unknown facts, the one most worth finding out first.

    The worth of a fact is how much the share of completions that agree with the leading verdict rises once its code is
    known, averaged over its codes, among the completions in which it applies.
    """
    found = []
    for fact, groups in groups_by_fact(completed).items():
        agreeing_now = max(Counter(chain.from_iterable(groups.values())).values())
        agreeing_then = sum(max(Counter(group).values()) for group in groups.values())
        leads_to = tuple(
            Alternative(code=code, approach=_leader(groups[code]))
            for code in knowledge.asks[fact].settled_codes
            if code in groups
        )
        worth = round((agreeing_then - agreeing_now) / len(completed), 4)
        found.append(OpenFact(fact=fact, question=knowledge.asks[fact].question, worth=worth, leads_to=leads_to))
    return tuple(sorted(found, key=lambda one: (-one.worth, one.fact)))


def groups_by_fact(completed: Sequence[Completed]) -> dict[str, dict[str, list[Approach | None]]]:
    """For each unknown fact and each of its codes, the verdicts of the completions in which it applies and has it."""
    facts: dict[str, dict[str, list[Approach | None]]] = {}
    for one in completed:
        for fact, code in one.filled.items():
            facts.setdefault(fact, {}).setdefault(code, []).append(one.approach)
    return facts


def _leader(verdicts: Sequence[Approach | None]) -> Approach | None:
    counts = Counter(verdicts)
    return max(counts, key=lambda approach: (counts[approach], str(approach)))
