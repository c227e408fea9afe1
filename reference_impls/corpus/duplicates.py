"""Finds documents that repeat others: exactly by hash, nearly by MinHash.

Near repeats: MinHash signatures propose pairs, a pair at the least similarity with probability .9998, and the most
promising are then compared exactly, by the Jaccard index of their three-word sequences.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import numpy as np

from ..texts.minhash import Hashes, bands_of, exact_key, jaccard, shingles, signature
from ..texts.words import words_of
from .documents import Document

LEAST_SIMILARITY = 0.8
FEWEST_WORDS = 50
_WORDS_IN_SEQUENCE = 3
_COMPARED = 3

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
        key = exact_key(document.text)
        if key in originals:
            repeats.append(Repeat(document, originals[key], 1.0, exact=True))
        else:
            originals[key] = document
            found = near.compare(document, key) if document.record_of is None else None
            repeats += [found] if found else []
        advance(1)
    return repeats, near.signatures


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
        signed = self.former.get(key)
        if signed is None:
            signed = signature(_sequences(document.text))
        self.signatures[key] = signed
        if not len(signed):
            return None
        bands = bands_of(signed)
        promising = self._promising(signed, sorted({n for band in bands for n in self._bands.get(band, ())}))
        # The sequences are made when two documents are compared: kept, they would take more room than all the texts.
        own = _sequences(document.text) if promising else np.empty(0, dtype=np.uint64)
        scored = [(jaccard(own, _sequences(self._known[number].text)), -number) for number in promising]
        similarity, number = max(scored, default=(0.0, 0))
        if similarity >= LEAST_SIMILARITY:
            return Repeat(document, self._known[-number], similarity, exact=False)
        for band in bands:
            self._bands.setdefault(band, []).append(len(self._known))
        self._known.append(document)
        self._signatures.append(signed)
        return None

    def _promising(self, signed: Hashes, proposed: list[int]) -> list[int]:
        # Documents of one template propose each other by the hundred; signatures alone tell which are nearest.
        if len(proposed) <= _COMPARED:
            return proposed
        agreeing = (np.stack([self._signatures[number] for number in proposed]) == signed).sum(axis=1)
        return [proposed[place] for place in np.argsort(-agreeing, kind="stable")[:_COMPARED]]


def _sequences(text: str) -> Hashes:
    """Sorted hashes of the distinct three-word sequences, uint64; empty for a short text."""
    words = words_of(text)
    return shingles(words, _WORDS_IN_SEQUENCE) if len(words) >= FEWEST_WORDS else np.empty(0, dtype=np.uint64)
