"""What every store keeps to, with every kind of index that it has; each store is saved and opened again first."""

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..base import Vectors, VectorStore
from ..exact import ExactStore, top_positions
from ..settings import Settings
from ..stores import STORES, discard

CASES = {
    "exact": Settings(store="exact"),
    "faiss flat": Settings(store="faiss", index="flat"),
    "faiss hnsw": Settings(store="faiss", index="hnsw", hnsw_m=16, hnsw_ef_construction=64),
    "faiss ivf_pq": Settings(store="faiss", index="ivf_pq"),
    "pgvector flat": Settings(store="pgvector", index="flat"),
    "pgvector hnsw": Settings(store="pgvector", index="hnsw", hnsw_m=16, hnsw_ef_construction=64),
}
LEAST_RECALL = {"faiss hnsw": 0.98, "faiss ivf_pq": 0.9, "pgvector hnsw": 0.98}
"""Share of the ten nearest that an approximate index finds; the others find all."""


def _topics(rows: int, seed: int) -> Vectors:
    """Unit rows of 16 numbers around 100 centres; like texts and unlike noise, they have near and far neighbours."""
    centres = np.random.default_rng(0).normal(size=(100, 16))
    random = np.random.default_rng(seed)
    vectors = centres[random.integers(100, size=rows)] + 0.5 * random.normal(size=(rows, 16))
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors, dtype=np.float32)


ROWS = _topics(10_000, seed=7)
QUERIES = _topics(40, seed=8)
REFERENCE = ExactStore(ROWS)

Make = Callable[[Vectors], VectorStore]


def _saved(settings: Settings, vectors: Vectors, folder: Path) -> VectorStore:
    kind = STORES[settings.store]
    kind.build(vectors, settings).save(folder)
    return kind.load(folder, settings)


@pytest.fixture(scope="module", params=CASES)
def name(request: pytest.FixtureRequest) -> str:
    chosen: str = request.param
    if chosen.startswith("pgvector"):
        request.getfixturevalue("postgresql")
    return chosen


@pytest.fixture(scope="module")
def store(name: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[VectorStore]:
    folder = tmp_path_factory.mktemp("store")
    yield _saved(CASES[name], ROWS, folder)
    discard(folder, CASES[name])


@pytest.fixture
def make(name: str, tmp_path: Path) -> Iterator[Make]:
    yield lambda vectors: _saved(CASES[name], vectors, tmp_path)
    discard(tmp_path, CASES[name])


def _recall(store: VectorStore, visible: np.ndarray[tuple[int], np.dtype[np.bool_]] | None) -> float:
    found = 0
    for query in QUERIES:
        scores, positions = store.search(query, 10, visible)
        expected_scores, expected = REFERENCE.search(query, 10, visible)
        assert len(positions) == len(expected)
        assert visible is None or visible[positions].all()
        assert scores.dtype == np.float32
        assert positions.dtype == np.int64
        np.testing.assert_allclose(scores, ROWS[positions] @ query, atol=1e-5)
        assert (np.diff(scores) <= 0).all()
        found += len(set(positions) & set(expected))
        if len(set(positions) & set(expected)) == len(expected):
            np.testing.assert_allclose(scores, expected_scores, atol=1e-5)
    return found / (len(QUERIES) * len(expected))


@pytest.mark.parametrize("share", [1.0, 0.7, 0.1, 0.001])
def test_the_nearest_visible_rows_are_found(name: str, store: VectorStore, share: float) -> None:
    visible = None if share == 1 else np.random.default_rng(3).random(len(ROWS)) < share
    assert _recall(store, visible) >= LEAST_RECALL.get(name, 1.0)


def test_one_visible_row_is_all_that_is_found(store: VectorStore) -> None:
    for position in (0, 4_321, len(ROWS) - 1):
        visible = np.zeros(len(ROWS), dtype=np.bool_)
        visible[position] = True
        scores, positions = store.search(QUERIES[0], 10, visible)
        assert positions.tolist() == [position]
        np.testing.assert_allclose(scores, ROWS[[position]] @ QUERIES[0], atol=1e-6)
    assert store.search(QUERIES[0], 10, np.zeros(len(ROWS), dtype=np.bool_))[1].tolist() == []


def test_as_many_rows_as_are_visible_are_returned_when_more_are_asked_for(store: VectorStore) -> None:
    visible = np.random.default_rng(5).random(len(ROWS)) < 0.6
    scores, positions = store.search(QUERIES[1], len(ROWS) + 5, visible)
    expected = REFERENCE.search(QUERIES[1], len(ROWS), visible)[1]
    assert sorted(positions.tolist()) == sorted(expected.tolist())
    assert np.isfinite(scores).all()


def test_scores_and_vectors_are_those_that_were_given(store: VectorStore) -> None:
    positions = np.array([9_999, 0, 17], dtype=np.int64)
    np.testing.assert_allclose(store.scores(QUERIES[0], positions), ROWS[positions] @ QUERIES[0], atol=1e-6)
    assert store.scores(QUERIES[0], np.empty(0, dtype=np.int64)).tolist() == []
    np.testing.assert_array_equal(store.vectors(), ROWS)


def test_equal_scores_are_ordered_by_position(make: Make) -> None:
    store = make(np.repeat(np.eye(4, dtype=np.float32), 25, axis=0))
    scores, positions = store.search(np.eye(4, dtype=np.float32)[2], 10)
    assert positions.tolist() == list(range(50, 60))
    assert scores.tolist() == [1] * 10


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_small_and_empty_stores(make: Make, rows: int) -> None:
    store = make(ROWS[:rows])
    assert sorted(store.search(QUERIES[0], 10)[1].tolist()) == list(range(rows))
    assert store.vectors().shape == (rows, 16)
    assert store.scores(QUERIES[0], np.empty(0, dtype=np.int64)).tolist() == []


def test_a_query_of_another_dimension_is_refused(store: VectorStore) -> None:
    for query in (QUERIES[0][:8], QUERIES):
        with pytest.raises(UserError, match="vectors of 16 numbers"):
            store.search(query, 10)
        with pytest.raises(UserError, match="vectors of 16 numbers"):
            store.scores(query, np.array([0]))


@pytest.mark.parametrize("harm", ["shortened", "foreign", "missing"])
def test_a_damaged_file_is_refused(name: str, tmp_path: Path, harm: str) -> None:
    settings = CASES[name]
    kind = STORES[settings.store]
    kind.build(ROWS, settings).save(tmp_path)
    for file in sorted(tmp_path.iterdir()):
        content = file.read_bytes()
        if harm == "missing":
            file.unlink()
            cases: list[bytes | None] = [None]
        elif harm == "foreign":
            cases = [b"", b"not ours", b"{}"]
        else:
            cases = [content[:50], content[: len(content) // 2], content[:-1] if file.suffix != ".json" else b"{"]
        for wrong in cases:
            if wrong is not None:
                file.write_bytes(wrong)
            with pytest.raises(UserError, match="damaged") as caught:
                kind.load(tmp_path, settings)
            assert "index --rebuild" in caught.value.next_step
        file.write_bytes(content)
    kind.load(tmp_path, settings)
    discard(tmp_path, settings)


def test_nothing_fails_when_there_is_nothing_to_discard(name: str, tmp_path: Path) -> None:
    discard(tmp_path, CASES[name])
    discard(tmp_path / "missing", CASES[name])


def test_top_positions_cut_equal_scores_by_position() -> None:
    assert top_positions(np.array([1, 2, 2, 0, 2], dtype=np.float32), 2).tolist() == [1, 2]
