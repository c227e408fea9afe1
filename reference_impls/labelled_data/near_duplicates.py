"""Groups texts that are nearly the same.

Short texts are compared by the runs of four characters in their words, longer ones by the runs of three words, as the
Jaccard index of the sets of these runs: shared ones divided by all.
"""

import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from ..texts.words import words_of
from .similarity_join import Integers, Members, Sets, distinct, join_similar, linked

CHARACTERS_IN_RUN = 4
WORDS_IN_RUN = 3
LONG = 50
"""Words from which a text counts as long."""
COMPARED = 4000
"""A longer text is judged by so many characters, as a model reads its beginning alone."""
_COMPARED_IN_SHORT = 1000
_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Groups:
    """Which texts are nearly the same as which, over several steps too.

    Attributes:
        group: int64 [n]; texts of one number belong together, and the numbers count from 0 in the order of the texts.
        wording: int64 [n]; texts of one number have the same words.
    """

    group: Integers
    wording: Integers
    _short: Sets = field(repr=False)
    _long: Sets = field(repr=False)

    def similarities(self, first: Integers, second: Integers) -> NDArray[np.float64]:
        """The Jaccard index of each pair of texts, float64 [pairs]; 1 for the same words."""
        one, other = self.wording[first], self.wording[second]
        found = np.maximum(self._short.similarities(one, other), self._long.similarities(one, other))
        return np.where(one == other, 1.0, found)


def find_groups(texts: Sequence[str], least: float) -> Groups:
    """Groups all texts whose similarity is at least `least`, and those that are linked through others.

    Case, punctuation and white space do not count. A text of at least 50 words is long; those around this length are
    compared both ways.

    Args:
        texts: In any order; which belong together does not depend on it.
        least: In [0.5, 1].
    """
    places: dict[str, int] = {}
    wording = np.array([places.setdefault(_wording(text), len(places)) for text in texts], dtype=np.int64)
    words = [each.split(" ") for each in places]
    # A text with fewer than this share of the words of another is not similar to it, however they are compared.
    short = [" ".join(each)[:_COMPARED_IN_SHORT] if len(each) * least < LONG else "" for each in words]
    long = [each if len(each) >= LONG else [] for each in words]
    by_characters = Sets.of(_character_runs(short), len(words))
    by_words = Sets.of(_word_runs(long), len(words))
    root = join_similar(by_characters, least)
    root = linked(root, np.arange(len(root)), join_similar(by_words, least))
    _, first_seen, inverse = np.unique(root[wording], return_index=True, return_inverse=True)
    order = np.argsort(np.argsort(first_seen))
    return Groups(order[inverse].astype(np.int64), wording, by_characters, by_words)


def _wording(text: str) -> str:
    words = " ".join(words_of(text[:COMPARED]))
    return words or " ".join(unicodedata.normalize("NFKC", text[:COMPARED]).split())


def _character_runs(texts: Sequence[str]) -> Iterator[tuple[Integers, Members]]:
    # A blank on both sides makes beginnings and ends of words count, and leaves a run to a text of two characters.
    padded = [f" {text} " if text else "" for text in texts]
    for start, end in _blocks([len(text) for text in padded]):
        joined = "".join(padded[start:end]).encode("utf-32-le", "replace")
        codes = np.frombuffer(joined, dtype=np.uint32).astype(np.uint64)
        yield _runs(codes, [len(text) for text in padded[start:end]], start, CHARACTERS_IN_RUN)


def _word_runs(texts: Sequence[Sequence[str]]) -> Iterator[tuple[Integers, Members]]:
    known: dict[str, int] = {}
    for start, end in _blocks([len(words) for words in texts]):
        codes = np.array(
            [known.setdefault(word, len(known)) for words in texts[start:end] for word in words], dtype=np.uint64
        )
        yield _runs(codes, [len(words) for words in texts[start:end]], start, WORDS_IN_RUN)


def _blocks(lengths: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Yields start and end of blocks of texts that are worked on at once."""
    start, total = 0, 0
    for place, length in enumerate(lengths):
        if total + length > _AT_ONCE and place > start:
            yield start, place
            start, total = place, 0
        total += length
    if start < len(lengths):
        yield start, len(lengths)


def _runs(codes: NDArray[np.uint64], lengths: Sequence[int], first: int, run: int) -> tuple[Integers, Members]:
    """Owners and hashes of the distinct runs of texts that stand one behind another.

    Args:
        codes: uint64 [characters or words]
        lengths: Of each text.
        first: The number of the first text.
        run: How many characters or words make a run.
    """
    owner = np.repeat(np.arange(first, first + len(lengths)), lengths)
    count = max(len(codes) - run + 1, 0)
    hashed = np.zeros(count, dtype=np.uint64)
    for place in range(run):
        # An odd factor after each part makes the order count; uint64 wraps around by design.
        hashed = hashed * _FACTOR + codes[place : place + count] + np.uint64(1)
    whole = owner[:count] == owner[run - 1 :] if count else np.empty(0, dtype=np.bool_)
    # The high half of the last product depends on all parts.
    member = ((hashed * _FACTOR) >> np.uint64(32))[whole]
    key = distinct((owner[:count][whole].astype(np.uint64) << np.uint64(32)) | member)
    return (key >> np.uint64(32)).astype(np.int64), (key & np.uint64(0xFFFFFFFF)).astype(np.uint32)


_FACTOR = np.uint64(0x9E3779B97F4A7C15)
