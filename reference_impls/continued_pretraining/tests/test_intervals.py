"""Intervals over documents: they hold the truth, pair the models, and do not take tokens for independent."""

import math

import numpy as np
import pytest

from ..base import Losses
from ..intervals import change, perplexity, perplexity_interval


def losses(means: list[float], count: int = 100) -> Losses:
    counts = np.full(len(means), count, dtype=np.int64)
    return Losses(np.array(means) * counts, counts)


def test_perplexity_counts_tokens_and_not_documents() -> None:
    uneven = Losses(np.array([900.0, 10.0]), np.array([300, 100]))
    assert perplexity(uneven) == pytest.approx(math.exp(910 / 400))
    assert perplexity(losses([0.0])) == 1
    assert perplexity(losses([5000.0])) < math.inf


def test_intervals_hold_the_truth_about_as_often_as_they_say() -> None:
    draw = np.random.default_rng(3)
    held = 0
    for _ in range(150):
        means = draw.normal(2.0, 0.5, 40)
        low, high = perplexity_interval(losses(list(means), count=50))
        held += low <= math.exp(2.0) <= high
    assert 0.88 < held / 150 <= 1


def test_a_small_gain_on_each_of_uneven_documents_is_seen_in_pairs() -> None:
    draw = np.random.default_rng(4)
    before = list(draw.uniform(1, 6, 30))
    ratio, (low, high) = change(losses(before), losses([mean - 0.05 - 0.01 * draw.random() for mean in before]))
    assert low < ratio < high < 1
    assert ratio == pytest.approx(math.exp(-0.055), abs=0.003)
    apart = perplexity_interval(losses(before))
    assert apart[1] / apart[0] > 1.5
    assert change(losses(before), losses(before)) == (1.0, (1.0, 1.0))


def test_models_that_judged_other_tokens_do_not_compare() -> None:
    with pytest.raises(ValueError, match="same tokens"):
        change(losses([1.0]), losses([1.0], count=99))
