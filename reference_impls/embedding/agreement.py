"""Whether two ways to embed give the same vectors."""

import numpy as np

from .base import Vectors

LEAST_COSINE = 0.999
"""What two ways to embed must agree to, for their vectors to meet in one index."""

CHECK_TEXTS = (
    "fox",
    "How long is the warranty?",
    "Prices ROSE by 3.5 % (to €1,200.50) — see www.example.com/list?id=7, naïve café, 東京, Москва.",
    "The battery is charged over night and lasts two days. " * 4,
    "A sensor that does not answer is searched for on all channels, which takes up to a minute; then it is listed. "
    * 12,
    "Longer than most models read: this sentence is written again and again, until everything behind is cut off. " * 90,
)
"""Texts of very different lengths, scripts and cases, so that padding, cutting and normalising all show."""


def cosines_of(ours: Vectors, theirs: Vectors) -> Vectors:
    """Cosine of each pair of rows of length 1, float32 [n]; -1 where a row holds a NaN, which agrees with nothing.

    Raises:
        ValueError: The shapes differ.
    """
    if ours.shape != theirs.shape:
        raise ValueError(f"vectors have the shape {ours.shape}, expected {theirs.shape}")
    cosines: Vectors = np.einsum("ij,ij->i", ours, theirs)
    return np.nan_to_num(cosines, nan=-1.0)
