from pathlib import Path

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..base import VectorStore
from ..exact import ExactStore, top_positions
from ..settings import Settings
from ..stores import STORES

SETTINGS = Settings()
ROWS = np.random.default_rng(7).normal(size=(200, 16)).astype(np.float32)
ROWS /= np.linalg.norm(ROWS, axis=1, keepdims=True)


@pytest.mark.parametrize("kind", STORES.values(), ids=STORES.keys())
def test_every_store_finds_what_exact_search_finds(kind: type[VectorStore], tmp_path: Path) -> None:
    kind.build(ROWS, SETTINGS).save(tmp_path)
    store = kind.load(tmp_path, SETTINGS)
    reference = ExactStore.build(ROWS, SETTINGS)
    for query in ROWS[:5]:
        scores, positions = store.search(query, 10)
        expected_scores, expected = reference.search(query, 10)
        assert positions.tolist() == expected.tolist()
        np.testing.assert_allclose(scores, expected_scores, atol=1e-5)
        np.testing.assert_allclose(store.scores(query, positions), scores, atol=1e-5)
    np.testing.assert_array_equal(store.vectors(), ROWS)


@pytest.mark.parametrize("kind", STORES.values(), ids=STORES.keys())
def test_what_is_not_visible_takes_no_part(kind: type[VectorStore]) -> None:
    store = kind.build(ROWS, SETTINGS)
    visible = np.zeros(len(ROWS), dtype=np.bool_)
    visible[::7] = True
    scores, positions = store.search(ROWS[0], 10, visible)
    alone = ExactStore.build(ROWS[::7], SETTINGS)
    expected_scores, expected = alone.search(ROWS[0], 10)
    assert positions.tolist() == (expected * 7).tolist()
    np.testing.assert_allclose(scores, expected_scores, atol=1e-5)
    assert store.search(ROWS[0], 10, np.zeros(len(ROWS), dtype=np.bool_))[1].tolist() == []


@pytest.mark.parametrize("kind", STORES.values(), ids=STORES.keys())
def test_small_and_empty_stores(kind: type[VectorStore]) -> None:
    assert kind.build(ROWS[:3], SETTINGS).search(ROWS[0], 10)[1].tolist()[0] == 0
    empty = kind.build(np.empty((0, 16), dtype=np.float32), SETTINGS)
    assert empty.search(ROWS[0], 10)[1].tolist() == []
    assert empty.scores(ROWS[0], np.empty(0, dtype=np.int64)).tolist() == []
    assert empty.vectors().shape == (0, 16)


@pytest.mark.parametrize("kind", STORES.values(), ids=STORES.keys())
def test_a_damaged_file_is_refused(kind: type[VectorStore], tmp_path: Path) -> None:
    kind.build(ROWS, SETTINGS).save(tmp_path)
    file = next(tmp_path.iterdir())
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(UserError, match="damaged"):
        kind.load(tmp_path, SETTINGS)


def test_equal_scores_are_ordered_by_position() -> None:
    assert top_positions(np.array([1, 2, 2, 0, 2], dtype=np.float32), 2).tolist() == [1, 2]
