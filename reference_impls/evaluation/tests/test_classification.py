import numpy as np
import pytest

from ..classification import classification_scores, coded, label_tally, macro_f1
from ..f1 import f1_intervals, ratio
from ..rates import wilson_interval, wilson_intervals
from ..tallies import draw_again, value_of

TRUE = ["card", "card", "card", "cash", "cash", "fee"]
GIVEN = ["card", "card", "cash", "cash", "fee", "fee"]


def test_scores_by_hand() -> None:
    found = classification_scores(TRUE, GIVEN)
    card, cash, fee = found.classes
    assert (found.items, found.accuracy) == (6, 4 / 6)
    assert (card.support, card.predicted, card.precision, card.recall, card.f1) == (3, 2, 1.0, 2 / 3, 0.8)
    assert (cash.support, cash.predicted, cash.precision, cash.recall, cash.f1) == (2, 2, 0.5, 0.5, 0.5)
    assert (fee.support, fee.predicted, fee.precision, fee.recall) == (1, 2, 0.5, 1.0)
    assert fee.f1 == pytest.approx(2 / 3)
    assert found.macro_f1 == pytest.approx((0.8 + 0.5 + 2 / 3) / 3)
    assert found.accuracy_interval == wilson_interval(4, 6)
    assert card.recall_interval == pytest.approx(wilson_interval(2, 3))
    assert card.precision_interval == pytest.approx(wilson_interval(2, 2))
    assert [(each.true, each.predicted, each.count, each.share) for each in found.confusions] == [
        ("card", "cash", 1, pytest.approx(1 / 3)),
        ("cash", "fee", 1, 0.5),
    ]


def test_a_label_that_nothing_carries_or_was_given_has_no_recall_or_precision() -> None:
    found = classification_scores(["a", "a", "b"], ["a", "c", "a"])
    a, b, c = found.classes
    assert (b.precision, b.recall, b.f1) == (None, 0.0, 0.0)
    assert (c.precision, c.recall, c.f1) == (0.0, None, 0.0)
    assert b.precision_interval == c.recall_interval == (0.0, 1.0)
    assert found.macro_f1 == pytest.approx(a.f1 / 3)


def test_a_label_that_the_model_does_not_know_is_wrong_and_counted() -> None:
    found = classification_scores(["a", "b", "new", "new"], ["a", "b", "a", "b"], known=["a", "b", "c"])
    assert (found.accuracy, found.unknown_items) == (0.5, 2)
    assert [(each.label, each.known) for each in found.classes] == [("a", True), ("b", True), ("new", False)]
    assert classification_scores(["a"], ["b"]).unknown_items == 0


def test_the_most_frequent_confusions_come_first_and_ties_by_name() -> None:
    true = ["b"] * 3 + ["a"] * 3 + ["c"]
    given = ["c", "a", "c", "b", "b", "c", "a"]
    pairs = [(each.true, each.predicted) for each in classification_scores(true, given, confusions=3).confusions]
    assert pairs == [("a", "b"), ("b", "c"), ("a", "c")]


@pytest.mark.parametrize(("true", "given"), [([], []), (["a"], []), (["a"], ["a", "b"])])
def test_labels_come_in_pairs(true: list[str], given: list[str]) -> None:
    with pytest.raises(ValueError, match="at least one item"):
        classification_scores(true, given)


def test_few_items_without_a_mistake_are_no_certainty() -> None:
    few, many = (classification_scores(["a", "b"] * count, ["a", "b"] * count) for count in (4, 400))
    assert few.macro_f1 == 1.0
    assert few.macro_f1_interval[0] < 0.85
    assert 0.98 < many.macro_f1_interval[0] < 1
    assert many.macro_f1_interval[1] == 1.0
    rare = classification_scores(["a"] * 400 + ["b"], ["a"] * 400 + ["b"])
    assert rare.macro_f1_interval[0] < 0.7, "one item of a label that counts for a half says little"


def test_the_interval_of_f1_is_that_of_the_share_it_is_made_of() -> None:
    low, high = f1_intervals([8], [10])[0]
    share = wilson_interval(8, 10)
    assert (low, high) == pytest.approx((2 * share[0] / (1 + share[0]), 2 * share[1] / (1 + share[1])))
    assert f1_intervals([0, 5], [0, 5]).tolist() == [[0.0, 1.0], [pytest.approx(0.7222, abs=1e-3), 1.0]]


def test_many_intervals_at_once_are_those_of_each() -> None:
    pairs = [(errors, trials) for trials in range(12) for errors in range(trials + 1)]
    found = wilson_intervals([errors for errors, _ in pairs], [trials for _, trials in pairs])
    assert found.tolist() == [pytest.approx(wilson_interval(*pair)) for pair in pairs]


def slow_macro_f1(true: list[int], given: list[int]) -> float:
    scores = []
    for label in {*true, *given}:
        right = sum(one == other == label for one, other in zip(true, given, strict=True))
        scores.append(2 * right / (true.count(label) + given.count(label)))
    return sum(scores) / len(scores)


@pytest.mark.parametrize("seed", range(5))
def test_the_tally_of_any_draw_gives_what_counting_gives(seed: int) -> None:
    draw = np.random.default_rng(seed)
    size, kinds = 5, 12
    true, given = draw.integers(0, size, (2, kinds))
    tally = label_tally(true, given, size)
    drawn = draw.integers(0, 3, (7, kinds))
    expected = []
    for row in drawn:
        items = [place for place, count in enumerate(row) for _ in range(count)]
        expected.append(slow_macro_f1([int(true[item]) for item in items], [int(given[item]) for item in items]))
    assert macro_f1(tally.counts(drawn.astype(float))).tolist() == pytest.approx(expected)


def test_items_drawn_again_are_those_that_a_plain_bootstrap_draws() -> None:
    draw = np.random.default_rng(3)
    true = draw.integers(0, 3, 120)
    given = np.where(draw.random(120) < 0.8, true, draw.integers(0, 3, 120))
    tally = label_tally(true, given, 3)
    drawn = draw_again(np.ones(120), (tally,), macro_f1)[0]
    plain = []
    for _ in range(2000):
        items = draw.integers(0, 120, 120)
        plain.append(slow_macro_f1(true[items].tolist(), given[items].tolist()))
    assert len(drawn) == 2000
    assert drawn.mean() == pytest.approx(np.mean(plain), abs=0.004)
    assert drawn.std() == pytest.approx(np.std(plain), rel=0.08)
    assert value_of(np.ones(120), tally, macro_f1) == pytest.approx(slow_macro_f1(true.tolist(), given.tolist()))


def test_blocks_change_nothing_but_the_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    tally = label_tally(np.array([0, 1, 1]), np.array([0, 1, 0]), 2)
    whole = draw_again(np.array([5.0, 4.0, 3.0]), (tally, tally), macro_f1, resamples=101)
    monkeypatch.setattr("numpy.random.default_rng", np.random.default_rng)
    monkeypatch.setattr(draw_again.__globals__["__name__"] + "._NUMBERS_AT_ONCE", 100)
    parts = draw_again(np.array([5.0, 4.0, 3.0]), (tally, tally), macro_f1, resamples=101)
    assert whole.shape == (2, 101)
    assert parts.tolist() == whole.tolist()


def test_labels_are_numbered_in_alphabetical_order() -> None:
    found = coded(["b", "a"], ["c", "a"], ["a", "a"])
    assert found.labels == ("a", "b", "c")
    assert found.true.tolist() == [1, 0]
    assert found.given.tolist() == [[2, 0], [0, 0]]


def test_a_part_of_nothing_is_nothing() -> None:
    assert ratio([1, 0, 3], [2, 0, 4]).tolist() == [0.5, 0.0, 0.75]
