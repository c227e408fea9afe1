"""What each kind of vector index costs and finds: bytes a chunk, time to build and to ask, recall against exact search.

    ADVISOR_DATA=FOLDER OMP_NUM_THREADS=1 python benchmarks/stores.py [--sizes 1000 10000 100000] [--postgresql]

Vectors: the chunks of medquad_niddk and xquad, embedded by the offline model, as far as they go (they are kept in
--cache). Larger sizes add synthetic ones of the same spread: a real vector is drawn, and to it is added noise with the
covariance of the differences between real vectors and their nearest neighbours, then the length is made 1. The median
cosine to the nearest neighbour is printed for both: how crowded vectors lie is what makes a search hard. Queries are
questions of the data sets, real ones at every size.

A store is built in one process and asked in another: memory is how much the resident memory of the second grows from
before opening the store to after the questions, without the libraries. Pages of mapped files count apart, since the
system takes them back when it needs them. What a server takes is not in it. Compare times within the table.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from reference_impls.corpus.chunking import chunk_document
from reference_impls.corpus.reading import read_corpus
from reference_impls.corpus.settings import Settings as CorpusSettings
from reference_impls.embedding.load import load_embedder
from reference_impls.embedding.settings import Settings as EmbeddingSettings
from reference_impls.retrieval.context import indexed_text
from reference_impls.vector_stores.base import Mask, Positions, Vectors
from reference_impls.vector_stores.exact import ExactStore
from reference_impls.vector_stores.faiss_index import load_faiss
from reference_impls.vector_stores.postgresql import load_psycopg
from reference_impls.vector_stores.settings import Settings
from reference_impls.vector_stores.stores import STORES, discard
from reference_impls.vector_stores.tests.server import postgresql_server

SETS = (("medquad_niddk", "docs", "questions.jsonl"), ("xquad", "docs_en", "questions_en.jsonl"))
QUESTIONS = 200
FILES = {
    "exact": {"store": "exact"},
    "flat": {"index": "flat"},
    "hnsw": {"index": "hnsw"},
    "ivf_pq": {"index": "ivf_pq"},
}
SERVER = {
    "pgvector flat": {"store": "pgvector", "index": "flat"},
    "pgvector hnsw": {"store": "pgvector", "index": "hnsw"},
}
TRAINABLE = 10_000


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--cache", type=Path, default=Path(tempfile.gettempdir()) / "advisor-benchmark-vectors.npz")
    parser.add_argument("--postgresql", action="store_true", help="measure pgvector too")
    parser.add_argument("--index", nargs="+", default=list(FILES), choices=FILES)
    parser.add_argument("--set", action="append", default=[], metavar="KEY=NUMBER", help="a setting of every store")
    parser.add_argument("--case", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.case:
        print(json.dumps(measure(json.loads(arguments.case))))
        return
    further = {key: int(value) for key, _, value in (given.partition("=") for given in arguments.set)}
    chunks, queries = real_vectors(arguments.cache)
    print(f"{len(chunks)} real chunks of {chunks.shape[1]} numbers, {len(queries)} questions")
    print("| chunks | index | disk, B/chunk | memory, B/chunk (own + mapped) | build, s | open, ms", end=" ")
    print("| p50 / p95, ms | 10 % visible, ms | recall@10 | 10 % visible |")
    print("| ---: | --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: | ---: |")
    with tempfile.TemporaryDirectory() as folder:
        vectors_file = Path(folder) / "vectors.npz"
        for size in arguments.sizes:
            vectors = of_size(chunks, size)
            truth = nearest(vectors, queries)
            np.savez(vectors_file, chunks=vectors, rows=size, queries=queries, truth=truth)
            if size > len(chunks):
                spread = f"real {crowding(chunks):.3f}, all {size:,} {crowding(vectors):.3f}"
                print(f"(nearest neighbour, median cosine: {spread})")
            for name, settings in FILES.items():
                if name not in arguments.index:
                    continue
                if name == "ivf_pq" and size < TRAINABLE:
                    continue
                report(size, name, {**further, **settings}, vectors_file)
            if arguments.postgresql:
                with postgresql_server():
                    for name, settings in SERVER.items():
                        report(size, name, {**further, **settings}, vectors_file)


def report(size: int, name: str, settings: Mapping[str, str | int], vectors: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        case = {"settings": dict(settings), "vectors": str(vectors), "folder": folder}
        try:
            built = in_process({**case, "step": "build"})
            found = in_process({**case, "step": "ask"})
        finally:
            discard(Path(folder), Settings.model_validate(settings))
    print(f"| {size:,} | {name} | {built['disk']:,.0f}", end="")
    print(
        f" | {found['own']:,.0f} + {found['mapped']:,.0f} | {built['seconds']:.1f}"
        f" | {found['open']:.1f} | {found['p50']:.2f} / {found['p95']:.2f} | {found['masked']:.2f}"
        f" | {found['recall']:.3f} | {found['masked_recall']:.3f} |",
        flush=True,
    )


def in_process(case: Mapping[str, object]) -> dict[str, float]:
    words = [sys.executable, __file__, "--case", json.dumps(case)]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(f"{case}: {done.stderr}")
    found: dict[str, float] = json.loads(done.stdout)
    return found


def measure(case: dict[str, str]) -> dict[str, float]:
    """One step of a case, in a process that does nothing else."""
    settings = Settings.model_validate(case["settings"])
    folder = Path(case["folder"])
    stored = np.load(case["vectors"], allow_pickle=False)
    return (build if case["step"] == "build" else ask)(settings, folder, stored)


def build(settings: Settings, folder: Path, stored: Mapping[str, Any]) -> dict[str, float]:
    rows = stored["chunks"]
    started = time.perf_counter()
    STORES[settings.store].build(rows, settings).save(folder)
    seconds = time.perf_counter() - started
    return {"seconds": seconds, "disk": sum(file.stat().st_size for file in folder.iterdir()) / len(rows)}


def ask(settings: Settings, folder: Path, stored: Mapping[str, Any]) -> dict[str, float]:
    queries, truth, rows = stored["queries"], stored["truth"], int(stored["rows"])
    masks = (None, visible_rows(rows))
    # The libraries count once, however many chunks there are.
    (load_psycopg if settings.store == "pgvector" else load_faiss)()
    process = importlib.import_module("psutil").Process()
    before = process.memory_info()
    started = time.perf_counter()
    store = STORES[settings.store].load(folder, settings)
    opened = time.perf_counter() - started
    store.search(queries[0], 10)
    times: tuple[list[float], list[float]] = ([], [])
    found: tuple[list[Positions], list[Positions]] = ([], [])
    for query in queries:
        for which, mask in enumerate(masks):
            started = time.perf_counter()
            positions = store.search(query, 10, mask)[1]
            times[which].append(time.perf_counter() - started)
            found[which].append(positions)
    after = process.memory_info()
    mapped = after.shared - before.shared
    return {
        "own": (after.rss - before.rss - mapped) / rows,
        "mapped": mapped / rows,
        "open": opened * 1e3,
        "p50": float(np.percentile(times[0], 50)) * 1e3,
        "p95": float(np.percentile(times[0], 95)) * 1e3,
        "masked": float(np.percentile(times[1], 50)) * 1e3,
        "recall": recall(found[0], truth[0]),
        "masked_recall": recall(found[1], truth[1]),
    }


def visible_rows(rows: int) -> Mask:
    return np.random.default_rng(1).random(rows) < 0.1


def nearest(vectors: Vectors, queries: Vectors) -> Positions:
    """The ten nearest of each query by exact search, among all rows and among the visible ones."""
    store = ExactStore(vectors)
    masks = (None, visible_rows(len(vectors)))
    return np.array([[store.search(query, 10, mask)[1] for query in queries] for mask in masks])


def recall(found: list[Positions], truth: Positions) -> float:
    return float(np.mean([len(set(one) & set(other)) / len(other) for one, other in zip(found, truth, strict=True)]))


def real_vectors(cache: Path) -> tuple[Vectors, Vectors]:
    """Chunks of the data sets, cut as the settings are from the start, and questions drawn by chance, embedded."""
    if cache.is_file():
        kept = np.load(cache, allow_pickle=False)
        return kept["chunks"], kept["queries"]
    given = os.environ.get("ADVISOR_DATA")
    if not given:
        raise SystemExit("set ADVISOR_DATA to the folder of the public data sets")
    embedder = load_embedder(EmbeddingSettings(device="cpu", backend="torch"))
    texts: list[str] = []
    questions: list[str] = []
    for name, documents, file in SETS:
        corpus = CorpusSettings(folder=str(Path(given) / name / documents))
        texts += [
            indexed_text(chunk, "headings")
            for document in read_corpus(corpus).documents
            for chunk in chunk_document(document, corpus)
        ]
        lines = (Path(given) / name / file).read_text(encoding="utf-8").splitlines()
        questions += [json.loads(line)["question"] for line in lines]
    drawn = np.random.default_rng(0).choice(len(questions), QUESTIONS, replace=False)
    chunks = embedder.encode_passages(texts)
    queries = embedder.encode_queries([questions[number] for number in drawn])
    np.savez(cache, chunks=chunks, queries=queries)
    return chunks, queries


def of_size(chunks: Vectors, size: int) -> Vectors:
    """So many vectors: the real ones, in an order by chance, then synthetic ones of their spread."""
    random = np.random.default_rng(2)
    real = chunks[random.permutation(len(chunks))[:size]]
    if len(real) == size:
        return real
    similar = chunks @ chunks.T
    np.fill_diagonal(similar, -1)
    steps = chunks - chunks[similar.argmax(axis=1)]
    sizes, axes = np.linalg.eigh(np.cov(steps, rowvar=False))
    more = size - len(real)
    noise = random.normal(size=(more, len(sizes))) * np.sqrt(np.maximum(sizes, 0)) @ axes.T
    rows = chunks[random.integers(len(chunks), size=more)] + noise
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return np.ascontiguousarray(np.vstack([real, rows]), dtype=np.float32)


def crowding(vectors: Vectors) -> float:
    """Median cosine of 500 rows to their nearest neighbour."""
    some = np.random.default_rng(4).choice(len(vectors), min(500, len(vectors)), replace=False)
    similar = vectors[some] @ vectors.T
    similar[np.arange(len(some)), some] = -1
    return float(np.median(similar.max(axis=1)))


if __name__ == "__main__":
    main()
