"""The public data sets of the retrieval benchmark: read, embedded and judged as a generated project does it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from reference_impls.corpus.chunking import chunk_document
from reference_impls.corpus.reading import read_corpus
from reference_impls.corpus.settings import Settings as CorpusSettings
from reference_impls.embedding.sentence import SentenceEmbedder
from reference_impls.embedding.settings import Settings as EmbeddingSettings
from reference_impls.evaluation.questions import read_questions
from reference_impls.retrieval.context import indexed_text
from reference_impls.texts.sentences import sentences

RESAMPLES = 4000

Table = NDArray[np.floating[Any]]
Values = NDArray[np.float64]


@dataclass(frozen=True)
class DataSet:
    """One set, read and cut; positions of chunks mean rows of `texts` everywhere.

    Attributes:
        texts: What is indexed of each chunk, headings first.
        sentences: Each sentence with the headings of its chunk.
        owners: int64, the position of the chunk of each sentence, ascending.
        units: int64, for each chunk what is found with it (paragraph or document), ascending from 0.
        relevant: bool [questions, units], the gold units.
        clusters: int64, the document of each question.
    """

    name: str
    texts: list[str]
    sentences: list[str]
    owners: NDArray[np.int64]
    units: NDArray[np.int64]
    questions: list[str]
    relevant: NDArray[np.bool_]
    clusters: NDArray[np.int64]


@dataclass(frozen=True)
class Quality:
    """hit@1, reciprocal rank and nDCG@10 of each question."""

    hit: Values
    reciprocal: Values
    ndcg: Values

    def __str__(self) -> str:
        return f"{self.hit.mean():.4f}  {self.reciprocal.mean():.4f}  {self.ndcg.mean():.4f}"


def read_set(name: str, folder: Path) -> DataSet:
    """Reads a data set as a generated project would."""
    by_paragraph = name == "xquad"
    documents, asked = ("docs_en", "questions_en.jsonl") if by_paragraph else ("docs", "questions.jsonl")
    settings = CorpusSettings(folder=str(folder / documents), chunk_by="paragraph" if by_paragraph else "words")
    chunks = [chunk for document in read_corpus(settings).documents for chunk in chunk_document(document, settings)]
    keys = [(chunk.document, chunk.blocks if by_paragraph else ()) for chunk in chunks]
    numbers = {key: number for number, key in enumerate(dict.fromkeys(keys))}
    questions = read_questions(folder / asked)
    relevant = np.zeros((len(questions), len(numbers)), dtype=np.bool_)
    for row, question in enumerate(questions):
        blocks = () if question.paragraph is None else (question.paragraph,)
        relevant[row, [numbers[path, blocks] for path in question.gold_docs]] = True
    parts = [(at, part) for at, chunk in enumerate(chunks) for part in sentences(chunk.text)]
    return DataSet(
        name,
        [indexed_text(chunk, "headings") for chunk in chunks],
        [f"{chunks[at].context}\n{part}" for at, part in parts],
        np.array([at for at, _ in parts]),
        np.array([numbers[key] for key in keys]),
        [question.question for question in questions],
        relevant,
        np.unique([question.gold_docs[0] for question in questions], return_inverse=True)[1],
    )


class Encoder:
    """Embeds texts with the model of the generated project, and keeps the vectors in a folder if there is one."""

    def __init__(self, folder: Path | None) -> None:
        self._folder = folder
        self._embedder = SentenceEmbedder(EmbeddingSettings())

    def rows(self, texts: Sequence[str], *, questions: bool = False) -> Table:
        """float32 [texts, dimension]."""
        kept = self._kept(texts)
        if kept is not None and kept.is_file():
            stored: Table = np.load(kept, allow_pickle=False)
            return stored
        distinct = list(dict.fromkeys(texts))
        vectors = self._embedder.encode_queries(distinct) if questions else self._embedder.encode_passages(distinct)
        at = {text: number for number, text in enumerate(distinct)}
        rows: Table = vectors[[at[text] for text in texts]]
        if kept is not None:
            kept.parent.mkdir(parents=True, exist_ok=True)
            np.save(kept, rows)
        return rows

    def _kept(self, texts: Sequence[str]) -> Path | None:
        if self._folder is None:
            return None
        digest = hashlib.sha256("\0".join((self._embedder.id, *texts)).encode()).hexdigest()
        return self._folder / f"{digest[:16]}.npy"


def ranks_of(scores: Table) -> NDArray[np.int64]:
    """Ranks from 1 within each row, the largest score first, equal ones in the order of their columns."""
    order = np.argsort(-scores, axis=1, kind="stable")
    ranks = np.empty_like(order)
    np.put_along_axis(ranks, order, np.arange(1, scores.shape[1] + 1)[None, :], axis=1)
    return ranks


def judged(data: DataSet, scores: Table) -> Quality:
    """Quality of a ranking of chunks; a unit stands at the rank of the best of its chunks."""
    starts = np.flatnonzero(np.r_[True, np.diff(data.units) > 0])
    ranks = ranks_of(np.maximum.reduceat(scores, starts, axis=1))
    first = np.where(data.relevant, ranks, ranks.shape[1] + 1).min(axis=1)
    gains = np.where(data.relevant & (ranks <= 10), 1 / np.log2(1 + ranks), 0).sum(axis=1)
    ideal = np.cumsum(1 / np.log2(1 + np.arange(1, 11)))[np.minimum(data.relevant.sum(axis=1), 10) - 1]
    return Quality((first == 1).astype(np.float64), 1 / first, gains / ideal)


def interval(values: Values, clusters: NDArray[np.int64]) -> tuple[float, float]:
    """95 % interval of a mean by the bootstrap over documents, since the questions of one are no independent draws."""
    draws = np.random.default_rng(0).integers(0, clusters.max() + 1, (RESAMPLES, int(clusters.max()) + 1))
    sums, counts = np.bincount(clusters, values), np.bincount(clusters)
    low, high = np.percentile(sums[draws].sum(axis=1) / counts[draws].sum(axis=1), [2.5, 97.5])
    return float(low), float(high)
