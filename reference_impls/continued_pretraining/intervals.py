"""Perplexities of documents and how sure they are: whole documents are drawn, since tokens of one hang together."""

import math

import numpy as np

from ..evaluation.bootstrap import RESAMPLES, SEED, Interval
from .base import Floats, Losses

_TAIL = 0.025
_NUMBERS_AT_ONCE = 4_000_000
_MOST_NATS = 700.0


def perplexity(losses: Losses) -> float:
    """The exponential of the mean loss of a token; of hidden tokens it is called pseudo-perplexity."""
    return math.exp(min(losses.mean, _MOST_NATS))


def perplexity_interval(losses: Losses) -> Interval:
    """The 95 % interval of a perplexity: the percentiles 2.5 and 97.5 over draws of documents with replacement.

    Formula: Efron, Tibshirani (1993), An introduction to the bootstrap, chapter 13, of a ratio of two sums.
    """
    return _percentiles(_ratios(losses.sums, losses.counts.astype(np.float64)))


def change(before: Losses, after: Losses) -> tuple[float, Interval]:
    """How many times as high the perplexity of the same documents is afterwards, with its 95 % interval.

    The draws are paired: both models are judged by the same documents in each.

    Raises:
        ValueError: The two did not judge the same tokens.
    """
    if not np.array_equal(before.counts, after.counts):
        raise ValueError("two models are compared by the same tokens of the same documents")
    ratios = _ratios(after.sums - before.sums, before.counts.astype(np.float64))
    return math.exp(max(-_MOST_NATS, min(after.mean - before.mean, _MOST_NATS))), _percentiles(ratios)


def _ratios(numerator: Floats, denominator: Floats) -> Floats:
    """Sum of one divided by sum of the other over drawn documents: float64 [draws]."""
    documents = len(numerator)
    chance = np.random.default_rng(SEED)
    block = max(1, _NUMBERS_AT_ONCE // max(1, documents))
    found = []
    for start in range(0, RESAMPLES, block):
        drawn = chance.integers(0, documents, size=(min(block, RESAMPLES - start), documents))
        found.append(numerator[drawn].sum(axis=1) / np.maximum(denominator[drawn].sum(axis=1), 1))
    return np.concatenate(found)


def _percentiles(nats: Floats) -> Interval:
    low, high = np.quantile(np.exp(np.clip(nats, -_MOST_NATS, _MOST_NATS)), [_TAIL, 1 - _TAIL])
    return float(low), float(high)
