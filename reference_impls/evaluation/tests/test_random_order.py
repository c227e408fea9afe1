import math
from itertools import permutations

import pytest

from ..metrics import hit_at, ndcg_at, reciprocal_rank
from ..random_order import expected_ndcg_at, expected_of_first, first_rank_probabilities


@pytest.mark.parametrize(("relevant", "total"), [(1, 1), (1, 5), (2, 5), (3, 6), (5, 5)])
def test_expected_scores_are_the_means_over_all_orders(relevant: int, total: int) -> None:
    orders = list(permutations([True] * relevant + [False] * (total - relevant)))

    def over_orders(scores: list[float]) -> float:
        return math.fsum(scores) / len(orders)

    assert expected_of_first(relevant, total, 2, lambda _: 1.0) == pytest.approx(
        over_orders([hit_at(order, 2) for order in orders])
    )
    assert expected_of_first(relevant, total, total, lambda rank: 1 / rank) == pytest.approx(
        over_orders([reciprocal_rank(order) for order in orders])
    )
    assert expected_ndcg_at(relevant, total, 3) == pytest.approx(
        over_orders([ndcg_at(order, relevant, 3) for order in orders])
    )


def test_the_first_relevant_item_stands_somewhere() -> None:
    assert sum(first_rank_probabilities(3, 1000, 1000)) == pytest.approx(1)
    assert len(first_rank_probabilities(3, 1000, 100)) == 100


@pytest.mark.parametrize(("relevant", "total"), [(0, 5), (6, 5)])
def test_impossible_counts_are_errors(relevant: int, total: int) -> None:
    with pytest.raises(ValueError, match="relevant"):
        first_rank_probabilities(relevant, total, 10)
    with pytest.raises(ValueError, match="relevant"):
        expected_ndcg_at(relevant, total, 10)
