"""Finds documents that repeat others: exactly by hash, nearly by MinHash.

Near repeats: the sets of three-word sequences of two documents are compared by the Jaccard index (shared ones divided
by all). MinHash signatures in bands (Broder 1997; Leskovec, Rajaraman, Ullman, Mining of Massive Datasets, ch. 3)
propose pairs, and the most promising are then compared exactly. With 16 bands of 4 rows a pair at the least similarity
is proposed with probability 1 - (1 - 0.8**4)**16 = .9998.
"""

import hashlib
import unicodedata
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from .documents import Document
from .words import words_of

LEAST_SIMILARITY = 0.8
FEWEST_WORDS = 50
_WORDS_IN_SEQUENCE = 3
_BANDS = 16
_ROWS = 4
_COMPARED = 3
_BLOCK = 4096

Hashes = NDArray[np.uint64]
Signatures = Mapping[bytes, Hashes]
NONE_KNOWN: Signatures = MappingProxyType({})


@dataclass(frozen=True)
class Repeat:
    """A document that repeats an earlier one; `similarity` is 1 for the same text, else the Jaccard index."""

    document: Document
    of: Document
    similarity: float
    exact: bool


def find_repeats(
    documents: Sequence[Document], advance: Callable[[int], object] = lambda _: None, known: Signatures = NONE_KNOWN
) -> tuple[list[Repeat], dict[bytes, Hashes]]:
    """Compares every document with those before it.

    Exact means the same text after Unicode normalisation (NFKC), whatever its white space. Near repeats are sought
    among whole files of at least 50 words; rows of a table resemble one another by their nature.

    Args:
        documents: In the order in which the first of several counts as the original.
        advance: Called with 1 after each document, for a progress bar.
        known: Signatures of former documents, which need not be computed again.

    Returns:
        The repeats in the order given, where originals are never repeats themselves; and the signatures, for the next
        time.
    """
    originals: dict[bytes, Document] = {}
    near = _NearOriginals(known)
    repeats: list[Repeat] = []
    for document in documents:
        key = _exact_key(document.text)
        if key in originals:
            repeats.append(Repeat(document, originals[key], 1.0, exact=True))
        else:
            originals[key] = document
            found = near.compare(document, key) if document.record_of is None else None
            repeats += [found] if found else []
        advance(1)
    return repeats, near.signatures


def _exact_key(text: str) -> bytes:
    return hashlib.sha256(" ".join(unicodedata.normalize("NFKC", text).split()).encode()).digest()


@dataclass
class _NearOriginals:
    """The documents so far that repeat no other, by the bands of their signatures.

    Attributes:
        former: Signatures that need not be computed.
        signatures: Those of all documents that were compared; empty for a short text.
    """

    former: Signatures
    signatures: dict[bytes, Hashes] = field(default_factory=dict)
    _known: list[Document] = field(default_factory=list)
    _signatures: list[Hashes] = field(default_factory=list)
    _bands: dict[tuple[int, bytes], list[int]] = field(default_factory=dict)

    def compare(self, document: Document, key: bytes) -> Repeat | None:
        """The best near repeat; a document that repeats nothing joins the originals.

        Args:
            document: The document.
            key: The hash of its text.
        """
        signature = self.former.get(key)
        if signature is None:
            signature = _signature(_sequences(document.text))
        self.signatures[key] = signature
        if not len(signature):
            return None
        bands = [(band, signature[band * _ROWS : (band + 1) * _ROWS].tobytes()) for band in range(_BANDS)]
        promising = self._promising(signature, sorted({n for band in bands for n in self._bands.get(band, ())}))
        # The sequences are made when two documents are compared: kept, they would take more room than all the texts.
        own = _sequences(document.text) if promising else np.empty(0, dtype=np.uint64)
        scored = [(_jaccard(own, _sequences(self._known[number].text)), -number) for number in promising]
        similarity, number = max(scored, default=(0.0, 0))
        if similarity >= LEAST_SIMILARITY:
            return Repeat(document, self._known[-number], similarity, exact=False)
        for band in bands:
            self._bands.setdefault(band, []).append(len(self._known))
        self._known.append(document)
        self._signatures.append(signature)
        return None

    def _promising(self, signature: Hashes, proposed: list[int]) -> list[int]:
        # Documents of one template propose each other by the hundred; signatures alone tell which are nearest.
        if len(proposed) <= _COMPARED:
            return proposed
        agreeing = (np.stack([self._signatures[number] for number in proposed]) == signature).sum(axis=1)
        return [proposed[place] for place in np.argsort(-agreeing, kind="stable")[:_COMPARED]]


def _sequences(text: str) -> Hashes:
    """Sorted hashes of the distinct three-word sequences, uint64; empty for a short text."""
    words = words_of(text)
    if len(words) < FEWEST_WORDS:
        return np.empty(0, dtype=np.uint64)
    each = np.array([_word_hash(word) for word in words], dtype=np.uint64)
    length = len(each) - _WORDS_IN_SEQUENCE + 1
    combined = np.zeros(length, dtype=np.uint64)
    for place in range(_WORDS_IN_SEQUENCE):
        # An odd factor after each word makes the order count; uint64 wraps around by design.
        combined = combined * _ORDER + each[place : place + length]
    return np.unique(combined)


@lru_cache(maxsize=1 << 17)
def _word_hash(word: str) -> int:
    # Python's own hash differs from run to run.
    return int.from_bytes(hashlib.blake2b(word.encode(), digest_size=8).digest(), "little")


def _signature(sequences: Hashes) -> Hashes:
    """The MinHash signature, uint64 [bands * rows]; empty without sequences."""
    if not len(sequences):
        return sequences
    signature = np.full(_BANDS * _ROWS, np.iinfo(np.uint64).max, dtype=np.uint64)
    for start in range(0, len(sequences), _BLOCK):
        mixed = _FACTORS[:, None] * sequences[None, start : start + _BLOCK] + _SUMMANDS[:, None]
        # The high bits of a product depend on all bits of its factors, the low ones do not.
        np.minimum(signature, (mixed >> np.uint64(32)).min(axis=1), out=signature)
    return signature


def _jaccard(left: Hashes, right: Hashes) -> float:
    shared = len(np.intersect1d(left, right, assume_unique=True))
    return shared / (len(left) + len(right) - shared)


_ORDER = np.uint64(0x9E3779B97F4A7C15)
_RANDOM = np.random.default_rng(20)
_FACTORS: Hashes = _RANDOM.integers(0, 1 << 63, _BANDS * _ROWS, dtype=np.uint64) * np.uint64(2) + np.uint64(1)
_SUMMANDS: Hashes = _RANDOM.integers(0, 1 << 63, _BANDS * _ROWS, dtype=np.uint64)
