"""Time: the stages of a call, and how long a changed fact takes to come out right.

Time = stages before + for each call: way + reading (by length, cached or not) + first word + further words. The last
call counts to its first word, or whole where the answer is a label.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Literal

from advisor.economics.ledger import Ledger
from advisor.economics.spending import LABELLING_TASKS
from advisor.economics.terms import Term, between, constant, total
from advisor.economics.traffic import Spoken, Traffic
from advisor.knowledge.figures import Recipe

__all__ = ["fresh_after", "in_time", "outputs", "stages"]

_THOUSAND = constant(1000)


def fresh_after(recipe: Recipe, ledger: Ledger) -> Term:
    """Hours from a changed fact to a right answer."""
    return total([ledger(name) for name in recipe.fresh_after])


def stages(recipe: Recipe, traffic: Traffic, ledger: Ledger) -> list[tuple[str, str, Term]]:
    """Each stage as (id, title, ms), for one query."""
    found = [(name, ledger_title(name), ledger(name)) for name in recipe.before]
    for number, call in enumerate(traffic.calls, start=1):
        of = f" (call {number})" if len(traffic.calls) > 1 else ""
        found += [(f"{name}_{number}", f"{title}{of}", time) for name, title, time in _of_call(call, traffic, ledger)]
    return found


def ledger_title(name: str) -> str:
    """A figure of time in words."""
    return name.removesuffix("_time").replace("_", " ")


def _of_call(call: Spoken, traffic: Traffic, ledger: Ledger) -> Iterator[tuple[str, str, Term]]:
    if call.written is None:
        yield "answer", "answer of the model", ledger(f"{call.model}_time")
        return
    size = "large" if call.model == "large" else "small"
    if traffic.hosted(call.model) == "api":
        yield "network", "way to the model and back", ledger("network_time")
    yield "reading", "reading the prompt", _reading(call, traffic, ledger)
    yield "first", "first word", ledger(f"{size}_first_time")
    yield "writing", "further words", call.written * ledger(f"{size}_token_time")


def _reading(call: Spoken, traffic: Traffic, ledger: Ledger) -> Term:
    plain, parts = ledger("prefill_time"), []
    if call.cached:
        fast = ledger("cached_prefill_time")
        warm = {"warm": fast, "cold": plain}.get(traffic.cache, between(fast, plain))
        parts.append(call.cached * warm)
    if call.fresh:
        parts.append(call.fresh * plain)
    return total(parts) / _THOUSAND


def outputs(recipe: Recipe, traffic: Traffic, ledger: Ledger) -> tuple[Term, Term]:
    """Milliseconds to the first usable output, and to the whole answer."""
    before = [ledger(name) for name in recipe.before]
    labels = ledger.code("task_type") in LABELLING_TASKS
    first = [*before, *_calls(traffic.calls, traffic, ledger, whole=labels)]
    return total(first), total([*before, *_calls(traffic.calls, traffic, ledger, whole=True)])


def _calls(calls: Sequence[Spoken], traffic: Traffic, ledger: Ledger, *, whole: bool) -> Iterator[Term]:
    """The time of each call, where only the last may end with its first word."""
    last = len(calls) - 1
    times = []
    for number, call in enumerate(calls):
        returns = call.times is not None and call.times.high > 1
        takes_part = whole or returns or (number < last and not calls[number + 1].is_rest)
        parts = [time for name, _, time in _of_call(call, traffic, ledger) if takes_part or name != "writing"]
        times.append(total(parts))
    for number, (call, time) in enumerate(zip(calls, times, strict=True)):
        if call.is_rest:
            continue
        if number < last and calls[number + 1].is_rest:
            yield between(time, times[number + 1])  # one or the other
        elif call.times is not None and call.times.high <= 1:
            yield between(constant(0), time)
        elif call.times is not None:
            yield call.times * time
        else:
            yield time


def in_time(first: Term, ledger: Ledger) -> Literal["yes", "no", "open"] | None:
    """Whether the first output comes within the limit that the user set; None without one."""
    limit = ledger.fact("latency_p95")
    if limit is None:
        return None
    if first.high <= limit.low:
        return "yes"
    return "no" if first.low > limit.high else "open"
