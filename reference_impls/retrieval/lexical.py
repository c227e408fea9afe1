"""BM25 over words, by bm25s."""

import json
import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Self

import numpy as np

from ..corpus.words import content_words, words_of
from ..project_base.errors import UserError
from ..project_base.optional import require
from ..project_base.rooms import command_line
from ..vector_stores.base import Positions, Vectors
from ..vector_stores.exact import top_positions

_REQUIREMENT = "bm25s>=0.2.7"


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

    def __init__(self, scorer: Any, stopped: frozenset[str]) -> None:
        self._scorer = scorer
        self._stopped = stopped

    @classmethod
    def build(cls, texts: Sequence[str], language: str) -> Self:
        """Indexes texts under the positions 0 to n - 1, without the stop words of a language."""
        stopped = stop_words(language)
        scorer = require("bm25s", _REQUIREMENT).BM25(method="lucene", k1=1.5, b=0.75)
        scorer.index([content_words(text, stopped) for text in texts], show_progress=False)
        return cls(scorer, stopped)

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
        return cls(scorer, stop_words(language))

    def save(self, folder: Path) -> None:
        """Writes arrays and vocabulary into a folder, which is made."""
        self._scorer.save(folder, allow_pickle=False, show_progress=False)

    def scores(self, query: str) -> Vectors:
        """BM25 of every text for a question, float32 [n]; 0 where no word is shared."""
        known = [word for word in content_words(query, self._stopped) if word in self._scorer.vocab_dict]
        if not known:
            return np.zeros(int(self._scorer.scores["num_docs"]), dtype=np.float32)
        scores: Vectors = self._scorer.get_scores(known)
        return scores

    def rarity(self, query: str) -> dict[str, float]:
        """Each content word of a question with its inverse document frequency, ln(1 + (n - df + .5) / (df + .5)).

        Words that no text holds weigh most: what the documents never mention, they can hardly answer.
        """
        state = self._scorer.scores
        total = int(state["num_docs"])
        weights = {}
        for word in content_words(query, self._stopped):
            number = self._scorer.vocab_dict.get(word)
            frequency = 0 if number is None else int(state["indptr"][number + 1] - state["indptr"][number])
            weights[word] = math.log(1 + (total - frequency + 0.5) / (frequency + 0.5))
        return weights

    def bound(self, query: str) -> float:
        """What the BM25 of no text exceeds for a question: each content word at its inverse document frequency.

        A text comes near it by repeating every word without end; words that no text holds count too.
        """
        weights = self.rarity(query)
        return math.fsum(weights[word] for word in content_words(query, self._stopped))


def best_scored(scores: Vectors, count: int) -> Positions:
    """Positions of the largest scores above 0, best first: int64 [m], m <= count."""
    positions = top_positions(scores, count)
    return positions[scores[positions] > 0]
