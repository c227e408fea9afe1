import time

import numpy as np
import pytest
from numpy.typing import NDArray

from ..paired import compare
from ..paired_f1 import compare_macro_f1, compare_span_f1
from .test_spans import Span

Array = NDArray[np.int64]


def labels(numbers: Array) -> list[str]:
    return [f"label {number:03}" for number in numbers]


def test_the_difference_is_that_of_the_two_measures_and_changes_its_sign_with_the_order() -> None:
    true, first, second = list("aabbc"), list("aabba"), list("abbbc")
    found = compare_macro_f1("macro-F1", true, first, second)
    assert found.first == pytest.approx((0.8 + 1 + 0) / 3)
    assert found.second == pytest.approx((2 / 3 + 0.8 + 1) / 3)
    assert found.difference == pytest.approx(found.first - found.second)
    assert (found.questions, found.won, found.lost, found.p) == (5, 1, 1, None)
    turned = compare_macro_f1("macro-F1", true, second, first)
    assert turned.difference == pytest.approx(-found.difference)
    assert found.interval[0] < 0 < found.interval[1]


@pytest.mark.parametrize(
    ("won", "lost", "items", "verdict"),
    [
        (20, 2, 60, "better"),
        (2, 20, 60, "worse"),
        (3, 0, 30, "cannot tell"),
        (0, 3, 30, "cannot tell"),
        (0, 0, 40, "cannot tell"),
        (0, 0, 1000, "not worse"),
        (9, 8, 2000, "not worse"),
    ],
)
def test_few_differing_items_are_no_proof(won: int, lost: int, items: int, verdict: str) -> None:
    true = np.arange(items) % 4
    first, second = true.copy(), true.copy()
    second[:won] = (true[:won] + 1) % 4
    first[won : won + lost] = (true[won : won + lost] + 1) % 4
    found = compare_macro_f1("macro-F1", labels(true), labels(first), labels(second))
    assert (found.won, found.lost, found.verdict) == (won, lost, verdict)
    plain = compare("accuracy", (first == true).astype(float).tolist(), (second == true).astype(float).tolist())
    assert plain.verdict == verdict, "of evenly spread labels, both measures say the same"


def test_four_items_of_a_rare_label_are_no_proof_although_they_count_for_a_half() -> None:
    true = ["common"] * 196 + ["rare"] * 4
    found = compare_macro_f1("macro-F1", true, true, ["common"] * 200)
    assert found.difference > 0.4
    assert found.verdict == "cannot tell"
    assert found.questions_needed is not None
    assert found.questions_needed > 200


def test_a_rare_label_on_which_both_agree_is_not_certain_either() -> None:
    true = ["common"] * 100 + ["rare"] * 2
    second = ["rare"] * 6 + ["common"] * 94 + ["rare"] * 2
    common_alone = compare_macro_f1("macro-F1", ["common"] * 100, ["common"] * 100, second[:100])
    both = compare_macro_f1("macro-F1", true, true, second)
    assert both.interval[0] < common_alone.interval[0]


def test_one_label_alone_is_never_certain() -> None:
    found = compare_macro_f1("macro-F1", ["a"] * 3, ["a"] * 3, ["a"] * 3)
    assert (found.difference, found.verdict) == (0.0, "cannot tell")


def test_thousands_of_items_and_dozens_of_labels_take_no_time() -> None:
    draw = np.random.default_rng(1)
    true = draw.integers(0, 77, 3000)
    first, second = (np.where(draw.random(3000) < 0.9, true, draw.integers(0, 77, 3000)) for _ in range(2))
    started = time.process_time()
    compare_macro_f1("macro-F1", labels(true), labels(first), labels(second))
    assert time.process_time() - started < 2


def test_the_interval_is_that_of_a_plain_paired_bootstrap_where_there_are_many_items() -> None:
    draw = np.random.default_rng(2)
    true = draw.integers(0, 4, 800)
    first, second = (np.where(draw.random(800) < share, true, draw.integers(0, 4, 800)) for share in (0.8, 0.75))
    low, high = compare_macro_f1("macro-F1", labels(true), labels(first), labels(second)).interval

    def score(given: Array, items: Array) -> float:
        carried, got = true[items], given[items]
        return float(
            np.mean(
                [2 * ((carried == x) & (got == x)).sum() / ((carried == x).sum() + (got == x).sum()) for x in range(4)]
            )
        )

    plain = []
    for _ in range(2000):
        items = draw.integers(0, 800, 800)
        plain.append(score(first, items) - score(second, items))
    expected = np.quantile(plain, [0.025, 0.975])
    assert (low, high) == pytest.approx(tuple(expected), abs=0.005)


def texts(count: int, share: float, draw: np.random.Generator) -> list[tuple[Span, ...]]:
    return [tuple(Span(place, place + 1, "x") for place in range(4) if draw.random() < share) for _ in range(count)]


def test_spans_are_compared_text_by_text() -> None:
    draw = np.random.default_rng(4)
    true = texts(300, 1, draw)
    first, second = texts(300, 0.9, draw), texts(300, 0.7, draw)
    found = compare_span_f1("span F1", true, first, second)
    right = [sum(map(len, given)) for given in (first, second)]
    assert found.first == pytest.approx(2 * right[0] / (1200 + right[0]))
    assert found.second == pytest.approx(2 * right[1] / (1200 + right[1]))
    assert (found.verdict, found.questions) == ("better", 300)
    assert compare_span_f1("span F1", true, second, first).verdict == "worse"
    assert found.won == sum(len(one) > len(two) for one, two in zip(first, second, strict=True))


@pytest.mark.parametrize(("count", "verdict"), [(4, "cannot tell"), (40, "cannot tell"), (1000, "not worse")])
def test_equal_spans_are_not_worse_only_where_there_are_many_texts(count: int, verdict: str) -> None:
    true = texts(count, 0.7, np.random.default_rng(5))
    found = compare_span_f1("span F1", true, true, true)
    assert (found.difference, found.verdict, found.won, found.lost) == (0.0, verdict, 0, 0)


def test_texts_without_spans_can_be_compared() -> None:
    true: list[tuple[Span, ...]] = [()] * 5
    found = compare_span_f1("span F1", true, true, [(Span(0, 1, "x"),), (), (), (), ()])
    assert (found.won, found.lost, found.verdict) == (1, 0, "cannot tell")
