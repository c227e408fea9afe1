"""Metrics of retrieval and answers, as pure functions."""

import math
import re
import string
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def hit_at(relevant: Sequence[bool], k: int) -> float:
    """1.0 if one of the first k results is relevant, else 0.0; also called success@k.

    Args:
        relevant: For each result, best first, whether it is relevant.
        k: Depth, at least 1.
    """
    return float(any(relevant[:k]))


def reciprocal_rank(relevant: Sequence[bool]) -> float:
    """1 / rank of the first relevant result, 0.0 without one; its mean over questions is the MRR.

    Args:
        relevant: For each result, best first, whether it is relevant.
    """
    return next((1.0 / rank for rank, hit in enumerate(relevant, start=1) if hit), 0.0)


def ndcg_at(relevant: Sequence[bool], total_relevant: int, k: int) -> float:
    """Normalised discounted cumulative gain with binary gains, in [0, 1].

    Formula: Järvelin, Kekäläinen (2002), Cumulated gain-based evaluation of IR techniques, with the discount
    1 / log2(1 + rank): the sum over the relevant results of the first k, divided by the same sum for the best order.

    Args:
        relevant: For each result, best first, whether it is relevant; every relevant item at most once.
        total_relevant: How many relevant items exist, at least 1.
        k: Depth, at least 1.
    """
    if total_relevant < 1:
        raise ValueError("nDCG needs at least one relevant item")
    gain = sum(1.0 / math.log2(1 + rank) for rank, hit in enumerate(relevant[:k], start=1) if hit)
    best = sum(1.0 / math.log2(1 + rank) for rank in range(1, min(total_relevant, k) + 1))
    return gain / best


def normalise_answer(text: str) -> str:
    """Lower case, without punctuation and English articles, single spaces.

    Formula: the answer normalisation of the SQuAD evaluation (Rajpurkar, Zhang, Lopyrev, Liang 2016).
    """
    return " ".join(_ARTICLES.sub(" ", text.lower().translate(_PUNCTUATION)).split())


def answer_contained(answer: str, references: Sequence[str]) -> bool:
    """Whether one of the reference answers occurs in an answer, as whole words, after normalisation of both."""
    padded = f" {normalise_answer(answer)} "
    return any(f" {reference} " in padded for reference in map(normalise_answer, references) if reference)


def mean(values: Sequence[float]) -> float | None:
    """Arithmetic mean, or None without values."""
    return math.fsum(values) / len(values) if values else None


def percentile(values: Sequence[float], share: float) -> float | None:
    """Percentile by linear interpolation between the two nearest ranks, or None without values.

    Formula: Hyndman, Fan (1996), Sample quantiles in statistical packages, definition 7 (numpy's default).

    Args:
        values: In any order.
        share: In [0, 1]; 0.5 is the median.
    """
    if not values:
        return None
    ordered = sorted(values)
    place = share * (len(ordered) - 1)
    low = math.floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)
