"""Whether two ways to embed give the same vectors."""

import numpy as np

from .base import Vectors

LEAST_COSINE = 0.999
"""What two ways to embed must agree to, for their vectors to meet in one index."""


def cosines_of(ours: Vectors, theirs: Vectors) -> Vectors:
    """Cosine of each pair of rows of length 1, float32 [n]; -1 where a row holds a NaN, which agrees with nothing.

    Raises:
        ValueError: The shapes differ.
    """
    if ours.shape != theirs.shape:
        raise ValueError(f"vectors have the shape {ours.shape}, expected {theirs.shape}")
    cosines: Vectors = np.einsum("ij,ij->i", ours, theirs)
    return np.nan_to_num(cosines, nan=-1.0)
