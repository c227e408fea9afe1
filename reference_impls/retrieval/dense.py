"""Dense ranking of chunks by their own vectors and, where the index has them, by those of their sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..corpus.chunking import Chunk
from ..texts.sentences import sentence_spans
from ..vector_stores.base import Mask, Positions, Vectors, VectorStore

_ROWS_A_CHUNK = 8
_CANDIDATES = 2


@dataclass(frozen=True)
class EmbeddedRows:
    """What is embedded: the chunks first, in order, then the sentences of each chunk, in order.

    Attributes:
        texts: One text for each row.
        sentences: How many sentence rows each chunk has, int64 [chunks]; empty without sentence vectors.
    """

    texts: list[str]
    sentences: Positions


def embedded_rows(chunks: Sequence[Chunk], texts: Sequence[str], sentence_vectors: bool) -> EmbeddedRows:
    """The rows of an index.

    Args:
        chunks: The chunks.
        texts: The indexed text of each.
        sentence_vectors: Whether sentences get vectors of their own; a chunk of one sentence needs none.
    """
    if not sentence_vectors:
        return EmbeddedRows(list(texts), np.empty(0, dtype=np.int64))
    sentences = [_sentences(chunk, text) for chunk, text in zip(chunks, texts, strict=True)]
    return EmbeddedRows(
        [*texts, *(sentence for each in sentences for sentence in each)],
        np.array([len(each) for each in sentences], dtype=np.int64),
    )


def _sentences(chunk: Chunk, text: str) -> list[str]:
    """The sentences of a chunk, each after the headings that stand before the indexed text of the chunk."""
    spans = list(sentence_spans(chunk.text))
    headings = text[: len(text) - len(chunk.text)]
    return [headings + chunk.text[start:end] for start, end in spans] if len(spans) > 1 else []


class DenseIndex:
    """Searches the vectors of chunks.

    A chunk that has sentence rows scores by the mean of its own inner product and that of its best sentence: on xquad
    and medquad_niddk the mean ranked better than the larger of both (benchmarks/retrieval_quality.py).

    Args:
        store: The vectors of all rows.
        sentences: As in `EmbeddedRows`.
    """

    def __init__(self, store: VectorStore, sentences: Positions) -> None:
        self.store = store
        self._first = np.concatenate(([0], np.cumsum(sentences))) + len(sentences)
        self._chunk_of = np.concatenate((np.arange(len(sentences)), np.repeat(np.arange(len(sentences)), sentences)))

    def search(self, query: Vectors, count: int, visible: Mask | None = None) -> tuple[Vectors, Positions]:
        """Finds the nearest visible chunks.

        Args:
            query: float32 [dimension], length 1.
            count: How many chunks at most.
            visible: bool [chunks]; None is all.

        Returns:
            Scores float32 [m] and chunk positions int64 [m], best first; equal scores by position.
        """
        if not len(self._chunk_of):
            return self.store.search(query, count, visible)
        # A chunk with a good mean has at least one good row.
        chunks = self._with_a_near_row(query, count * _CANDIDATES, visible)
        scores = self.scores(query, chunks)
        best = np.argsort(-scores, kind="stable")[:count]
        return scores[best], chunks[best]

    def _with_a_near_row(self, query: Vectors, count: int, visible: Mask | None) -> Positions:
        """The chunks of the nearest rows, ascending, at least `count` of them where there are so many."""
        among = None if visible is None else visible[self._chunk_of]
        total = len(self._chunk_of) if among is None else int(np.count_nonzero(among))
        depth = count
        while True:
            # Several rows of one chunk may stand before the next chunk.
            depth = min(depth * _ROWS_A_CHUNK, total)
            chunks = np.unique(self._chunk_of[self.store.search(query, depth, among)[1]])
            if len(chunks) >= count or depth == total:
                return chunks

    def scores(self, query: Vectors, positions: Positions) -> Vectors:
        """How near the chunks at int64 [m] are to one query, float32 [dimension]: float32 [m]."""
        own = self.store.scores(query, positions)
        if not len(self._chunk_of) or not len(positions):
            return own
        counts = self._first[positions + 1] - self._first[positions]
        rows = np.concatenate([np.arange(self._first[each], self._first[each + 1]) for each in positions.tolist()])
        best = np.where(counts > 0, -np.inf, own).astype(np.float32)
        np.maximum.at(best, np.repeat(np.arange(len(positions)), counts), self.store.scores(query, rows))
        return ((own + best) / 2).astype(np.float32)
