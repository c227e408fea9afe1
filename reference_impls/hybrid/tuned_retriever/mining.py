"""Pairs of questions and right passages, with wrong passages that search ranks high (hard negatives)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ...corpus.chunking import Chunk
from ...evaluation.metrics import answer_contained
from ...evaluation.questions import Question
from ...retrieval.context import indexed_text
from ...retrieval.search import Mode, Retriever
from ...texts.minhash import jaccard, shingles
from ...texts.words import words_of
from ...vector_stores.base import Mask
from ..pairs import by_document, gold_passages
from ..settings import ProjectSettings

_DEPTH = 30
_MODES: tuple[Mode, ...] = ("lexical", "dense")
_RUN = 3


@dataclass(frozen=True)
class Pair:
    """A question with a right passage and wrong ones, as they are embedded.

    Attributes:
        question: What is asked.
        passage: The right one.
        negatives: Wrong ones, each with the path of its document.
        document: Of the right passage.
        gold: Paths of all documents that answer the question; none of their passages counts as wrong.
    """

    question: str
    passage: str
    negatives: tuple[tuple[str, str], ...]
    document: str
    gold: frozenset[str]


@dataclass(frozen=True)
class Mined:
    """What was found for some questions.

    Attributes:
        pairs: One for each right passage.
        without: Ids of questions whose documents the index lacks.
        near: How many passages were passed over as nearly the same as a right one, or for holding an answer.
    """

    pairs: tuple[Pair, ...]
    without: tuple[str, ...]
    near: int


def mine(
    questions: Sequence[Question],
    retriever: Retriever,
    settings: ProjectSettings,
    unseen: frozenset[str],
    advance: Callable[[int], object] = lambda _: None,
) -> Mined:
    """Finds the right passages of questions, and the wrong ones that word search and dense search rank high.

    Passed over as wrong ones are passages of the documents that answer the question, those that are nearly the same as
    a right one, and those that hold a short answer word for word: they may be right, and nobody has marked them.
    (Karpukhin et al. 2020, Dense passage retrieval, section 3.2, takes hard negatives of BM25; Xiong et al. 2021, ANCE,
    of the embedder itself.)

    Args:
        questions: Of one side; those that are to be refused are left out.
        retriever: Of the index of the untuned embedder.
        settings: How many, and what counts as nearly the same.
        unseen: Paths of documents of other sides, of which no passage is taken.
        advance: Hears how many more questions are done.
    """
    chunks = by_document(retriever.chunks)
    visible = retriever.without(unseen)
    pairs: list[Pair] = []
    without, near = [], 0
    for question in questions:
        advance(1)
        if not question.answerable:
            continue
        right = gold_passages(question, chunks)
        if not right:
            without.append(question.id)
            continue
        gold = frozenset(chunk.document for chunk in right) | frozenset(question.gold_docs)
        ranked = ranked_passages(question.question, retriever, visible)
        most, alike = settings.hybrid.hard_negatives, settings.labelled_data.near_duplicate
        wrong, passed = wrong_passages(question, right, ranked, most, alike)
        near += passed
        negatives = tuple((_shown(chunk, settings), chunk.document) for chunk in wrong)
        pairs += [Pair(question.question, _shown(each, settings), negatives, each.document, gold) for each in right]
    return Mined(tuple(pairs), tuple(without), near)


def ranked_passages(question: str, retriever: Retriever, visible: Mask | None) -> list[Chunk]:
    """What word search and dense search find, in turn, each passage once."""
    vector = retriever.embed(question)
    lists = [retriever.search(question, vector, _DEPTH, visible, mode) for mode in _MODES]
    found: dict[int, Chunk] = {}
    for place in range(_DEPTH):
        for hits in lists:
            if place < len(hits):
                found.setdefault(hits[place].position, hits[place].chunk)
    return list(found.values())


def wrong_passages(
    question: Question, right: Sequence[Chunk], ranked: Sequence[Chunk], most: int, alike: float
) -> tuple[list[Chunk], int]:
    """Passages that do not answer a question as far as anybody can tell; see `mine`.

    Args:
        question: Its documents and answers say what may be right.
        right: Its right passages.
        ranked: What search finds, best first.
        most: How many at most.
        alike: Similarity from which two passages count as nearly the same.

    Returns:
        The wrong ones, and how many were passed over as nearly the same as a right one or for holding an answer.
    """
    gold = {chunk.document for chunk in right} | set(question.gold_docs)
    known = [shingles(words_of(chunk.text), _RUN) for chunk in right]
    wrong: list[Chunk] = []
    passed = 0
    for chunk in ranked:
        if len(wrong) == most:
            break
        if chunk.document in gold or chunk.document.rpartition("/")[2] in gold:
            continue
        own = shingles(words_of(chunk.text), _RUN)
        near = any(len(own) and len(each) and jaccard(own, each) >= alike for each in known)
        if near or answer_contained(chunk.text, question.answers):
            passed += 1
            continue
        wrong.append(chunk)
    return wrong, passed


def _shown(chunk: Chunk, settings: ProjectSettings) -> str:
    return indexed_text(chunk, settings.retrieval.context)
