import math

import numpy as np
import pytest

from ..abstaining import choose_threshold, coverage_curve
from ..holm import holm
from ..rates import chance_of_so_few


def test_the_curve_by_hand() -> None:
    curve = coverage_curve(np.array([0.5, 0.9, 0.7, 0.7]), np.array([False, True, True, False]))
    assert [(point.threshold, point.coverage) for point in curve] == [(0.9, 0.25), (0.7, 0.75), (0.5, 1.0)]
    assert [point.accuracy for point in curve] == [1.0, pytest.approx(2 / 3), 0.5]


def test_a_threshold_answers_what_it_promises() -> None:
    draw = np.random.default_rng(1)
    confidence = draw.random(2000)
    right = draw.random(2000) < 0.5 + confidence / 2
    chosen = choose_threshold(confidence, right, 0.9)
    assert chosen is not None
    answered = confidence >= chosen.threshold
    assert (chosen.answered, chosen.coverage) == (answered.sum(), answered.mean())
    assert chosen.accuracy == pytest.approx(right[answered].mean())
    assert chosen.accuracy > chosen.promised == 0.9
    # Where confidence is c, the accuracy from there on is 1/2 + (1 + c) / 4: 0.9 from c = 0.6 on.
    assert 0.6 < chosen.threshold < 0.85


def test_a_good_model_answers_everything_and_a_bad_or_little_known_one_nothing() -> None:
    confidence = np.linspace(0.3, 1, 500)
    everything = choose_threshold(confidence, np.ones(500, dtype=bool), 0.95)
    assert everything is not None
    assert (everything.coverage, everything.threshold) == (1.0, 0.3)
    assert choose_threshold(confidence, np.arange(500) % 2 == 0, 0.95) is None
    assert choose_threshold(confidence[:20], np.ones(20, dtype=bool), 0.95) is None


def test_items_of_one_confidence_are_answered_together() -> None:
    chosen = choose_threshold(np.full(300, 0.8), np.arange(300) > 2, 0.9)
    assert chosen is not None
    assert (chosen.threshold, chosen.answered) == (0.8, 300)
    with pytest.raises(ValueError, match="at least one item"):
        choose_threshold(np.ones(0), np.ones(0), 0.9)


@pytest.mark.parametrize("kind", ["flat", "steep"])
def test_the_promise_is_broken_no_more_often_than_told(kind: str) -> None:
    """Known chances: the true accuracy of what is answered can be computed."""
    broken = chosen_at_all = 0
    for seed in range(300):
        draw = np.random.default_rng(seed)
        confidence = draw.random(400)
        chance = np.full(400, 0.899) if kind == "flat" else 0.8 + 0.2 * confidence
        found = choose_threshold(confidence, draw.random(400) < chance, 0.9)
        if found is None:
            continue
        chosen_at_all += 1
        truth = 0.899 if kind == "flat" else 0.8 + 0.2 * (1 + found.threshold) / 2
        broken += truth < 0.9
    assert broken <= 0.05 * 300
    assert kind == "flat" or chosen_at_all > 150


def test_the_binomial_tail_is_that_of_the_definition() -> None:
    for errors, trials, rate in ((0, 59, 0.05), (3, 20, 0.3), (7, 8, 0.5), (40, 1000, 0.05)):
        exact = sum(math.comb(trials, k) * rate**k * (1 - rate) ** (trials - k) for k in range(errors + 1))
        assert chance_of_so_few(errors, trials, rate) == pytest.approx(exact)
    assert chance_of_so_few(5, 5, 0.5) == chance_of_so_few(0, 0, 0.5) == 1.0
    assert chance_of_so_few(900, 100_000, 0.01) == pytest.approx(0.0007, abs=2e-4)


def test_holm_by_hand() -> None:
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([0.02, 0.5], tests=1) == pytest.approx([0.02, 0.5])
    assert holm([]) == []
