"""How long a column remembers, against series whose memory is known."""

import numpy as np
import pytest

from ..blocks import block_sums, evenly, lengths_for, memory_of
from ..memory import autocorrelation_time
from .drifting import autoregressive


@pytest.mark.parametrize("memory", [0.0, 0.5, 0.9, 0.97])
def test_the_time_of_an_autoregression_is_that_of_its_theory(memory: float) -> None:
    series = autoregressive(40_000, 4, memory, np.random.default_rng(4))
    found, error = autocorrelation_time(series, np.ones(4))
    assert found == pytest.approx((1 + memory) / (1 - memory), rel=0.12)
    assert abs(found - (1 + memory) / (1 - memory)) < 3 * error


def test_a_trend_has_no_end_to_its_memory() -> None:
    assert autocorrelation_time(np.arange(200.0)[:, None], np.ones(1))[0] == float("inf")


def test_what_never_changes_remembers_nothing() -> None:
    assert autocorrelation_time(np.ones((200, 2)), np.ones(2)) == (1, 0)


def test_rows_that_hang_together_count_for_fewer() -> None:
    # Each value stands ten times in a row, so that ten rows are worth one.
    draw = np.random.default_rng(5)
    codes = np.repeat(draw.integers(0, 8, 1000), 10)
    for ordered in (True, False):
        found = memory_of(block_sums(codes, 8, 5), ordered=ordered, rows=5)
        assert found.rows == pytest.approx(10, rel=0.2)


def test_independent_rows_count_in_full() -> None:
    codes = np.random.default_rng(6).integers(0, 8, 10_000)
    found = memory_of(block_sums(codes, 8, 5), ordered=True, rows=5)
    assert found.rows_at_most > found.rows
    assert found.rows == pytest.approx(1, abs=0.15)


@pytest.mark.parametrize(("reference", "current"), [(2172, 2172), (445, 1244), (64, 64), (25_000, 25_000), (32, 40)])
def test_the_shorter_side_has_at_least_32_blocks(reference: int, current: int) -> None:
    lengths = lengths_for(reference, current)
    assert min(lengths.counts(0)) >= 32
    assert lengths.rows(1) == 2 * lengths.rows(0)


def test_a_longer_memory_asks_for_longer_blocks_until_nothing_can_be_told() -> None:
    lengths = lengths_for(2000, 2000)
    rungs = [lengths.rung_for(memory) for memory in (1.0, 2.0, 8.0, 40.0)]
    assert rungs == sorted(rungs)
    assert rungs[0] == 0
    assert lengths.tells(0, 1e-4)
    assert not lengths.tells(lengths.rung_for(float("inf")), 0.01)


def test_a_much_longer_side_takes_part_with_stretches_from_all_of_it() -> None:
    kept = evenly(100_000, 500)
    assert 3_000 <= len(kept) <= 4_000
    assert kept[0] == 0
    assert kept[-1] == 99_999
    assert (np.diff(kept) == 1).mean() > 0.95
    assert len(evenly(600, 500)) == 600


def test_sums_by_block_are_those_of_its_rows() -> None:
    codes = np.array([0, 1, 1, 2, 2, 2, 0])
    assert block_sums(codes, 3, 3).tolist() == [[1, 2, 0], [0, 0, 3]]
    values = np.arange(7.0)[:, None]
    assert block_sums(values, 1, 3).tolist() == [[3], [12]]
