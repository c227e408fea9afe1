"""Embedding on workers into a database, by configuration alone, answers as one process with exact search does."""

from __future__ import annotations

from pathlib import Path

import pytest

from reference_impls.corpus.settings import Settings as CorpusSettings
from reference_impls.embedding.load import load_embedder
from reference_impls.embedding.on_ray import RayEmbedder
from reference_impls.embedding.sentence import SentenceEmbedder
from reference_impls.embedding.settings import Settings as EmbeddingSettings
from reference_impls.project_base.errors import UserError
from reference_impls.retrieval.build import build_index
from reference_impls.retrieval.index import open_index
from reference_impls.retrieval.settings import Settings as RetrievalSettings
from reference_impls.vector_stores.settings import Settings as StoreSettings
from reference_impls.vector_stores.stores import discard
from reference_impls.vector_stores.tests.server import postgresql_server

DOCUMENTS = Path(__file__).resolve().parents[2] / "reference_impls" / "rag" / "sample" / "docs"
QUESTIONS = ("How long does the battery of a tag last?", "Who may see the reports?", "What does the Bridge cost?")


@pytest.mark.soak
def test_workers_into_a_database_answer_as_one_process_does(tmp_path: Path) -> None:
    corpus = CorpusSettings(folder=str(DOCUMENTS))
    found, cache = {}, str(tmp_path / "embedder")
    with postgresql_server():
        for name, embedding, stores in (
            ("one", EmbeddingSettings(device="cpu", batch_size=1, cache_folder=cache), StoreSettings(store="exact")),
            (
                "many",
                EmbeddingSettings(device="cpu", batch_size=1, cache_folder=cache, workers=2),
                StoreSettings(store="pgvector"),
            ),
        ):
            retrieval = RetrievalSettings(index_folder=str(tmp_path / name))
            embedder = load_embedder(embedding)
            report = build_index(corpus, retrieval, stores, embedder)
            assert report.embedded > 2 * 8, "as many as keep both workers busy"
            index = open_index(corpus, retrieval, stores, embedder.id)
            queries = embedder.encode_queries(QUESTIONS)
            found[name] = [index.dense.search(query, 10) for query in queries]
        for generation in tmp_path.glob("many/generation-*"):
            discard(generation, StoreSettings(store="pgvector"))
    for (scores, positions), (expected_scores, expected) in zip(found["many"], found["one"], strict=True):
        assert positions.tolist() == expected.tolist()
        assert scores.tolist() == pytest.approx(expected_scores.tolist(), abs=1e-5)


@pytest.mark.soak
def test_a_worker_that_fails_is_told_with_its_reason() -> None:
    local = SentenceEmbedder(EmbeddingSettings(device="cpu", batch_size=4))
    embedder = RayEmbedder(local, EmbeddingSettings(model="/no/such/model", device="cpu", batch_size=4, workers=1))
    with pytest.raises(UserError, match=r"a worker that embeds failed: .*/no/such/model") as caught:
        embedder.encode_passages([f"text {number}" for number in range(90)])
    assert "embedding.workers: 0" in caught.value.next_step
