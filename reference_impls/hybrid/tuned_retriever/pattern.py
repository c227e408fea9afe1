"""The tuned retriever, as every pattern is asked: look, train, answer, judge, prove."""

import time
from pathlib import Path

from ...embedding.load import load_embedder
from ...project_base.checks import Check
from ...project_base.errors import UserError
from ...rag.evaluate import gold_paths
from ...rag.live import LivePipeline
from ...retrieval.access import NO_FILTERS, NOBODY, Filters, Reader
from ...retrieval.index import open_index
from ...retrieval.search import Retriever
from ..base import Answerer, Finding, Reply, Trained, Work
from ..evaluation import TwoByTwo
from ..pairs import by_document, gold_passages, read_pairs
from ..retrieval_half import check_index, open_retrieval, reply_of
from ..settings import ProjectSettings
from ..tuned_half import newest
from .embedders import indexed, made_by_retriever, of_version, recorded_base, untuned, version_in_service
from .judging import judge_retriever
from .mining import mine
from .proof import checks_of
from .training import Lessons, train_embedder

_FEW = 200
"""Pairs below which the advice is to wait (rules/patterns/hybrid.yaml)."""


class RetrieverAnswers:
    """Answers of the retrieval half, whose index and questions the tuned embedder embeds.

    Args:
        retrieval: With the tuned embedder and its index.
        version: In the registry.
    """

    def __init__(self, retrieval: LivePipeline, version: str) -> None:
        self._retrieval = retrieval
        self._version = version

    def ask(self, question: str, reader: Reader = NOBODY, where: Filters = NO_FILTERS) -> Reply:
        """Answers one question.

        Raises:
            QuestionError: The question is empty, too long or not text.
            UserError: Index or model cannot answer.
        """
        started = time.perf_counter()
        answer = self._retrieval.ask(question, reader, where)
        return reply_of(answer, started, why="the tuned embedder searched", version=self._version)


def check(settings: ProjectSettings) -> list[Finding]:
    """Looks at the questions, the index and the embedder; see `base.Pattern`."""
    try:
        pairs = read_pairs(settings)
        base = recorded_base(settings.embedding.model)
    except UserError as error:
        return [Finding(error.message, error.next_step, blocking=True)]
    findings = [
        Finding(
            f"{len(pairs.train)} questions to train on, {len(pairs.validation)} to stop by and {len(pairs.test)} to "
            "judge by; no document stands on two sides"
        )
    ]
    if len(pairs.train) < _FEW:
        findings.append(
            Finding(
                f"{len(pairs.train)} questions to train on are few: from about {_FEW} on a tuned retriever is worth "
                "trying",
                "collect from the log which passage helped with which question",
            )
        )
    if base is not None:
        findings.append(Finding(f"embedding.model is a tuned embedder; what is tuned is its base {base.name}"))
    findings += check_index(settings)
    if not any(finding.blocking for finding in findings):
        findings += _unindexed(settings)
    return findings


def train(settings: ProjectSettings, work: Work) -> Trained:
    """Mines pairs of the untuned embedder's own index and trains an adapter on them; see `training.train_embedder`."""
    pairs = read_pairs(settings)
    given, embedder = indexed(untuned(settings), "untuned", work.tell, work.progress)
    index = open_index(given.corpus, given.retrieval, given.vector_stores, embedder.id)
    retriever = Retriever(index, embedder, given.retrieval)
    paths = sorted({chunk.document for chunk in retriever.chunks})
    unseen = {
        side: frozenset(path for question in questions for path in gold_paths(question, paths))
        for side, questions in (("test", pairs.test), ("validation", pairs.validation))
    }
    # What is trained on meets neither the documents that stop it nor those that judge it, not even as negatives.
    learnt = mine(
        pairs.train, retriever, given, unseen["test"] | unseen["validation"], work.progress("mining", len(pairs.train))
    )
    stopping = mine(pairs.validation, retriever, given, unseen["test"], work.progress("mining", len(pairs.validation)))
    if missing := (*learnt.without, *stopping.without):
        work.tell(f"{len(missing)} questions name documents that the index lacks, such as {missing[0]}")
    return train_embedder(given, Lessons(learnt, stopping, pairs.digest, tuple(sorted(unseen["test"]))), work)


def open_answers(settings: ProjectSettings, work: Work) -> Answerer:
    """Opens the index of a tuned embedder; a version that is named gets an index of its own beside the results.

    The version in service answers from the project's own index, which `embedding.model` and `index` make its own.

    Raises:
        UserError: No version is in service, the project embeds with another model, or its index is of another one.
    """
    if not work.version:
        version = version_in_service(settings)
        return RetrieverAnswers(
            open_retrieval(settings, work, load_embedder(settings.embedding, work.tell)), version.id
        )
    version = newest(settings, work.version, made_by_retriever)
    if not made_by_retriever(version):
        raise UserError(f"{version.id} is no tuned embedder but a {version.kind}", "name a version of this pattern")
    given, embedder = indexed(of_version(settings, version), version.id, work.tell, work.progress)
    return RetrieverAnswers(open_retrieval(given, work, embedder), version.id)


def evaluate(settings: ProjectSettings, work: Work) -> TwoByTwo:
    """Judges tuned against untuned on unseen documents; see `judging.judge_retriever`."""
    return judge_retriever(settings, work)


def checks(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The smoke checks of the tuned retriever; see `base.Pattern`."""
    return checks_of(settings, workdir)


def _unindexed(settings: ProjectSettings) -> list[Finding]:
    pairs = read_pairs(settings)
    embedder = load_embedder(settings.embedding)
    index = open_index(settings.corpus, settings.retrieval, settings.vector_stores, embedder.id)
    chunks = by_document(index.chunks)
    asked = [each for side in (pairs.train, pairs.validation, pairs.test) for each in side if each.answerable]
    lacking = [question.id for question in asked if not gold_passages(question, chunks)]
    if not lacking:
        return []
    whole = len(lacking) == len(asked)
    return [
        Finding(
            f"{len(lacking)} of {len(asked)} questions have no right passage in the index, such as {lacking[0]}",
            "correct their documents or answers in hybrid.pairs, or index what they name",
            blocking=whole,
        )
    ]
