"""Judges the project on a question file: retrieval in three modes, answers, refusals, latency."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import get_args

from pydantic import BaseModel, ConfigDict

from ..evaluation.metrics import answer_contained, hit_at, mean, ndcg_at, percentile
from ..evaluation.questions import Question
from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from ..retrieval.access import OWNER
from ..retrieval.search import Hit, Mode
from .pipeline import Pipeline

_DEPTH = 100
_LONGEST_REFERENCE = 50


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class RetrievalScores(_Frozen):
    """Mean scores of one mode over the questions whose gold documents are indexed."""

    mode: str
    hit_at_1: float | None
    hit_at_5: float | None
    ndcg_at_10: float | None


class Evaluation(_Frozen):
    """Everything that was measured; None stands where no question could measure it.

    Attributes:
        unit: What a hit is counted on: `paragraph` or `document`.
        questions: How many were read.
        judged: How many of them name a gold document that is indexed.
        without_gold: Ids of answerable questions that name no gold document, or one that is not indexed.
        retrieval: One row for each mode; the first is the mode of the settings.
        containment: Share of answered or refused answerable questions whose answer holds a reference answer.
        containment_questions: How many of them have a reference of at most 50 words.
        refused_unanswerable: Share of unanswerable questions that were refused, of `unanswerable`.
        unanswerable: How many questions are marked unanswerable.
        refused_answerable: Share of answerable questions that were refused, of `answerable`.
        answerable: How many questions are not.
        retrieval_ms_p50: Median time of embedding and search, in milliseconds; then the 95th percentile.
        retrieval_ms_p95: See above.
        total_ms_p50: Median time of a whole answer, in milliseconds; then the 95th percentile.
        total_ms_p95: See above.
    """

    unit: str
    questions: int
    judged: int
    without_gold: tuple[str, ...]
    retrieval: tuple[RetrievalScores, ...]
    containment: float | None
    containment_questions: int
    refused_unanswerable: float | None
    unanswerable: int
    refused_answerable: float | None
    answerable: int
    retrieval_ms_p50: float | None
    retrieval_ms_p95: float | None
    total_ms_p50: float | None
    total_ms_p95: float | None


@dataclass(frozen=True)
class _Asked:
    question: Question
    refused: bool
    contained: bool | None
    retrieval_ms: float
    total_ms: float


def evaluate(
    pipeline: Pipeline,
    questions: Sequence[Question],
    mode: Mode,
    *,
    answers: bool = True,
    advance: Callable[[int], object] = lambda _: None,
) -> Evaluation:
    """Asks every question.

    Args:
        pipeline: The open project.
        questions: What to ask.
        mode: The mode of the settings; the others are measured beside it.
        answers: False measures retrieval alone.
        advance: Called with 1 after each question.

    Raises:
        UserError: No question names a document of the index, or a question cannot be asked.
    """
    paths = [document.path for document in pipeline.manifest.documents]
    gold = {question.id: gold_paths(question, paths) for question in questions if question.answerable}
    judged = [question for question in questions if gold.get(question.id)]
    if any(question.gold_docs for question in questions) and not judged:
        raise UserError(
            "no question names a document that is in the index",
            f"check that corpus.folder is the folder that the questions belong to, then: {command_line('index')}",
        )
    modes: list[Mode] = [mode, *(other for other in get_args(Mode) if other != mode)]
    relevance: dict[Mode, list[tuple[list[bool], int]]] = {each: [] for each in modes}
    asked = []
    for question in questions:
        if gold.get(question.id):
            vector = pipeline.retriever.embed(question.question)
            for each in modes:
                hits = pipeline.retriever.search(question.question, vector, _DEPTH, None, each)
                relevance[each].append(_relevance(question, gold[question.id], hits))
        if answers:
            asked.append(_ask(pipeline, question))
        advance(1)
    return _summary(questions, judged, asked, [_scores(each, relevance[each]) for each in modes])


def gold_paths(question: Question, paths: Sequence[str]) -> frozenset[str]:
    """Those of the indexed paths that a question names as its documents."""
    # A bare file name means that file in whatever folder it lies.
    wanted = set(question.gold_docs)
    return frozenset(path for path in paths if path in wanted or PurePosixPath(path).name in wanted)


def _relevance(question: Question, gold: frozenset[str], hits: Sequence[Hit]) -> tuple[list[bool], int]:
    if question.paragraph is None:
        # Several chunks of a document are one result, at the rank of the best of them.
        return [path in gold for path in dict.fromkeys(hit.chunk.document for hit in hits)], len(gold)
    flags = []
    found = False
    for path, blocks in dict.fromkeys((hit.chunk.document, hit.chunk.blocks) for hit in hits):
        relevant = path in gold and question.paragraph in blocks and not found
        found = found or relevant
        flags.append(relevant)
    return flags, 1


def _scores(mode: Mode, relevance: Sequence[tuple[list[bool], int]]) -> RetrievalScores:
    return RetrievalScores(
        mode=mode,
        hit_at_1=_rounded(mean([hit_at(flags, 1) for flags, _ in relevance])),
        hit_at_5=_rounded(mean([hit_at(flags, 5) for flags, _ in relevance])),
        ndcg_at_10=_rounded(mean([ndcg_at(flags, total, 10) for flags, total in relevance])),
    )


def _ask(pipeline: Pipeline, question: Question) -> _Asked:
    answer = pipeline.ask(question.question, OWNER)
    references = [text for text in question.answers if len(text.split()) <= _LONGEST_REFERENCE]
    contained = None
    if question.answerable and references:
        contained = not answer.refused and answer_contained(answer.text, references)
    return _Asked(question, answer.refused, contained, answer.retrieval_ms, answer.total_ms)


def _summary(
    questions: Sequence[Question], judged: Sequence[Question], asked: Sequence[_Asked], rows: Sequence[RetrievalScores]
) -> Evaluation:
    units = {"document" if question.paragraph is None else "paragraph" for question in judged}
    contained = [float(item.contained) for item in asked if item.contained is not None]
    unanswerable = [float(item.refused) for item in asked if not item.question.answerable]
    answerable = [float(item.refused) for item in asked if item.question.answerable]
    known = {question.id for question in judged}
    retrieval_ms = [item.retrieval_ms for item in asked]
    total_ms = [item.total_ms for item in asked]
    return Evaluation(
        unit=" and ".join(sorted(units)) or "document",
        questions=len(questions),
        judged=len(judged),
        without_gold=tuple(item.id for item in questions if item.answerable and item.id not in known),
        retrieval=tuple(rows),
        containment=_rounded(mean(contained)),
        containment_questions=len(contained),
        refused_unanswerable=_rounded(mean(unanswerable)),
        unanswerable=len(unanswerable),
        refused_answerable=_rounded(mean(answerable)),
        answerable=len(answerable),
        retrieval_ms_p50=_rounded(percentile(retrieval_ms, 0.5)),
        retrieval_ms_p95=_rounded(percentile(retrieval_ms, 0.95)),
        total_ms_p50=_rounded(percentile(total_ms, 0.5)),
        total_ms_p95=_rounded(percentile(total_ms, 0.95)),
    )


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def table(result: Evaluation) -> str:
    """The result as plain text, at most 80 columns wide."""
    lines = [f"{'retrieval by ' + result.unit:<26}{'hit@1':>8}{'hit@5':>8}{'nDCG@10':>10}"]
    names = {"lexical": "BM25 only", "dense": "dense only", "fused": "fused"}
    for number, row in enumerate(result.retrieval):
        name = names[row.mode] + (" (as set)" if number == 0 else "")
        lines.append(f"{name:<26}{_cell(row.hit_at_1):>8}{_cell(row.hit_at_5):>8}{_cell(row.ndcg_at_10):>10}")
    lines.append("")
    counted = f"{result.judged} of {result.questions} questions name an indexed document"
    lines.append(f"{'questions judged':<26}{counted}")
    if result.retrieval_ms_p50 is not None:
        lines += [
            f"{'answer containment':<26}{_cell(result.containment)} of {result.containment_questions}",
            f"{'refused, unanswerable':<26}{_cell(result.refused_unanswerable)} of {result.unanswerable}",
            f"{'refused, answerable':<26}{_cell(result.refused_answerable)} of {result.answerable}",
            f"{'retrieval, ms':<26}p50 {result.retrieval_ms_p50:.1f}   p95 {result.retrieval_ms_p95:.1f}",
            f"{'whole answer, ms':<26}p50 {result.total_ms_p50:.1f}   p95 {result.total_ms_p95:.1f}",
        ]
    return "\n".join(lines)


def _cell(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
