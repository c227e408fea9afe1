"""Whatever the vectors, the mask and the index: nothing hidden is found, and exact kinds rank as brute force does."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from reference_impls.vector_stores.base import Vectors, VectorStore
from reference_impls.vector_stores.settings import Settings
from reference_impls.vector_stores.stores import STORES, discard
from reference_impls.vector_stores.tests.server import postgresql_server

EXACT = {
    "exact": Settings(store="exact"),
    "faiss": Settings(store="faiss", index="flat"),
    "pgvector": Settings(store="pgvector", index="flat"),
}
# The narrowest search that there is: it loses the most, and comes to its fallbacks most often.
NARROW = {
    "faiss hnsw": Settings(store="faiss", index="hnsw", hnsw_m=4, hnsw_ef_construction=8, hnsw_ef_search=1),
    "faiss ivf_pq": Settings(store="faiss", index="ivf_pq", ivf_nprobe=1),
    "pgvector hnsw": Settings(store="pgvector", index="hnsw", hnsw_m=4, hnsw_ef_construction=8, hnsw_ef_search=1),
}
COUNT, DIMENSION = 10_000, 8


@pytest.fixture(scope="module")
def server() -> Iterator[None]:
    with postgresql_server():
        yield


@st.composite
def searches(draw: st.DrawFn) -> tuple[Vectors, Vectors, NDArray[np.bool_], int]:
    """Rows and a query of small whole numbers, so that scores are exact and many are equal, a mask, and a count."""
    rows, dimension = draw(st.integers(0, 30)), draw(st.integers(1, 5))
    random = np.random.default_rng(draw(st.integers(0, 2**32)))
    vectors = random.integers(-2, 3, size=(rows, dimension)).astype(np.float32)
    query = random.integers(-2, 3, size=dimension).astype(np.float32)
    visible = random.random(rows) < draw(st.sampled_from([0.0, 0.1, 0.5, 0.9, 1.0]))
    return vectors, query, visible, draw(st.integers(0, 40))


@pytest.mark.usefixtures("server")
@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=40, deadline=None)
@given(search=searches())
def test_exact_kinds_rank_as_brute_force_does(
    name: str, search: tuple[Vectors, Vectors, NDArray[np.bool_], int]
) -> None:
    vectors, query, visible, count = search
    chosen = EXACT[name]
    with tempfile.TemporaryDirectory() as folder:
        try:
            STORES[chosen.store].build(vectors, chosen).save(Path(folder))
            store = STORES[chosen.store].load(Path(folder), chosen)
            for mask in (None, visible):
                scores, positions = store.search(query, count, mask)
                among = range(len(vectors)) if mask is None else np.flatnonzero(mask).tolist()
                products = {row: float(vectors[row] @ query) for row in among}
                expected = sorted(among, key=lambda row: (-products[row], row))[:count]
                assert positions.tolist() == expected
                assert scores.tolist() == [products[row] for row in expected]
            np.testing.assert_array_equal(store.vectors(), vectors)
        finally:
            discard(Path(folder), chosen)


@pytest.fixture(scope="module", params=NARROW)
def narrow(
    request: pytest.FixtureRequest, server: None, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[VectorStore]:
    chosen = NARROW[request.param]
    folder = tmp_path_factory.mktemp("narrow")
    STORES[chosen.store].build(rows_of_noise(), chosen).save(folder)
    yield STORES[chosen.store].load(folder, chosen)
    discard(folder, chosen)


def rows_of_noise() -> Vectors:
    rows = np.random.default_rng(0).normal(size=(COUNT, DIMENSION)).astype(np.float32)
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return rows


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    seed=st.integers(0, 2**32),
    hidden=st.sampled_from(["nearest", "random"]),
    share=st.floats(0, 1),
    count=st.integers(1, 300),
)
def test_no_index_returns_what_is_not_visible(
    narrow: VectorStore, seed: int, hidden: str, share: float, count: int
) -> None:
    random = np.random.default_rng(seed)
    query = random.normal(size=DIMENSION).astype(np.float32)
    query /= np.linalg.norm(query)
    products = rows_of_noise() @ query
    # The hardest mask hides just what the query would find.
    visible = products <= np.quantile(products, share) if hidden == "nearest" else random.random(COUNT) < share
    scores, positions = narrow.search(query, count, visible)
    assert visible[positions].all()
    assert len(set(positions.tolist())) == len(positions) == min(count, np.count_nonzero(visible))
    np.testing.assert_allclose(scores, products[positions], atol=1e-5)
    assert (np.diff(scores) <= 0).all()
