import math

import pytest

from ..metrics import answer_contained, hit_at, mean, ndcg_at, normalise_answer, percentile, reciprocal_rank


def test_hits_and_ndcg_by_hand() -> None:
    assert (hit_at([False, True], 1), hit_at([False, True], 2), hit_at([], 5)) == (0.0, 1.0, 0.0)
    assert ndcg_at([True], 1, 10) == 1.0
    assert ndcg_at([False, True], 1, 10) == pytest.approx(1 / math.log2(3))
    assert ndcg_at([True, False, True], 2, 10) == pytest.approx((1 + 0.5) / (1 + 1 / math.log2(3)))
    assert ndcg_at([False] * 10 + [True], 1, 10) == 0.0
    with pytest.raises(ValueError, match="at least one"):
        ndcg_at([True], 0, 10)


def test_containment_ignores_case_articles_and_punctuation() -> None:
    assert normalise_answer("The  U.S. Army!") == "us army"
    assert answer_contained("It was led by the U.S. army.", ["US Army"])
    assert not answer_contained("It costs 1200 euros", ["200"])
    assert not answer_contained("anything", ["", "..."])


def test_percentiles_interpolate() -> None:
    assert percentile([4, 1, 3, 2], 0.5) == 2.5
    assert percentile([1], 0.95) == 1
    assert percentile([], 0.5) is None
    assert mean([]) is None


def test_the_reciprocal_rank_is_that_of_the_first_relevant_result() -> None:
    assert (reciprocal_rank([False, True, True]), reciprocal_rank([False]), reciprocal_rank([])) == (0.5, 0.0, 0.0)
