"""What a random order of the items would score: the floor under every ranking, by exact formulas."""

import math
from collections.abc import Callable


def first_rank_probabilities(relevant: int, total: int, depth: int) -> list[float]:
    """The probability that the first relevant item stands at rank 1, 2, ... in a random order.

    Formula: negative hypergeometric distribution, C(total - rank, relevant - 1) / C(total, relevant).

    Args:
        relevant: How many items are relevant, 1 to `total`.
        total: How many items there are.
        depth: The last rank that is wanted; ranks beyond `total` are left out.
    """
    if not 1 <= relevant <= total:
        raise ValueError("a random order needs 1 to all items relevant")
    ways = math.comb(total, relevant)
    return [math.comb(total - rank, relevant - 1) / ways for rank in range(1, min(depth, total) + 1)]


def expected_of_first(relevant: int, total: int, depth: int, value: Callable[[int], float]) -> float:
    """Expected value of a score that depends on the rank of the first relevant item alone.

    Args:
        relevant: How many items are relevant, 1 to `total`.
        total: How many items there are.
        depth: An item below this rank scores 0.
        value: The score of a rank, from 1: `lambda rank: 1` for hit@depth, `lambda rank: 1 / rank` for MRR.
    """
    chances = first_rank_probabilities(relevant, total, depth)
    return math.fsum(chance * value(rank) for rank, chance in enumerate(chances, start=1))


def expected_ndcg_at(relevant: int, total: int, k: int) -> float:
    """Expected nDCG@k of a random order: each rank holds a relevant item with probability relevant / total.

    Args:
        relevant: How many items are relevant, 1 to `total`.
        total: How many items there are.
        k: Depth, at least 1.
    """
    if not 1 <= relevant <= total:
        raise ValueError("a random order needs 1 to all items relevant")
    gain = math.fsum(1.0 / math.log2(1 + rank) for rank in range(1, min(k, total) + 1))
    best = math.fsum(1.0 / math.log2(1 + rank) for rank in range(1, min(k, relevant) + 1))
    return relevant / total * gain / best
