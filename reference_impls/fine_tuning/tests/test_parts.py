from collections import Counter

import pytest

from ...labelled_data.base import Example
from ..ladder.parts import BLOCKS, FOLDS, blocks_of, folds_of, in_folds, one_part


def many(count: int, labels: int) -> list[Example]:
    return [Example(f"text {number}", f"label {number % labels}", f"a:{number}") for number in range(count)]


def test_each_example_judges_once_and_groups_stay_whole() -> None:
    examples = many(200, 4)
    groups = [number // 2 for number in range(200)]
    parts = folds_of(examples, groups, 0.15, "classification", seed=3)
    assert len(parts) == FOLDS
    judged = [example.place for part in parts for example in part.judged]
    assert sorted(judged) == sorted(example.place for example in examples)
    group_of = {example.place: group for example, group in zip(examples, groups, strict=True)}
    for part in parts:
        sides = [{group_of[example.place] for example in side} for side in (part.train, part.validation, part.judged)]
        assert not sides[0] & sides[1]
        assert not sides[0] & sides[2]
        assert not sides[1] & sides[2]
        assert len(part.train) + len(part.validation) + len(part.judged) == 200
        assert len(part.validation) == pytest.approx(0.15 * 160, abs=5)
        assert set(Counter(example.target for example in part.judged).values()) <= {9, 10, 11}


def test_folds_follow_the_seed_alone() -> None:
    examples, groups = many(60, 3), list(range(60))
    once = folds_of(examples, groups, 0.15, "classification", seed=1)
    assert once == folds_of(examples, groups, 0.15, "classification", seed=1)
    assert once != folds_of(examples, groups, 0.15, "classification", seed=2)


def test_a_label_that_training_lacks_judges_but_does_not_stop_the_training() -> None:
    train, rare = many(20, 2), Example("odd", "rare", "a:99")
    (part,) = one_part([*train, rare], [train[0], rare], list(range(21)), 0.15, "classification", seed=0)
    assert {example.target for example in part.validation} <= {example.target for example in part.train}
    assert part.judged == (train[0], rare)
    for fold in folds_of([*many(40, 2), rare], list(range(41)), 0.15, "classification", seed=0):
        known = {example.target for example in fold.train}
        assert {example.target for example in fold.validation} <= known


def test_what_stops_the_training_does_not_judge_it() -> None:
    examples = many(200, 4)
    train, validation = examples[:160], examples[160:]
    (part,) = one_part(train, validation, [number // 2 for number in range(160)], 0.15, "classification", seed=0)
    assert part.judged == tuple(validation)
    assert len(part.validation) == pytest.approx(0.15 * 160, abs=5)
    assert sorted([*part.train, *part.validation], key=lambda each: each.place) == sorted(
        train, key=lambda each: each.place
    )
    pairs = {tuple(train[number : number + 2]) for number in range(0, 160, 2)}
    assert all((first in part.validation) == (second in part.validation) for first, second in pairs)


def test_a_large_group_is_learnt_from_and_does_not_stop_the_training() -> None:
    examples = many(100, 2)
    groups = [0] * 40 + list(range(1, 61))
    (part,) = one_part(examples, [], groups, 1 / 7, "classification", seed=0)
    assert set(examples[:40]) <= set(part.train)
    assert 5 <= len(part.validation) <= 20


def test_in_time_the_last_training_examples_stop_the_training() -> None:
    train = many(100, 2)
    (part,) = one_part(train, many(10, 2), list(range(100)), 0.2, "classification", seed=0, in_order=True)
    assert (part.train, part.validation) == (tuple(train[:80]), tuple(train[80:]))


def test_in_time_each_block_of_the_later_half_is_judged_by_what_came_before() -> None:
    examples, groups = many(400, 4), list(range(400))
    groups[10] = groups[260]
    parts = blocks_of(examples, [f"{number // 3:04}" for number in range(400)], groups, 0.1, "classification")
    assert len(parts) == BLOCKS
    place_of = {example.place: place for place, example in enumerate(examples)}
    assert [place_of[example.place] for part in parts for example in part.judged] == list(range(201, 400))
    for part in parts:
        first = place_of[part.judged[0].place]
        seen = [place_of[example.place] for example in (*part.train, *part.validation)]
        assert seen == sorted(seen)
        assert max(seen) == first - 1
        assert first // 3 != (first - 1) // 3, "rows of one moment stand together"
        assert (10 in seen) == all(example.place != "a:260" for example in part.judged)


def test_blocks_that_one_label_alone_would_teach_are_left_out() -> None:
    rows = [Example(f"text {number}", "a" if number < 70 else "b", f"a:{number}") for number in range(100)]
    parts = blocks_of(rows, [str(number) for number in range(100)], list(range(100)), 0.1, "classification")
    assert [len(part.judged) for part in parts] == [12]
    same = [Example(f"text {number}", "a", f"a:{number}") for number in range(100)]
    assert blocks_of(same, [str(number) for number in range(100)], list(range(100)), 0.1, "classification") == []


@pytest.mark.parametrize(
    ("task", "aside", "expected"),
    [
        ("classification", 999, True),
        ("classification", 1000, False),
        ("extraction", 300, True),
        ("generation", 300, False),
    ],
)
def test_where_few_are_set_aside_more_judge_in_turn(task: str, aside: int, expected: bool) -> None:
    assert in_folds(task, aside) is expected  # type: ignore[arg-type]
