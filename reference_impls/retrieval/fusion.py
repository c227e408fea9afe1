"""Fusion of the lexical and the dense ranking: by weighted scores, or by ranks alone."""

from collections.abc import Iterable, Sequence

import numpy as np

from ..vector_stores.base import Positions, Vectors


def reciprocal_rank_fusion(rankings: Iterable[Sequence[int]], k: int) -> list[tuple[int, float]]:
    """Fuses rankings: score(d) = sum over rankings of 1 / (k + rank of d), ranks counted from 1.

    Formula: Cormack, Clarke, Büttcher (2009), Reciprocal rank fusion outperforms Condorcet and individual rank
    learning methods.

    Args:
        rankings: Positions, best first; each position at most once in a ranking.
        k: The constant; the paper's 60 is a good start.

    Returns:
        Positions with their scores, best first; equal scores in the order of their positions.
    """
    scores: dict[int, float] = {}
    for ranking in rankings:
        for rank, position in enumerate(ranking, start=1):
            scores[position] = scores.get(position, 0.0) + 1.0 / (k + rank)
    return sorted(scores.items(), key=lambda item: (-item[1], item[0]))


def weighted_score_fusion(
    positions: Positions, lexical: Vectors, dense: Vectors, dense_weight: float
) -> list[tuple[int, float]]:
    """Fuses scores: w * dense / best dense + (1 - w) * lexical / best lexical, negative scores counted as 0.

    Formula: the convex combination of Bruch, Gai, Ingber (2023), An analysis of fusion functions for hybrid
    retrieval, with each score divided by the best one of the question (the least possible score taken as 0).

    Args:
        positions: int64 [n], the candidates of both rankings, ascending.
        lexical: float32 [n], their BM25 scores.
        dense: float32 [n], their inner products.
        dense_weight: w, in [0, 1].

    Returns:
        Positions with their scores, best first; equal scores in the order of their positions.
    """
    total = dense_weight * _scaled(dense) + (1 - dense_weight) * _scaled(lexical)
    order = np.argsort(-total, kind="stable")
    return list(zip(positions[order].tolist(), total[order].tolist(), strict=True))


def _scaled(scores: Vectors) -> Vectors:
    positive = np.maximum(scores, 0.0)
    best = positive.max(initial=0.0)
    return positive / best if best > 0 else positive
