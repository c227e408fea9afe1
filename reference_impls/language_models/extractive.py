"""Answers by quoting: the sentences of the passages that fit the question best, word for word, with their source."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..texts.words import content_words, words_of
from .base import Generation, Passage, Prompt, Quote, SentenceEncoder
from .instructions import trusted_sentences

_MOST_SENTENCES = 12
_OVERLAP_WEIGHT = 0.3
_RANK_WEIGHT = 0.1
_CLOSE_TO_BEST = 0.6
_LONGEST = 600
_MOST_KEPT = 4096
"""Sentences whose vectors are kept; of 384 dimensions they take 6 MB."""


@dataclass(frozen=True)
class _Candidate:
    text: str
    meaning: str
    passage: int
    order: int


class ExtractiveModel:
    """Scores sentences by embedding similarity, shared words and the rank of their passage.

    Score of a sentence: cosine(question, sentence) + 0.3 * share of the question's words that it holds, each weighted
    by its rarity among the sentences, + 0.1 / rank of its passage. A row of a table is scored together with the header
    of the table. Sentences that address a language model are never quoted, nor what follows them in their paragraph.

    Args:
        encoder: The embedder of the index.
        most: Most sentences in an answer; a further one is quoted only if it scores at least 0.6 of the best.
        stopped: Stop words, which do not count as shared.
    """

    def __init__(self, encoder: SentenceEncoder, most: int, stopped: frozenset[str] = frozenset()) -> None:
        self._encoder = encoder
        self._most = most
        self._stopped = stopped
        self._kept: dict[str, NDArray[np.float32]] = {}

    def generate(self, prompt: Prompt) -> Generation:
        """Quotes up to `most` sentences, in the order of passages and text; empty without any sentence."""
        candidates = list(_candidates(prompt))
        if not candidates:
            return Generation("")
        overlaps = self._overlaps(prompt.question, candidates)
        # Embedding is what costs time, so only the sentences that could win are embedded.
        promising = sorted(
            range(len(candidates)),
            key=lambda number: (-overlaps[number] - 0.5 / (candidates[number].passage + 1), number),
        )[:_MOST_SENTENCES]
        question = prompt.question_vector
        if question is None:
            question = self._encoder.encode_queries([prompt.question])[0]
        rows = self._embedded([candidates[number].meaning for number in promising])
        scores = {
            number: float(cosine) + _OVERLAP_WEIGHT * overlaps[number] + _RANK_WEIGHT / (candidates[number].passage + 1)
            for number, cosine in zip(promising, rows @ question, strict=True)
        }
        chosen = [candidates[number] for number in _best(scores, self._most)]
        text = " ".join(f"{' '.join(item.text.split())} [{item.passage + 1}]" for item in chosen)
        return Generation(text, tuple(Quote(item.text, item.passage) for item in chosen))

    def stream(self, prompt: Prompt) -> Iterator[str | Generation]:
        """The quotes at once, since they are chosen together, then the `Generation`."""
        generation = self.generate(prompt)
        if generation.text:
            yield generation.text
        yield generation

    def _embedded(self, sentences: list[str]) -> NDArray[np.float32]:
        """Vectors of sentences, float32 [n, dimension]; questions about the same documents meet the same sentences."""
        found = {sentence: self._kept[sentence] for sentence in sentences if sentence in self._kept}
        new = [sentence for sentence in dict.fromkeys(sentences) if sentence not in found]
        if new:
            found.update(zip(new, self._encoder.encode_passages(new), strict=True))
            # Beside other threads, whose work may be lost by this and is then done again.
            kept = {**self._kept, **found}
            self._kept = kept if len(kept) <= _MOST_KEPT else found
        return np.stack([found[sentence] for sentence in sentences])

    def _overlaps(self, question: str, candidates: list[_Candidate]) -> list[float]:
        asked = set(content_words(question, self._stopped))
        held = [asked.intersection(words_of(candidate.meaning)) for candidate in candidates]
        counts = Counter(word for words in held for word in words)
        weights = {word: math.log(1 + len(candidates) / (0.5 + counts[word])) for word in asked}
        total = sum(weights.values()) or 1.0
        return [sum(weights[word] for word in words) / total for words in held]


def _best(scores: dict[int, float], most: int) -> list[int]:
    order = sorted(scores, key=lambda number: (-scores[number], number))
    least = scores[order[0]] * _CLOSE_TO_BEST
    return sorted(number for number in order[:most] if scores[number] >= least)


def _candidates(prompt: Prompt) -> Iterator[_Candidate]:
    seen = set()
    for number, passage in enumerate(prompt.passages):
        for order, (sentence, meaning) in enumerate(_meanings(passage)):
            useful = len(sentence) <= _LONGEST and len(words_of(sentence)) >= 3 and not sentence.startswith("#")
            if useful and sentence not in seen:
                seen.add(sentence)
                yield _Candidate(sentence, meaning, number, order)


def _meanings(passage: Passage) -> Iterator[tuple[str, str]]:
    """Each sentence with the text that it is scored by; the header of a table goes to its rows."""
    header: list[str] = []
    for sentence in trusted_sentences(passage.text):
        cells = _cells(sentence)
        if not cells:
            header = []
            yield sentence, sentence
        elif not header:
            header = cells
        elif any(any(letter.isalnum() for letter in cell) for cell in cells):
            named = zip(header, cells, strict=False)
            yield sentence, "; ".join(f"{name}: {cell}" if name else cell for name, cell in named)


def _cells(line: str) -> list[str]:
    if not (line.startswith("|") and line.endswith("|") and len(line) > 1):
        return []
    return [cell.strip() for cell in line[1:-1].split("|")]
