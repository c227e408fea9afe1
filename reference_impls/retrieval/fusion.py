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
    positions: Positions, lexical: Vectors, lexical_bound: float, dense: Vectors, dense_weight: float
) -> list[tuple[int, float]]:
    """Fuses scores: w * dense + (1 - w) * lexical / lexical_bound.

    Formula: the convex combination of Bruch, Gai, Ingber (2023), An analysis of fusion functions for hybrid
    retrieval; but no score is scaled by what else was found. The cosine stays as it is, and BM25 counts as the share
    of what the question's words could reach. A question that no text matches in words thus rests on its vector, where
    scaling by the best match would give a poor match full weight.

    Args:
        positions: int64 [n], the candidates of both rankings, ascending.
        lexical: float32 [n], their BM25 scores.
        lexical_bound: What no BM25 score of the question exceeds; 0 for a question without words.
        dense: float32 [n], their cosines with the question.
        dense_weight: w, in [0, 1].

    Returns:
        Positions with their scores, best first; equal scores in the order of their positions.
    """
    # Without a word that counts, every BM25 score is 0 and so is its share.
    share = lexical / lexical_bound if lexical_bound > 0 else lexical
    total = dense_weight * dense + (1 - dense_weight) * share
    order = np.argsort(-total, kind="stable")
    return list(zip(positions[order].tolist(), total[order].tolist(), strict=True))
