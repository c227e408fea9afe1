"""The population stability index: how far two distributions lie apart, in nats."""

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.special import ndtri  # type: ignore[import-untyped]  # scipy has no types

Floats = NDArray[np.float64]

_MADE_UP = 0.5


def index(reference: NDArray[np.floating[Any]], current: NDArray[np.floating[Any]]) -> Floats:
    """The population stability index of counts by bin, along the last axis.

    Formula: the sum over the bins of (q - p) ln(q / p), the symmetric divergence of Kullback, Leibler (1951), On
    information and sufficiency; as an index Lewis (1994), An introduction to credit scoring. Half a row is added to
    each bin of both sides, so that an empty bin says as much as its rows can and not infinity; bins that are empty on
    both sides count for nothing.

    Args:
        reference: Rows by bin, [..., bins].
        current: The same of the current rows.
    """
    held = (reference + current) > 0
    p = np.where(held, reference + _MADE_UP, 0.0)
    q = np.where(held, current + _MADE_UP, 0.0)
    p /= np.maximum(p.sum(axis=-1, keepdims=True), _MADE_UP)
    q /= np.maximum(q.sum(axis=-1, keepdims=True), _MADE_UP)
    ratio = np.divide(q, p, out=np.ones_like(q), where=held)
    return np.asarray(((q - p) * np.log(ratio)).sum(axis=-1), dtype=np.float64)


def quantile_edges(values: Floats, bins: int) -> Floats:
    """Upper edges, ascending and different, of bins that hold about as many of the values each; the last is open.

    Args:
        values: Without NaN; may be empty or infinite.
        bins: How many at most: values that stand many times share one.
    """
    if not len(values):
        return np.zeros(0)
    # An edge is a value that occurs: nothing is interpolated between two infinite values, or two codes of a category.
    return np.unique(np.quantile(values, np.arange(1, bins) / bins, method="inverted_cdf"))


def binned(values: Floats, edges: Floats) -> NDArray[np.int64]:
    """The bin of each value, int64 [n]: 0 for NaN, then 1 and up; a value equal to an edge lies below it."""
    bins = np.searchsorted(edges, values, side="left") + 1
    bins[np.isnan(values)] = 0
    return bins


def from_difference(deviations: float) -> float:
    """The index of two normal distributions of one variance whose means lie so many standard deviations apart.

    Formula: the symmetric divergence of N(0, 1) and N(d, 1) is d^2.
    """
    return deviations**2


def from_area(area: float) -> float:
    """The index of two normal distributions of one variance that are told apart with this area under the ROC curve.

    Formula: the area is Phi(d / sqrt 2), so that d^2 = 2 z(area)^2; an area below 0.5 tells nothing apart.
    """
    z = float(ndtri(min(max(area, 0.5), 1 - 1e-12)))
    return from_difference(math.sqrt(2) * z)
