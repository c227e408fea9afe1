"""Profiles a second: our rules on the traced and on the untraced path, beside zen-engine on the same rules as a table.

    pip install zen-engine==2.1.3
    python benchmarks/engine.py [--profiles 1000] [--rounds 5]

zen-engine (PyPI, written in Rust) evaluates decision tables. Every rule of ours becomes as many rows of one table as
its condition has alternatives, so that both find the same rules on every profile; this is checked before anything is
timed.
The table does less: it knows no unknown facts, so the profiles are complete, and it only lists the rules that fire,
while we also weigh them, remove what is vetoed and choose. Each round runs every path once, in turn.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import random
import statistics
import sys
import time
from collections.abc import Callable, Mapping
from importlib import import_module

from advisor.conditions import AllOf, AnyOf, Condition, Not, OneOf
from advisor.deciding import decide_states, fired_rules
from advisor.derive import derive
from advisor.documents import Answers, Given
from advisor.evaluate import evaluate
from advisor.knowledge import Knowledge, load_knowledge
from advisor.states import states_of

try:
    zen = import_module("zen")  # a peer for this script alone, so that nothing else asks for it
except ImportError:
    sys.exit("zen-engine is the peer of this benchmark; next: pip install zen-engine==2.1.3")

ABSENT = "does_not_apply"
Row = Mapping[str, frozenset[str]]


def rows_of(condition: Condition, codes: Mapping[str, frozenset[str]], *, holds: bool = True) -> list[Row]:
    """The condition as alternatives, each a set of allowed codes for some facts (disjunctive normal form).

    Args:
        condition: on complete profiles.
        codes: every code of every fact, ABSENT among them.
        holds: False for where the condition does not hold.
    """
    if isinstance(condition, Not):
        return rows_of(condition.part, codes, holds=not holds)
    if isinstance(condition, OneOf):
        return [{condition.fact: condition.codes if holds else codes[condition.fact] - condition.codes}]
    if not isinstance(condition, AllOf | AnyOf):
        raise TypeError(f"no row says {condition.show()!r}")
    parts = [rows_of(part, codes, holds=holds) for part in condition.parts]
    if isinstance(condition, AllOf) != holds:
        return list(itertools.chain.from_iterable(parts))
    return [joined for chosen in itertools.product(*parts) if (joined := _joined(chosen)) is not None]


def _joined(rows: tuple[Row, ...]) -> Row | None:
    """All rows at once; None when they leave a fact no code."""
    joined: dict[str, frozenset[str]] = {}
    for row in rows:
        for fact, allowed in row.items():
            joined[fact] = joined.get(fact, allowed) & allowed
    return joined if all(joined.values()) else None


def table_of(knowledge: Knowledge) -> tuple[str, int]:
    """The rules as one decision table in zen's JSON, and how many rows it has."""
    codes = {fact: frozenset((*ask.codes, ABSENT)) for fact, ask in knowledge.asks.items()}
    rows = [(rule.id, row) for rule in knowledge.rules for row in rows_of(rule.when, codes)]
    written = [
        {"_id": str(number), "rule": json.dumps(rule)}
        | {fact: ", ".join(json.dumps(code) for code in sorted(row.get(fact, ()))) for fact in codes}
        for number, (rule, row) in enumerate(rows)
    ]
    table = {
        "hitPolicy": "collect",
        "inputs": [{"id": fact, "name": fact, "field": fact} for fact in codes],
        "outputs": [{"id": "rule", "name": "rule", "field": "rule"}],
        "rules": written,
    }
    place = {"position": {"x": 0, "y": 0}}
    nodes = [
        {"id": "in", "name": "in", "type": "inputNode", **place},
        {"id": "table", "name": "table", "type": "decisionTableNode", "content": table, **place},
        {"id": "out", "name": "out", "type": "outputNode", **place},
    ]
    edges = [
        {"id": f"{source}-{target}", "sourceId": source, "targetId": target, "type": "edge"}
        for source, target in (("in", "table"), ("table", "out"))
    ]
    return json.dumps({"nodes": nodes, "edges": edges}), len(rows)


def complete_profiles(knowledge: Knowledge, count: int) -> list[dict[str, str]]:
    """Profiles with a settled code for every fact, drawn evenly with a fixed seed."""
    draw = random.Random(7)  # noqa: S311
    return [{fact: draw.choice(ask.settled_codes) for fact, ask in knowledge.asks.items()} for _ in range(count)]


def main() -> None:
    """Checks that both fire the same rules, then prints profiles a second and the ratios."""
    options = argparse.ArgumentParser(description="Profiles a second, beside zen-engine.")
    options.add_argument("--profiles", type=int, default=1000)
    options.add_argument("--rounds", type=int, default=5)
    chosen = options.parse_args()

    knowledge = load_knowledge()
    written, rows = table_of(knowledge)
    table = zen.ZenEngine().create_decision(written)
    profiles = complete_profiles(knowledge, chosen.profiles)
    answers = [
        Answers(given=tuple(Given(fact=fact, code=code) for fact, code in sorted(profile.items())))
        for profile in profiles
    ]
    inputs = []
    for profile in profiles:
        states = states_of(knowledge, profile)
        inputs.append({fact: state.answered or ABSENT for fact, state in states.items()})
        ours = {rule.id for rule in fired_rules(knowledge, states)}
        theirs = {hit["rule"] for hit in table.evaluate(inputs[-1])["result"]}
        if ours != theirs:
            sys.exit(f"not the same rules fire on {profile}: {sorted(ours ^ theirs)}")

    paths: dict[str, Callable[[], object]] = {
        "zen-engine, untraced": lambda: [table.evaluate(one) for one in inputs],
        "zen-engine, traced": lambda: [table.evaluate(one, {"trace": True}) for one in inputs],
        "advisor, verdict alone (batch)": lambda: [decide_states(knowledge, states_of(knowledge, p)) for p in profiles],
        "advisor, every rule traced": lambda: [evaluate(derive(one, knowledge), knowledge) for one in answers],
    }
    rates: dict[str, list[float]] = {name: [] for name in paths}
    for _ in range(chosen.rounds):
        for name, path in paths.items():
            start = time.perf_counter()
            path()
            rates[name].append(len(profiles) / (time.perf_counter() - start))

    print(f"{len(knowledge.rules)} rules, {rows} rows, {len(profiles)} profiles, Python {platform.python_version()}")
    peer = rates["zen-engine, untraced"]
    for name, found in rates.items():
        ratio = statistics.median(ours / theirs for ours, theirs in zip(found, peer, strict=True))
        print(f"{name:<32} {statistics.median(found):>8,.0f} a second  {ratio:5.2f} times zen untraced")


if __name__ == "__main__":
    main()
