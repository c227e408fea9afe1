"""Copies of one text are one piece of evidence, whatever is computed of them."""

from collections.abc import Callable

import numpy as np
import pytest

from ..bootstrap import bootstrap_interval, mean_interval
from ..classification import classification_scores
from ..paired import Difference, compare
from ..paired_f1 import compare_macro_f1, compare_span_f1
from ..rates import wilson_interval
from ..regression import regression
from ..spans import span_scores
from ..units import effective_counts, unit_numbers
from .test_spans import Span

Compared = Callable[[list[float], list[float], list[str]], Difference]

COPIES = 12
UNITS = ["copies"] * COPIES + [""] * 138


def by_labels(first: list[float], second: list[float], units: list[str]) -> Difference:
    """Macro-F1 of two labels in turn, in which 1 is right."""
    true = [str(place % 2) for place in range(len(first))]
    given = [[str((place + (not right)) % 2) for place, right in enumerate(each)] for each in (first, second)]
    return compare_macro_f1("macro-F1", true, given[0], given[1], units)


def by_spans(first: list[float], second: list[float], units: list[str]) -> Difference:
    """F1 of one span in each text."""
    true = [[Span(0, 3, "x")]] * len(first)
    given = [[[Span(0, 3 if right else 2, "x")] for right in each] for each in (first, second)]
    return compare_span_f1("span F1", true, given[0], given[1], units)


def by_mean(first: list[float], second: list[float], units: list[str]) -> Difference:
    """Accuracy."""
    return compare("accuracy", first, second, units=units)


@pytest.mark.parametrize("compared", [by_mean, by_labels, by_spans])
def test_a_gain_on_copies_of_one_message_is_one_gain(compared: Compared) -> None:
    rest = [1.0] * 100 + [0.0] * 38
    first, second = [1.0] * COPIES + rest, [0.0] * COPIES + rest
    apart, together = compared(first, second, []), compared(first, second, UNITS)
    assert apart.verdict == "better"
    assert together.verdict == "not worse"
    assert together.p is None
    assert together.difference == pytest.approx(apart.difference)
    assert (together.questions, together.won, together.lost) == (150, 12, 0)
    turned = compared(second, first, UNITS)
    assert turned.verdict == "cannot tell"
    assert turned.questions_needed is not None
    assert turned.questions_needed > 150
    # As many gains, each on a text of its own, are shown.
    assert compared(first, second, [""] * COPIES + ["copies"] * 2 + [""] * 136).verdict == "better"


@pytest.mark.parametrize("compared", [by_mean, by_labels, by_spans])
def test_units_of_one_item_change_nothing(compared: Compared) -> None:
    random = np.random.default_rng(3)
    first, second = ((random.random(60) < rate).astype(float).tolist() for rate in (0.8, 0.7))
    names = [f"unit {place}" for place in range(60)]
    assert compared(first, second, names) == compared(first, second, [])


@pytest.mark.parametrize("compared", [by_mean, by_labels, by_spans])
def test_systems_that_err_alike_are_seldom_told_apart_where_items_come_in_copies(compared: Compared) -> None:
    random = np.random.default_rng(5)
    units = [f"unit {place // 4}" for place in range(120)]
    told = [0, 0]
    for _ in range(60):
        first, second = (np.repeat(random.random(30) < 0.7, 4).astype(float).tolist() for _ in range(2))
        for number, given in enumerate(([""] * 120, units)):
            told[number] += compared(first, second, given).verdict in {"better", "worse"}
    assert told[1] <= 6
    assert told[0] >= 12


def test_intervals_of_copies_are_those_of_their_originals() -> None:
    once = [1.0] * 20 + [0.0] * 5
    copied = [value for value in once for _ in range(4)]
    units = [f"unit {place // 4}" for place in range(100)]
    assert mean_interval(copied, units) == pytest.approx(wilson_interval(20, 25))
    assert mean_interval([1.0] * 100, units) == pytest.approx(wilson_interval(25, 25))
    graded = [0.2, 0.4, 0.9, 0.5, 0.7]
    fourfold = [value for value in graded for _ in range(4)]
    names = [str(place // 4) for place in range(20)]
    low, high = bootstrap_interval(graded)
    assert mean_interval(fourfold, names) == pytest.approx((low, high))
    true, given = ["ab"[place % 2] for place in range(25)], ["ab"[place % 2 if place > 5 else 0] for place in range(25)]
    plain = classification_scores(true, given)
    repeated = classification_scores(
        [label for label in true for _ in range(4)], [label for label in given for _ in range(4)], units=units
    )
    assert repeated.macro_f1 == pytest.approx(plain.macro_f1)
    assert repeated.macro_f1_interval == pytest.approx(plain.macro_f1_interval, abs=0.02)
    for one, other in zip(plain.classes, repeated.classes, strict=True):
        assert other.recall_interval == pytest.approx(one.recall_interval)
        assert other.f1_interval == pytest.approx(one.f1_interval)
    wanted = [[Span(0, 3, "x")]] * 25
    found = [[Span(0, 3 if place > 5 else 2, "x")] for place in range(25)]
    spans = span_scores(
        [each for each in wanted for _ in range(4)], [each for each in found for _ in range(4)], None, units
    )
    assert spans.all.f1_interval == pytest.approx(span_scores(wanted, found).all.f1_interval, abs=0.02)


def test_a_label_is_worse_only_by_losses_that_are_evidence_of_their_own() -> None:
    new, old = [False] * COPIES + [True] * 138, [True] * 150
    labels = ["rare"] * COPIES + ["common"] * 138
    assert [each.group for each in regression(new, old, labels).worse_groups] == ["rare"]
    found = regression(new, old, labels, units=UNITS)
    assert found.worse_groups == ()
    (changed,) = found.changed_groups
    assert (changed.newly_wrong, changed.p) == (COPIES, 1.0)


def test_items_that_hang_together_tell_as_much_as_their_variance_says() -> None:
    part, whole = np.zeros(40, dtype=np.int64), np.ones(40)
    right = np.repeat([1.0, 0.0, 1.0, 0.0], 10)
    for size, expected in ((1, 40.0), (10, 4.0)):
        _, count = effective_counts(part, np.arange(40) // size, right, whole, 1)
        assert count[0] == pytest.approx(expected)
    # Units that are mixed as chance mixes them tell as much as single items.
    _, count = effective_counts(part, np.arange(40) % 4, right, whole, 1)
    assert count[0] == 40


def test_units_have_names_and_what_has_none_is_alone() -> None:
    numbers = unit_numbers(["a", "", "a", "", "b"], 5)
    assert numbers is not None
    assert numbers.tolist() == [0, 2, 0, 3, 1]
    assert unit_numbers(["a", "b", ""], 3) is None
    assert unit_numbers([], 3) is None
    with pytest.raises(ValueError, match="its unit"):
        unit_numbers(["a"], 3)
