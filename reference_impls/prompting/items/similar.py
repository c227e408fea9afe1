"""Inputs that are the same, or nearly so."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from ...texts.minhash import Hashes, bands_of, exact_key, jaccard, shingles, signature
from ...texts.words import words_of

NEAR = 0.8
"""Shared runs of characters, divided by all, from which two inputs count as nearly the same."""
_RUN = 4


@dataclass(frozen=True)
class Pair:
    """Two of the given texts, by their numbers from 0; `similarity` 1 where their words are the same."""

    first: int
    second: int
    similarity: float


def similar_pairs(texts: Sequence[str]) -> Iterator[Pair]:
    """Pairs of equal or nearly equal texts, each once, the earlier text first; for each text the first such partner.

    Near are those whose runs of four characters have a Jaccard index of at least `NEAR`. They are found by MinHash
    signatures, which miss about 1 pair in 1,000 at that similarity.
    """
    keys: dict[bytes, int] = {}
    in_bands: dict[tuple[int, bytes], list[int]] = defaultdict(list)
    runs: list[Hashes] = []
    for number, text in enumerate(texts):
        plain = " ".join(words_of(text))
        own = shingles(f" {plain} ", _RUN)
        runs.append(own)
        same = keys.setdefault(exact_key(plain or text), number)
        bands = bands_of(signature(own)) if len(own) else []
        if same != number:
            yield Pair(same, number, 1.0)
        else:
            seen = sorted({other for band in bands for other in in_bands[band]})
            for other in seen:
                similarity = jaccard(runs[other], own)
                if similarity >= NEAR:
                    yield Pair(other, number, similarity)
                    break
        for band in bands:
            in_bands[band].append(number)
