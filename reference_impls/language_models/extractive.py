"""Answers by quoting: the sentences of the passages that fit the question best, word for word, with their source."""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from ..texts.words import content_words, words_of
from .base import Generation, Passage, Prompt, Quote, SentenceEncoder
from .instructions import trusted_sentences

_MOST_SENTENCES = 12
_OVERLAP_WEIGHT = 0.3
_RANK_WEIGHT = 0.1
_CLOSE_TO_BEST = 0.6
_LONGEST = 600


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
        rows = self._encoder.encode_passages([candidates[number].meaning for number in promising])
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
