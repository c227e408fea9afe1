import random
from collections import Counter
from dataclasses import replace
from typing import Any

import pytest

from ...project_base.errors import UserError
from ..base import Example, Span, Task
from ..duplicates import group_examples
from ..settings import Settings
from ..splits import Split, split_examples
from .topics import separated


def split(examples: list[Example], given_test: int = 0, **settings: Any) -> Split:
    given = Settings(**settings)
    task: Task = "extraction" if isinstance(examples[0].target, tuple) else "classification"
    return split_examples(examples, group_examples(examples, given.near_duplicate), task, given, given_test)


def sides(found: Split, examples: list[Example]) -> list[Counter[object]]:
    return [Counter(examples[place].target for place in side) for side in (found.train, found.validation, found.test)]


def with_repeats(rows: int = 200) -> list[Example]:
    """A quarter of the rows are near repeats of others."""
    made = separated(rows)
    return [
        replace(made[number - 3], text=f"{made[number - 3].text}!!", place=row.place) if number % 4 == 3 else row
        for number, row in enumerate(made)
    ]


def test_every_row_stands_on_one_side_and_every_label_has_its_share() -> None:
    rows = separated(300)
    found = split(rows)
    assert sorted((*found.train, *found.validation, *found.test)) == list(range(300))
    for side, share in zip(sides(found, rows), (0.7, 0.15, 0.15), strict=True):
        assert all(abs(side[label] - share * 100) <= 1 for label in side)
        assert len(side) == 3


@pytest.mark.parametrize("method", ["random", "order"])
def test_near_repeats_never_stand_on_two_sides(method: str) -> None:
    rows = with_repeats()
    found = split(rows, split=method)
    groups = group_examples(rows, 0.8).group
    on: dict[int, list[int]] = {int(groups[place]): [] for place in range(len(rows))}
    for number, side in enumerate((found.train, found.validation, found.test)):
        for place in side:
            on[int(groups[place])].append(number)
    assert all(len(set(each)) <= 1 for each in on.values())
    assert any(len(each) > 1 for each in on.values())


def test_the_order_of_the_rows_changes_nothing_and_the_seed_does() -> None:
    rows = with_repeats()
    again = random.Random(3).sample(rows, len(rows))
    assert split(again).digest == split(rows).digest
    assert {again[place].place for place in split(again).test} == {rows[place].place for place in split(rows).test}
    assert split(rows, seed=1).digest != split(rows).digest


def test_groups_stay_together_and_are_linked_by_near_repeats() -> None:
    rows = [replace(row, group=f"customer {number // 6}") for number, row in enumerate(separated(240))]
    rows[0] = replace(rows[0], text=rows[239].text)
    found = split(rows, split="group")
    side_of = {
        place: number for number, side in enumerate((found.train, found.validation, found.test)) for place in side
    }
    for start in range(0, 240, 6):
        assert len({side_of[place] for place in range(start, start + 6)}) == 1
    assert side_of[0] == side_of[239]
    assert len(found.test) > 15


def test_small_labels_train_first_then_test_then_validate() -> None:
    rows = separated(90)
    rows += [Example(f"alone {'x' * 9}", "one", "a.csv:100")]
    rows += [Example(f"pair {letter * 9}", "two", f"a.csv:10{letter}") for letter in "yz"]
    rows += [Example(f"{letter * 9} triple", "three", f"a.csv:11{letter}") for letter in "klm"]
    found = split(rows)
    train, validation, test = sides(found, rows)
    assert [(train[label], validation[label], test[label]) for label in ("one", "two", "three")] == [
        (1, 0, 0),
        (1, 0, 1),
        (1, 1, 1),
    ]
    assert any("the label 'one' is in no test row" in remark for remark in found.remarks)
    assert any("fewer than 5 test rows" in remark for remark in found.remarks)


def test_by_time_the_past_trains_and_leaks_are_left_out() -> None:
    rows = [replace(row, when=f"2025-01-{number // 5 + 1:02}") for number, row in enumerate(separated(100))]
    rows[95] = replace(rows[95], text=rows[3].text)
    shuffled = random.Random(0).sample(rows, 100)
    found = split(shuffled, split="time")
    times = [[shuffled[place].when for place in side] for side in (found.train, found.validation, found.test)]
    assert max(times[0]) < min(times[1])
    assert max(times[1]) < min(times[2])
    assert [shuffled[place].place for place in found.left_out] == [rows[3].place]
    assert "later row" in next(iter(found.left_out.values()))


def test_by_order_the_last_rows_test() -> None:
    found = split(separated(100), split="order")
    assert found.test == tuple(range(85, 100))
    assert found.validation == tuple(range(70, 85))


def test_a_given_test_file_stays_whole_and_what_leaks_into_training_is_left_out() -> None:
    rows = separated(120)
    test = [replace(row, place=f"test.csv:{number}") for number, row in enumerate(separated(40, seed=9))]
    test[0] = replace(test[0], text=rows[7].text.upper())
    found = split([*rows, *test], given_test=40)
    assert found.test == tuple(range(40))
    assert list(found.left_out) == [7]
    assert len(found.train) + len(found.validation) == 119
    document = found.document(rows, test)
    assert document["left_out"] == {rows[7].place: "nearly the same as, or of one group with, a test row"}
    assert document["test"] == [row.place for row in test]


def test_a_label_that_only_later_rows_have_is_told_and_does_not_validate() -> None:
    rows = separated(100)
    rows[75] = replace(rows[75], target="new")
    rows[99] = replace(rows[99], target="newer")
    found = split(rows, split="order")
    assert 75 not in found.validation
    assert "occurs in no training row" in found.left_out[75]
    assert any("the label 'newer' is in the test rows and in no training row" in remark for remark in found.remarks)


def test_spans_are_spread_by_their_rarest_label() -> None:
    labels = [("rare" if number % 10 == 0 else "common", number, letter) for number in range(60) for letter in "abcd"]
    rows = [
        Example(f"{letter * 5} {number} words", (Span(0, 5, label),), f"a:{number}{letter}")
        for label, number, letter in labels
    ]
    found = split(rows, near_duplicate=1.0)
    rare = [sum(labels[place][0] == "rare" for place in side) for side in (found.train, found.validation, found.test)]
    assert rare == [16, 4, 4]


@pytest.mark.parametrize(
    ("rows", "settings", "expected"),
    [
        (separated(60), {"split": "time"}, "no column with the time"),
        (separated(60), {"split": "group"}, "no row has a group"),
        (separated(2), {}, "too few rows"),
        (
            [replace(row, text="always the same") for row in separated(60)],
            {},
            "too few rows: none is left for validation",
        ),
    ],
)
def test_what_cannot_be_split_says_why(rows: list[Example], settings: dict[str, Any], expected: str) -> None:
    with pytest.raises(UserError) as caught:
        split(rows, **settings)
    assert expected in caught.value.message
