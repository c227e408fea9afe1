"""How flips speak of numbers: what they say at an edge is what an answer at that edge does."""

from __future__ import annotations

import re
from itertools import combinations

import pytest

from advisor.derive import derive
from advisor.flips import flips_of
from advisor.knowledge import Ask, load_knowledge
from advisor.states import answered_codes
from tests.profiles import answers_of

KNOWLEDGE = load_knowledge()
WITH_UNITS = [ask for ask in KNOWLEDGE.asks.values() if ask.unit]
NUMBER = r"([\d,.]+)"
FORMS = (
    (rf"^less than {NUMBER} ", (False,)),
    (rf"^more than {NUMBER} ", (False,)),
    (rf"^from {NUMBER} to below {NUMBER} ", (True, False)),
    (rf"^from {NUMBER} to {NUMBER} ", (True, True)),
    (rf"^above {NUMBER} to below {NUMBER} ", (False, False)),
    (rf"^above {NUMBER} to {NUMBER} ", (False, True)),
    (rf"^{NUMBER} ", (True,)),
)
"""How a flip names its numbers, and which of them belong to it."""


def edges(says: str) -> list[tuple[float, bool]]:
    """The numbers of a flip, each with whether it belongs to it."""
    for form, inside in FORMS:
        found = re.match(form, says)
        if found:
            return [(float(number.replace(",", "")), held) for number, held in zip(found.groups(), inside, strict=True)]
    raise AssertionError(f"no number in {says!r}")


@pytest.mark.parametrize("ask", WITH_UNITS, ids=lambda ask: ask.fact)
def test_the_number_at_an_edge_belongs_where_it_is_said_to(ask: Ask) -> None:
    """Every flip of the fact that any two answers to other questions bring about."""
    seen = set()
    others = [other for other in KNOWLEDGE.asks.values() if other.fact != ask.fact]
    base = {"model_kind": "llm", "task_type": "grounded_qa", "knowledge_source": "private_documents"}
    for first, second in [(None, None), *combinations(others, 2)][:: 7 if len(others) > 20 else 1]:
        codes = dict(base)
        for other in (first, second):
            if other is not None:
                codes[other.fact] = other.settled_codes[-1]
        for now in (ask.settled_codes[0], ask.settled_codes[-1]):
            facts = derive(answers_of({**codes, ask.fact: now}), KNOWLEDGE)
            for flip in flips_of(facts, answered_codes(facts), KNOWLEDGE, lambda _codes, _approach: 1.0):
                if flip.fact == ask.fact and flip.says not in seen:
                    seen.add(flip.says)
                    for number, inside in edges(flip.says):
                        assert (ask.banded(number) in flip.codes) is inside, (flip.says, number)
    if ask.fact in {"corpus_size", "labelled_examples", "latency_p95", "volatility"}:
        assert seen, f"no flip of {ask.fact} was looked at"
