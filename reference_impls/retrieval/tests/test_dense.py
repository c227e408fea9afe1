import numpy as np
import pytest

from ...corpus.chunking import Chunk
from ...vector_stores.exact import ExactStore
from ...vector_stores.settings import Settings
from ..dense import DenseIndex, embedded_rows


def chunk(number: int, text: str) -> Chunk:
    return Chunk(f"a.md#{number}", "a.md", "A", (), text, 0, len(text), (number,))


def unit(*values: float) -> list[float]:
    return list(np.array(values) / np.linalg.norm(values))


def test_rows_are_chunks_then_sentences_with_their_headings() -> None:
    chunks = [chunk(0, "One is here. Two is there."), chunk(1, "Alone.")]
    rows = embedded_rows(chunks, [f"A\n{each.text}" for each in chunks], sentence_vectors=True)
    assert rows.texts == ["A\nOne is here. Two is there.", "A\nAlone.", "A\nOne is here.", "A\nTwo is there."]
    assert rows.sentences.tolist() == [2, 0]
    assert embedded_rows(chunks, ["x", "y"], sentence_vectors=False).texts == ["x", "y"]


def test_a_chunk_scores_by_itself_and_its_best_sentence() -> None:
    vectors = np.array([unit(1, 1), unit(1, 2), unit(1, 0), unit(0, 1)], dtype=np.float32)
    index = DenseIndex(ExactStore.build(vectors, Settings()), np.array([2, 0]))
    query = np.array([1, 0], dtype=np.float32)
    scores, positions = index.search(query, 5)
    assert positions.tolist() == [0, 1]
    assert scores.tolist() == pytest.approx([(2**-0.5 + 1) / 2, 5**-0.5])
    assert index.search(query, 5, np.array([False, True]))[1].tolist() == [1]
    assert index.search(query, 1)[1].tolist() == [0]
    assert index.scores(query, np.empty(0, dtype=np.int64)).tolist() == []


def test_without_sentences_the_store_decides() -> None:
    vectors = np.array([unit(1, 1), unit(1, 2)], dtype=np.float32)
    store = ExactStore.build(vectors, Settings())
    index = DenseIndex(store, np.empty(0, dtype=np.int64))
    query = np.array([0, 1], dtype=np.float32)
    assert index.search(query, 2)[1].tolist() == store.search(query, 2)[1].tolist() == [1, 0]
