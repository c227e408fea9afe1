import math
from typing import Any

import numpy as np
import pytest

from ..calibration import at_temperature, calibration, fit_temperature

Array = np.ndarray[Any, Any]


def answers(count: int, temperature: float, seed: int, size: int = 5) -> tuple[Array, Array]:
    """Probabilities whose truth is drawn from them, then made surer or less sure."""
    draw = np.random.default_rng(seed)
    logits = draw.normal(0, 2, (count, size))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    true = (honest.cumsum(axis=1) < draw.random((count, 1))).sum(axis=1)
    given = np.exp(logits / temperature)
    return given / given.sum(axis=1, keepdims=True), np.minimum(true, size - 1)


@pytest.mark.parametrize("distortion", [0.4, 1.0, 2.5])
def test_the_temperature_undoes_what_made_the_model_too_sure(distortion: float) -> None:
    given, true = answers(4000, distortion, seed=1)
    assert fit_temperature(given, true) == pytest.approx(1 / distortion, rel=0.06)


def test_the_temperature_is_where_the_likelihood_is_highest() -> None:
    given, true = answers(300, 0.5, seed=2)

    def likelihood(temperature: float) -> float:
        scaled = np.log(given) / temperature
        return float((scaled[np.arange(300), true] - np.log(np.exp(scaled).sum(axis=1))).sum())

    grid = np.exp(np.linspace(math.log(0.2), math.log(8), 2000))
    best = float(grid[np.argmax([likelihood(temperature) for temperature in grid])])
    assert fit_temperature(given, true) == pytest.approx(best, rel=0.02)


def test_a_sample_without_a_mistake_asks_for_no_certainty() -> None:
    given = np.full((20, 4), 0.05)
    given[np.arange(20), np.arange(20) % 4] = 0.85
    temperature = fit_temperature(given, np.arange(20) % 4)
    assert 0.4 < temperature < 1
    assert at_temperature(given, temperature).max() < 1


def test_any_temperature_keeps_the_likeliest_label_and_1_changes_nothing() -> None:
    given, _ = answers(200, 0.3, seed=3)
    given[0] = [1, 0, 0, 0, 0]
    for temperature in (0.05, 0.7, 20.0):
        scaled = at_temperature(given, temperature)
        assert scaled.dtype == np.float32
        assert scaled.sum(axis=1) == pytest.approx(np.ones(200), abs=1e-5)
        assert (scaled.argmax(axis=1) == given.argmax(axis=1)).all()
    assert at_temperature(given, 1.0) == pytest.approx(given, abs=1e-6)


def test_a_temperature_needs_labels_that_the_model_knows() -> None:
    for given, true in ((np.ones((0, 2)), np.ones(0, dtype=int)), (np.full((1, 2), 0.5), np.array([-1]))):
        with pytest.raises(ValueError, match="at least one item"):
            fit_temperature(given, true)
    assert fit_temperature(np.ones((3, 1)), np.zeros(3, dtype=int)) == 1.0


def test_figures_by_hand() -> None:
    given = np.array([[0.8, 0.2], [0.6, 0.4], [0.3, 0.7], [0.1, 0.9]])
    found = calibration(given, np.array([0, 1, 1, -1]), bins=2)
    # Sorted by confidence: .6 wrong, .7 right | .8 right, .9 wrong.
    assert [each for part in found.bins for each in part] == pytest.approx([2, 0.65, 0.5, 2, 0.85, 0.5])
    assert found.error == pytest.approx((0.15 + 0.35) / 2)
    assert found.confidence == pytest.approx(0.75)
    assert found.accuracy == 0.5
    assert found.brier == pytest.approx((0.08 + 0.72 + 0.18 + (0.01 + 0.81 + 1)) / 4)
    assert found.nll == pytest.approx(-(math.log(0.8) + math.log(0.4) + math.log(0.7) + math.log(1e-30)) / 4)


def test_items_of_one_confidence_share_a_bin_in_any_order() -> None:
    given = np.tile([0.75, 0.25], (100, 1))
    true = np.arange(100) % 4 == 0
    found = calibration(given, true.astype(int))
    assert found.bins == ((100, 0.75, 0.75),)
    assert found.error == pytest.approx(0.0)
    assert found.chance_error > 0.02


def test_honest_probabilities_are_told_from_dishonest_ones() -> None:
    honest = [calibration(*answers(400, 1.0, seed)) for seed in range(10)]
    assert sum(found.error > found.chance_error for found in honest) <= 2
    assert sum(found.error_interval[0] == 0 for found in honest) >= 8
    assert min(found.error for found in honest) > 0.02, "a sample shows an error where there is none"
    for seed in range(3):
        found = calibration(*answers(400, 0.5, seed))
        assert found.error > found.chance_error
        assert found.error_interval[0] > 0.03


def test_one_item_is_judged_without_claims() -> None:
    found = calibration(np.array([[0.9, 0.1]]), np.array([0]))
    assert found.error == pytest.approx(0.1)
    with pytest.raises(ValueError, match="at least one item"):
        calibration(np.ones((0, 2)), np.ones(0, dtype=int))
