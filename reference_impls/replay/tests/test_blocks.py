import math

import numpy as np
import pytest

from ..blocks import above_zero, block_length, cut_blocks, draw, mean_with_interval, sums_by_cell


def autocorrelated(count: int, memory: float, seed: int) -> np.ndarray:
    noise = np.random.default_rng(seed).normal(size=count)
    for row in range(1, count):
        noise[row] += memory * noise[row - 1]
    return noise


def test_independent_rows_are_drawn_nearly_one_by_one_and_dependent_ones_in_blocks() -> None:
    independent, _ = block_length([np.random.default_rng(1).normal(size=3000)])
    dependent, _ = block_length([autocorrelated(3000, 0.9, 1)])
    assert independent <= 6
    assert dependent > 30


def test_the_most_dependent_series_decides() -> None:
    calm, rough = np.random.default_rng(0).normal(size=2000), autocorrelated(2000, 0.8, 2)
    assert block_length([calm, rough]) == block_length([rough])


def test_a_series_that_never_forgets_leaves_sixteen_blocks_and_says_so() -> None:
    length, why = block_length([np.repeat([0.0, 1.0], 200)])
    assert length == 400 // 16
    assert "too narrow" in why


def test_constant_and_short_series_need_no_blocks() -> None:
    assert block_length([np.zeros(500)])[0] == 1
    assert block_length([np.array([1.0, 0.0, 1.0])])[0] == 1


def test_cells_add_up_to_blocks_and_to_windows() -> None:
    values = np.arange(103, dtype=np.float64)
    blocks = cut_blocks([40, 0, 3, 60], 10, "")
    sums = sums_by_cell(values, blocks)
    assert sum(blocks.rows) == 103
    by_window = np.bincount(blocks.windows, weights=sums, minlength=4)
    assert by_window.tolist() == [values[:40].sum(), 0.0, values[40:43].sum(), values[43:].sum()]
    lengths = np.bincount(blocks.blocks, weights=blocks.rows)
    assert len(lengths) == 10
    assert lengths.min() >= 10
    assert lengths.max() <= 11


def test_the_interval_holds_the_mean_of_dependent_rows_about_as_often_as_it_says() -> None:
    held = 0
    for seed in range(60):
        values = autocorrelated(600, 0.7, seed)
        blocks = cut_blocks([600], block_length([values])[0], "")
        _, (low, high) = mean_with_interval(sums_by_cell(values, blocks), draw(blocks.rows, blocks.blocks, 300, seed))
        held += low <= 0.0 <= high
    assert held >= 50


def test_chance_alone_is_seldom_shown_and_a_gain_is() -> None:
    shown = 0
    for seed in range(60):
        values = autocorrelated(600, 0.5, seed)
        blocks = cut_blocks([600], block_length([values])[0], "")
        drawn = draw(blocks.rows, blocks.blocks, 300, seed)
        shown += above_zero(sums_by_cell(values, blocks), 0.0, drawn).p <= 0.05
        assert above_zero(sums_by_cell(values + 1.0, blocks), 0.0, drawn).p <= 0.02
    assert shown <= 8


def test_what_is_fixed_moves_the_whole_test() -> None:
    values = np.random.default_rng(3).normal(loc=0.5, size=400)
    blocks = cut_blocks([400], 1, "")
    drawn = draw(blocks.rows, blocks.blocks, 999, 0)
    sums = sums_by_cell(values, blocks)
    plain, dear = above_zero(sums, 0.0, drawn), above_zero(sums, -400.0, drawn)
    assert plain.p < 0.01
    assert dear.p > 0.9
    assert math.isclose(dear.total, plain.total - 400.0)
    assert dear.interval[1] < 0 < plain.interval[0]


def test_without_any_spread_the_sign_decides() -> None:
    drawn = draw([10, 10], [0, 1], 999, 0)
    nothing = np.zeros(2)
    assert above_zero(nothing, 0.0, drawn).p == 1.0
    assert above_zero(nothing, -1.0, drawn).p == 1.0
    assert above_zero(nothing, 1.0, drawn).p == 1 / 1000


def test_one_block_shows_nothing() -> None:
    drawn = draw([10], [0], 99, 0)
    assert mean_with_interval(np.array([5.0]), drawn) == (0.5, (-math.inf, math.inf))
    for sums in (5.0, -5.0):
        tested = above_zero(np.array([sums]), 0.0, drawn)
        assert (tested.p, tested.interval) == (1.0, (-math.inf, math.inf))


def test_the_earlier_half_has_blocks_of_its_own_length() -> None:
    blocks = cut_blocks([40, 20, 30, 60], 10, "", 4)
    assert len(blocks.earlier) == sum(window < 2 for window in blocks.windows)
    rows = np.bincount(blocks.earlier, weights=blocks.rows[: len(blocks.earlier)])
    assert rows.tolist() == [4.0] * 15
    assert np.bincount(blocks.blocks, weights=blocks.rows).tolist() == [10.0] * 15


def test_the_smallest_p_is_what_a_certain_gain_gets() -> None:
    for count in (2, 4, 16):
        drawn = draw([10] * count, range(count), 9999, 0)
        gains = np.arange(1000.0, 1000.0 + count)
        assert above_zero(gains, 0.0, drawn).p == pytest.approx(drawn.smallest_p, rel=0.2)
