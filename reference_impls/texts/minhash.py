"""Signatures by which texts that are nearly alike are found among many.

Two texts are compared by the Jaccard index of their shingles, the sets of all short runs of words or characters in
them: shared ones divided by all. MinHash signatures in bands (Broder 1997; Leskovec, Rajaraman, Ullman, Mining of
Massive Datasets, ch. 3) propose the pairs that are worth comparing. With 16 bands of 4 rows a pair at the similarity s
is proposed with probability 1 - (1 - s**4)**16: .9998 at .8, .986 at .7.
"""

import hashlib
import unicodedata
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

BANDS = 16
ROWS = 4
_BLOCK = 4096

Hashes = NDArray[np.uint64]


def exact_key(text: str) -> bytes:
    """The same 32 bytes for texts that are equal after Unicode normalisation (NFKC), whatever their white space."""
    return hashlib.sha256(" ".join(unicodedata.normalize("NFKC", text).split()).encode()).digest()


def shingles(parts: Sequence[str], length: int) -> Hashes:
    """Sorted hashes of the distinct runs of `length` parts, uint64; empty where there are fewer parts.

    Args:
        parts: Words in order, or the characters of a text.
        length: How many parts make a run, at least 1.
    """
    count = len(parts) - length + 1
    if count < 1:
        return np.empty(0, dtype=np.uint64)
    each = np.array([_hash(part) for part in parts], dtype=np.uint64)
    combined = np.zeros(count, dtype=np.uint64)
    for place in range(length):
        # An odd factor after each part makes the order count; uint64 wraps around by design.
        combined = combined * _ORDER + each[place : place + count]
    return np.unique(combined)


@lru_cache(maxsize=1 << 17)
def _hash(part: str) -> int:
    # Python's own hash differs from run to run.
    return int.from_bytes(hashlib.blake2b(part.encode(), digest_size=8).digest(), "little")


def signature(of: Hashes) -> Hashes:
    """The MinHash signature of a set of shingles, uint64 [BANDS * ROWS]; empty without shingles."""
    if not len(of):
        return of
    lowest = np.full(BANDS * ROWS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(of), _BLOCK):
        mixed = _FACTORS[:, None] * of[None, start : start + _BLOCK] + _SUMMANDS[:, None]
        # The high bits of a product depend on all bits of its factors, the low ones do not.
        np.minimum(lowest, (mixed >> np.uint64(32)).min(axis=1), out=lowest)
    return lowest


def bands_of(signed: Hashes) -> list[tuple[int, bytes]]:
    """The bands of a signature; texts that share one of them are worth comparing."""
    return [(band, signed[band * ROWS : (band + 1) * ROWS].tobytes()) for band in range(BANDS)]


def jaccard(left: Hashes, right: Hashes) -> float:
    """Shared shingles divided by all, in [0, 1]; both are sorted and without repeats, and one is not empty."""
    shared = len(np.intersect1d(left, right, assume_unique=True))
    return shared / (len(left) + len(right) - shared)


_ORDER = np.uint64(0x9E3779B97F4A7C15)
_RANDOM = np.random.default_rng(20)
_FACTORS: Hashes = _RANDOM.integers(0, 1 << 63, BANDS * ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_SUMMANDS: Hashes = _RANDOM.integers(0, 1 << 63, BANDS * ROWS, dtype=np.uint64)
