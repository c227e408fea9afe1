"""BM25 over words, by bm25s."""

import errno
import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from ..project_base.optional import require
from ..project_base.rooms import command_line
from ..texts.words import content_words, words_of
from ..vector_stores.base import Mask, Positions, Vectors
from ..vector_stores.exact import top_positions
from .arrays import load_array, save_array

_REQUIREMENT = "bm25s>=0.2.7"
_K1 = 1.5
_B = 0.75
_LENGTHS = "lengths.npy"


def stop_words(language: str) -> frozenset[str]:
    """Words of a language that say nothing on their own, from bm25s; the longer list for English.

    Args:
        language: A name of the setting `stop_words`; `none` gives the empty set.
    """
    if language == "none":
        return frozenset()
    lists = require("bm25s.stopwords", _REQUIREMENT)
    name = "STOPWORDS_EN_PLUS" if language == "english" else f"STOPWORDS_{language.upper()}"
    # The lists hold forms like "don't", which words_of takes apart.
    return frozenset(part for word in getattr(lists, name) for part in words_of(word))


class LexicalIndex:
    """Lucene's BM25 (k1 = 1.5, b = 0.75) with all term scores computed ahead.

    Formula: Kamphuis, de Vries, Boytsov, Lin (2020), Which BM25 do you mean?, variant Lucene (accurate); the
    precomputation: Lù (2024), BM25S.
    """

    def __init__(self, scorer: Any, lengths: Vectors, stopped: frozenset[str]) -> None:
        self._scorer = scorer
        self._lengths = lengths
        self._stopped = stopped

    @classmethod
    def build(cls, texts: Sequence[str], language: str) -> Self:
        """Indexes texts under the positions 0 to n - 1, without the stop words of a language."""
        stopped = stop_words(language)
        words = [content_words(text, stopped) for text in texts]
        scorer = require("bm25s", _REQUIREMENT).BM25(method="lucene", k1=_K1, b=_B)
        # bm25s needs one word at least; the empty one is in no question.
        scorer.index(words if any(words) else [[""] for _ in words], show_progress=False)
        return cls(scorer, np.array([len(each) for each in words], dtype=np.float32), stopped)

    @classmethod
    def load(cls, folder: Path, language: str) -> Self:
        """Opens a saved index.

        Raises:
            UserError: The files are missing or damaged.
        """
        try:
            scorer = require("bm25s", _REQUIREMENT).BM25.load(folder, load_corpus=False, allow_pickle=False)
        except (OSError, ValueError, EOFError, json.JSONDecodeError) as error:
            raise UserError(
                f"the word index in {folder} is damaged ({error})",
                f"build it again: {command_line('index --rebuild')}",
            ) from error
        return cls(scorer, load_array(folder / _LENGTHS), stop_words(language))

    def save(self, folder: Path) -> None:
        """Writes arrays and vocabulary into a folder, which is made.

        Raises:
            OSError: No permission or no space.
        """
        try:
            self._scorer.save(folder, allow_pickle=False, show_progress=False)
        except OSError as error:
            if error.errno is not None:
                raise
            # numpy tells of a write that came short without the number that says why.
            raise OSError(errno.ENOSPC, "not everything could be written", str(folder)) from error
        save_array(folder / _LENGTHS, self._lengths)

    def scores(self, query: str, visible: Mask | None = None) -> Vectors:
        """BM25 of every text for a question, float32 [n]; 0 where no word is shared.

        Args:
            query: The question.
            visible: bool [n], the texts that take part; None is all. The others score 0, and count in no statistic:
                the scores are those of an index that holds the visible texts alone.
        """
        known = [word for word in content_words(query, self._stopped) if word in self._scorer.vocab_dict]
        if visible is not None:
            return self._visible_scores(known, visible)
        if not known:
            return np.zeros(len(self._lengths), dtype=np.float32)
        scores: Vectors = self._scorer.get_scores(known)
        return scores

    def _visible_scores(self, words: list[str], visible: Mask) -> Vectors:
        """Scores anew with the statistics of the visible texts.

        The stored score is idf * tf / (norm + tf) with statistics of all texts; solved for tf, it gives the count of
        the word, which is a whole number.
        """
        scores = np.zeros(len(visible), dtype=np.float64)
        stored = self._scorer.scores["data"]
        norm = self._norm(np.ones(len(visible), dtype=np.bool_))
        visible_norm = self._norm(visible)
        for word in words:
            start, end = self._span(word)
            texts = self._scorer.scores["indices"][start:end]
            share = stored[start:end].astype(np.float64) / _rarity(end - start, len(visible))
            seen = visible[texts]
            texts, share = texts[seen], share[seen]
            count = np.rint(share * norm[texts] / (1 - share))
            rarity = _rarity(len(texts), int(np.count_nonzero(visible)))
            scores[texts] += rarity * count / (visible_norm[texts] + count)
        return scores.astype(np.float32)

    def _norm(self, visible: Mask) -> NDArray[np.float64]:
        mean = float(self._lengths[visible].mean()) if visible.any() else 0.0
        return _K1 * (1 - _B + _B * self._lengths.astype(np.float64) / (mean or 1.0))

    def _span(self, word: str) -> tuple[int, int]:
        number = self._scorer.vocab_dict.get(word)
        if number is None:
            return 0, 0
        starts = self._scorer.scores["indptr"]
        return int(starts[number]), int(starts[number + 1])

    def rarity(self, query: str, visible: Mask | None = None) -> dict[str, float]:
        """Each content word of a question with its inverse document frequency among the visible texts.

        Words that no text holds weigh most: what the documents never mention, they can hardly answer.
        """
        total = len(self._lengths) if visible is None else int(np.count_nonzero(visible))
        weights = {}
        for word in content_words(query, self._stopped):
            start, end = self._span(word)
            holding = end - start
            if visible is not None:
                holding = int(np.count_nonzero(visible[self._scorer.scores["indices"][start:end]]))
            weights[word] = _rarity(holding, total)
        return weights

    def bound(self, query: str, visible: Mask | None = None) -> float:
        """What the BM25 of no visible text exceeds for a question: each content word at its inverse document frequency.

        A text comes near it by repeating every word without end; words that no text holds count too.
        """
        weights = self.rarity(query, visible)
        return math.fsum(weights[word] for word in content_words(query, self._stopped))


def _rarity(holding: int, total: int) -> float:
    """Inverse document frequency, ln(1 + (n - df + .5) / (df + .5))."""
    return math.log(1 + (total - holding + 0.5) / (holding + 0.5))


def best_scored(scores: Vectors, count: int) -> Positions:
    """Positions of the largest scores above 0, best first: int64 [m], m <= count."""
    positions = top_positions(scores, count)
    return positions[scores[positions] > 0]
