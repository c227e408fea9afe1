import numpy as np
import pytest

from ..freshness import blocks_for, judge_freshness, too_short

BLOCKS = 8


def scores(generator: np.random.Generator, slope: float) -> np.ndarray:
    """Models and blocks that differ by chance, and scores that fall by `slope` with each step of distance."""
    places = np.arange(BLOCKS)
    distance = np.abs(places[:, None] - places[None, :])
    by_chance = generator.normal(size=(BLOCKS, 1)) + generator.normal(size=(1, BLOCKS))
    return by_chance - slope * distance + 0.5 * generator.normal(size=(BLOCKS, BLOCKS))


def test_without_drift_the_test_errs_as_often_as_its_level() -> None:
    generator = np.random.default_rng(5)
    found = [judge_freshness(scores(generator, 0.0), 100, 0.1, 199, seed).fades for seed in range(200)]
    assert 8 <= sum(found) <= 34


def test_what_fades_is_found_with_its_size() -> None:
    found = judge_freshness(scores(np.random.default_rng(1), 0.5), 100, 0.01, 999, 0)
    assert found.fades
    assert found.p == pytest.approx(1 / 1000)
    assert found.gain is not None
    assert found.gain > 0.5
    assert found.by_distance[0] > found.by_distance[-1]


def test_good_models_and_easy_blocks_alone_are_no_drift() -> None:
    easier = np.arange(BLOCKS, dtype=np.float64)
    plain = np.random.default_rng(0).normal(size=(BLOCKS, BLOCKS)) * 0.1
    found = judge_freshness(plain + 10 * easier[None, :] + 5 * easier[:, None], 100, 0.01, 999, 0)
    assert not found.fades


def test_a_change_back_and_forth_that_near_rows_do_not_help_with_is_not_fading() -> None:
    same = np.add.outer(np.arange(BLOCKS), np.arange(BLOCKS)) % 2 == 0
    assert not judge_freshness(np.where(same, 1.0, 0.0), 100, 0.01, 999, 0).fades


def test_few_blocks_are_tried_in_every_order() -> None:
    distance = np.abs(np.subtract.outer(np.arange(6), np.arange(6))).astype(float)
    # The best order and its mirror image: 2 of 720.
    assert judge_freshness(-distance, 50, 0.01, 999, 0).p == pytest.approx(2 / 720)


def test_a_short_history_has_no_test() -> None:
    assert blocks_for(1000, 10) == 10
    assert blocks_for(200, 10) == 6
    assert blocks_for(179, 10) == 0
    found = too_short(179, 0.01)
    assert not found.fades
    assert "at least 180" in found.why
