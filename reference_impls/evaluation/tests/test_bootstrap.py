import math

import numpy as np
import pytest

from ..bootstrap import bootstrap_interval, mean_interval, resampled_means
from ..rates import wilson_interval


@pytest.mark.parametrize("count", [200, 5000])
def test_an_interval_of_many_values_is_that_of_the_normal_distribution(count: int) -> None:
    values = np.random.default_rng(1).random(count)
    half = 1.96 * float(values.std()) / math.sqrt(count)
    low, high = bootstrap_interval(values.tolist())
    assert low == pytest.approx(values.mean() - half, abs=half / 10)
    assert high == pytest.approx(values.mean() + half, abs=half / 10)


def test_the_same_values_give_the_same_interval() -> None:
    values = [0.0, 0.2, 0.4, 0.9]
    assert bootstrap_interval(values) == bootstrap_interval(values)
    assert bootstrap_interval(values, resamples=100, seed=1) != bootstrap_interval(values, resamples=100, seed=2)


def test_every_draw_is_counted_once_however_many_fit_into_memory() -> None:
    assert len(resampled_means([0.5] * 3000, resamples=2001)) == 2001


def test_right_and_wrong_is_a_share_and_never_certain() -> None:
    assert mean_interval([1.0] * 8) == wilson_interval(8, 8)
    assert mean_interval([1.0, 0.0, 0.0]) == wilson_interval(1, 3)
    assert mean_interval([0.5, 1.0, 0.0]) == bootstrap_interval([0.5, 1.0, 0.0])
    assert mean_interval([]) is None
