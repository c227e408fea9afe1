import random
from dataclasses import replace

import numpy as np
import pytest

from ..base import Example, Span
from ..duplicates import find_conflicts, find_repeats, group_examples
from ..near_duplicates import find_groups
from .topics import separated


def example(text: str, label: str, number: int) -> Example:
    return Example(text, label, f"a.csv:{number}")


def shares(text: str) -> set[str]:
    padded = f" {text} "
    return {padded[place : place + 4] for place in range(len(padded) - 3)}


TEXTS = [
    "Where is my parcel?",
    "where is my  parcel",
    "where is my parcels",
    "where is my new card",
    "pay",
    "pay!",
    "🙂",
    "🙂🙂",
    "",
    "荷物はどこですか",
    "荷物はどこですか。",
]


def test_short_texts_are_grouped_by_their_words_and_likeness() -> None:
    groups = find_groups(TEXTS, 0.8)
    assert groups.group.tolist() == [0, 0, 0, 1, 2, 2, 3, 4, 5, 6, 6]
    one, other = shares("where is my parcel"), shares("where is my parcels")
    expected = len(one & other) / len(one | other)
    assert groups.similarities(np.array([0, 0]), np.array([2, 1])).tolist() == [pytest.approx(expected), 1.0]
    assert find_groups(TEXTS, 1.0).group[:3].tolist() == [0, 0, 1]


@pytest.mark.parametrize("changed", [2, 30])
def test_long_texts_are_compared_by_runs_of_words(changed: int) -> None:
    draw = random.Random(5)
    words = [f"word{draw.randrange(3000)}" for _ in range(200)]
    other = [("other" if place % (200 // changed) == 0 else word) for place, word in enumerate(words)]
    groups = find_groups([" ".join(words), " ".join(other)], 0.8)
    sets = [{tuple(each[place : place + 3]) for place in range(198)} for each in (words, other)]
    expected = len(sets[0] & sets[1]) / len(sets[0] | sets[1])
    assert groups.similarities(np.array([0]), np.array([1]))[0] == pytest.approx(expected, abs=1e-6)
    assert (groups.group[0] == groups.group[1]) == (expected >= 0.8)


def test_chains_are_one_group_and_families_of_many_are_quick() -> None:
    chain = [" ".join(f"w{number}" for number in range(start, start + 40)) for start in range(0, 40, 2)]
    assert set(find_groups(chain, 0.8).group.tolist()) == {0}
    family = [
        f"Dear customer, order {number} has been sent to you by our usual courier today" for number in range(2000)
    ]
    assert set(find_groups(family, 0.7).group.tolist()) == {0}


def test_no_texts_are_no_groups() -> None:
    assert find_groups([], 0.8).group.tolist() == []


def test_repeats_are_counted_exactly_and_nearly() -> None:
    texts = ["one text here", "one  text here", "One text here!", "another one", "another two of them"]
    rows = [example(text, "x", number) for number, text in enumerate(texts)]
    repeats = find_repeats(rows, group_examples(rows, 0.8))
    assert (repeats.exact, repeats.near, repeats.groups, repeats.largest) == (1, 1, 1, 3)
    assert repeats.shown == (("a.csv:0", "a.csv:1", "a.csv:2"),)


def test_the_same_text_with_two_labels_is_a_conflict_and_the_most_similar_comes_first() -> None:
    rows = [
        example("has my top up gone through", "pending", 1),
        example("has my top-up gone through??", "failed", 2),
        example("has my top up gone throug", "other", 3),
        example("has my top up gone through", "pending", 4),
        example("something else altogether", "failed", 5),
    ]
    found = find_conflicts(rows, group_examples(rows, 0.8), "classification", 0.8)
    assert [(each.first, each.second) for each in found[:2]] == [("a.csv:1", "a.csv:2"), ("a.csv:2", "a.csv:4")]
    assert [each.similarity == 1 for each in found] == [True, True, False, False, False]


def test_spans_conflict_by_what_they_cover() -> None:
    rows = [
        Example("order 12 please", (Span(6, 8, "order"),), "a:1"),
        Example(" order 12 please", (Span(7, 9, "order"),), "a:2"),
        Example("order 12 please", (), "a:3"),
        Example("order 13 please", (), "a:4"),
    ]
    found = find_conflicts(rows, group_examples(rows, 0.8), "extraction", 0.8)
    assert [(each.first, each.second, each.second_target) for each in found] == [
        ("a:1", "a:3", "no span"),
        ("a:2", "a:3", "no span"),
    ]


def test_examples_without_repeats_have_none() -> None:
    rows = separated(60)
    groups = group_examples(rows, 0.9)
    assert find_repeats(rows, groups).exact == 0
    doubled = [*rows, *(replace(row, place=f"b{row.place}") for row in rows)]
    assert find_repeats(doubled, group_examples(doubled, 0.9)).exact == 60
