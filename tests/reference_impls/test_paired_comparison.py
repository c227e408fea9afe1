"""Paired comparisons, on any right and wrong answers and any scores."""

from __future__ import annotations

import math

from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impls.evaluation.bootstrap import mean_interval
from reference_impls.evaluation.paired import compare, mcnemar_exact

SCORES = st.lists(st.tuples(st.floats(0, 1), st.floats(0, 1)), min_size=1, max_size=60)


@settings(deadline=None, max_examples=60)
@given(SCORES)
def test_a_comparison_is_consistent_with_itself(pairs: list[tuple[float, float]]) -> None:
    first, second = [one for one, _ in pairs], [two for _, two in pairs]
    found = compare("score", first, second)
    low, high = found.interval
    assert -1 <= low <= high <= 1
    assert 0 <= found.share_above_zero <= 1
    assert found.won + found.lost <= found.questions
    assert (found.questions_needed is not None) == (found.verdict == "cannot tell")
    assert found.questions_needed is None or found.questions_needed > found.questions
    same = compare("score", first, first)
    assert same.verdict in {"not worse", "cannot tell"}


@settings(deadline=None, max_examples=60)
@given(st.integers(0, 30), st.integers(0, 30), st.integers(0, 100))
def test_no_verdict_goes_far_beyond_the_exact_test(won: int, lost: int, same: int) -> None:
    if not won + lost + same:
        return
    first = [1.0] * won + [0.0] * (lost + same)
    second = [0.0] * won + [1.0] * lost + [0.0] * same
    found = compare("right", first, second)
    p = mcnemar_exact(won, lost)
    assert found.p == p
    if found.verdict in {"better", "worse"}:
        assert p < 0.1
        assert (won > lost) == (found.verdict == "better")
    if p < 0.02:
        assert found.verdict == ("better" if won > lost else "worse")


@given(st.integers(0, 60), st.integers(0, 60))
def test_the_exact_test_is_a_probability_that_falls_with_the_gap(won: int, lost: int) -> None:
    p = mcnemar_exact(won, lost)
    assert 0 < p <= 1
    assert p == mcnemar_exact(lost, won)
    if won >= lost:
        assert mcnemar_exact(won + 1, lost) <= p


@settings(deadline=None, max_examples=60)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=60))
def test_an_interval_stays_within_the_scale(values: list[float]) -> None:
    found = mean_interval(values)
    assert found is not None
    low, high = found
    assert 0 <= low <= high <= 1 + 1e-12
    assert math.isfinite(low)
