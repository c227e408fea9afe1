"""The population stability index, against figures worked out by hand and against its theory."""

import numpy as np
import pytest

from ..psi import binned, from_area, from_difference, index, quantile_edges


def test_the_index_of_two_bins_is_the_sum_of_their_shares() -> None:
    # Shares .5, .5 against .8, .2; half a row in 100,000 is nothing.
    by_hand = 0.3 * np.log(0.8 / 0.5) - 0.3 * np.log(0.2 / 0.5)
    assert float(index(np.array([5e4, 5e4]), np.array([8e4, 2e4]))) == pytest.approx(by_hand, rel=1e-3)


def test_the_index_does_not_depend_on_which_side_is_which() -> None:
    draw = np.random.default_rng(1)
    first, second = draw.integers(0, 50, (2, 12)).astype(np.float64)
    assert float(index(first, second)) == pytest.approx(float(index(second, first)))
    assert float(index(first, first)) == 0


def test_an_empty_bin_is_not_infinite_and_a_bin_empty_on_both_sides_is_none() -> None:
    assert float(index(np.array([10.0, 0.0]), np.array([0.0, 10.0]))) == pytest.approx(2 * 10 / 11 * np.log(21))
    with_empty = index(np.array([3.0, 0.0, 7.0]), np.array([5.0, 0.0, 5.0]))
    assert float(with_empty) == float(index(np.array([3.0, 7.0]), np.array([5.0, 5.0])))


def test_the_index_of_normal_distributions_is_the_square_of_their_distance() -> None:
    draw = np.random.default_rng(2)
    reference, current = draw.normal(size=400_000), draw.normal(0.5, 1, 400_000)
    edges = quantile_edges(reference, 100)
    counts = [np.bincount(binned(side, edges), minlength=102).astype(np.float64) for side in (reference, current)]
    assert float(index(*counts)) == pytest.approx(from_difference(0.5), rel=0.03)
    area = (np.searchsorted(np.sort(reference), current) / len(reference)).mean()
    assert from_area(float(area)) == pytest.approx(from_difference(0.5), rel=0.03)
    assert from_area(0.3) == 0


@pytest.mark.parametrize("bins", [2, 10, 32])
def test_bins_hold_as_many_rows_each(bins: int) -> None:
    values = np.random.default_rng(3).normal(size=bins * 500)
    counts = np.bincount(binned(values, quantile_edges(values, bins)))
    assert counts[0] == 0
    assert counts[1:].tolist() == [500] * bins


def test_values_that_are_missing_infinite_or_alike_have_bins() -> None:
    values = np.array([np.nan, -np.inf, 0, 0, 0, 0, 0, np.inf])
    edges = quantile_edges(values[1:], 10)
    assert np.isin(edges, [-np.inf, 0, np.inf]).all()
    bins = binned(values, edges)
    assert bins[0] == 0
    assert len(set(bins[2:7].tolist())) == 1
    assert bins[1] < bins[2] < bins[7]
    assert len(quantile_edges(np.zeros(0), 10)) == 0
