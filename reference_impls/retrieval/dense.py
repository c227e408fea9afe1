"""Dense ranking of chunks, each by its own vector and, where the index has them, by those of its sentences."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from ..corpus.chunking import Chunk
from ..corpus.sentences import sentence_spans
from ..vector_stores.base import Mask, Positions, Vectors, VectorStore

_ROWS_A_CHUNK = 8


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
    sentences = [_sentences(chunk.text) for chunk in chunks]
    return EmbeddedRows(
        [*texts, *(sentence for each in sentences for sentence in each)],
        np.array([len(each) for each in sentences], dtype=np.int64),
    )


def _sentences(text: str) -> list[str]:
    found = [text[start:end] for start, end in sentence_spans(text)]
    return found if len(found) > 1 else []


class DenseIndex:
    """Searches the vectors of chunks; a chunk scores by its best row.

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
            Scores float32 [m] and chunk positions int64 [m], best first.
        """
        if not len(self._chunk_of):
            return self.store.search(query, count, visible)
        among = None if visible is None else visible[self._chunk_of]
        total = len(self._chunk_of) if among is None else int(np.count_nonzero(among))
        depth = count
        while True:
            # Several rows of one chunk may stand before the next chunk.
            depth = min(depth * _ROWS_A_CHUNK, total)
            scores, rows = self.store.search(query, depth, among)
            _, first = np.unique(self._chunk_of[rows], return_index=True)
            if len(first) >= count or depth == total:
                best = np.sort(first)[:count]
                return scores[best], self._chunk_of[rows[best]]

    def scores(self, query: Vectors, positions: Positions) -> Vectors:
        """The best inner product of one query with a row of each chunk at int64 [m]: float32 [m]."""
        own = self.store.scores(query, positions)
        if not len(self._chunk_of) or not len(positions):
            return own
        counts = self._first[positions + 1] - self._first[positions]
        rows = np.concatenate([np.arange(self._first[each], self._first[each + 1]) for each in positions.tolist()])
        best = own.copy()
        np.maximum.at(best, np.repeat(np.arange(len(positions)), counts), self.store.scores(query, rows))
        return best
