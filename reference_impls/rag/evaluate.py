"""Judges the project on a question file: retrieval in all modes, answers, refusals, latency."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import get_args

from ..evaluation.bootstrap import Interval, mean_interval
from ..evaluation.metrics import answer_contained, mean, percentile
from ..evaluation.questions import Question
from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from ..retrieval.access import OWNER
from ..retrieval.search import Hit, Mode
from .compare import modes_compared
from .groundedness import statements, supported
from .pipeline import Answer, Pipeline
from .random_floor import RandomFloor
from .results import RETRIEVAL_MEASURES, Evaluation, Outcome, RetrievalScores, UnsupportedSentence, retrieval_score

_DEPTH = 100
_LONGEST_REFERENCE = 50
_MOST_UNSUPPORTED = 50
_BM25: Mode = "lexical"


@dataclass(frozen=True)
class _Asked:
    outcome: Outcome
    answer: Answer | None
    unsupported: tuple[UnsupportedSentence, ...]


def evaluate(
    pipeline: Pipeline,
    questions: Sequence[Question],
    mode: Mode,
    *,
    answers: bool = True,
    stopped: frozenset[str] = frozenset(),
    advance: Callable[[int], object] = lambda _: None,
) -> Evaluation:
    """Asks every question, as the owner of the index: all documents take part.

    Args:
        pipeline: The open project.
        questions: What to ask.
        mode: The mode of the settings; the others are measured beside it.
        answers: False measures retrieval alone.
        stopped: Stop words, which support no sentence of an answer.
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
    as_set = "+".join((mode, *pipeline.finder.steps))
    # What further steps add is seen beside the same mode without them.
    plain: list[Mode] = [*([mode] if as_set != mode else []), *(each for each in get_args(Mode) if each != mode)]
    passages = {
        (chunk.document, chunk.start, chunk.end): f"{chunk.context}\n{chunk.text}"
        for chunk in pipeline.retriever.chunks
    }
    asked = []
    for question in questions:
        found = _search(pipeline, question, gold.get(question.id, frozenset()), as_set, plain)
        answer = pipeline.ask(question.question, reader=OWNER) if answers else None
        asked.append(_judge(found, question, answer, passages, stopped))
        advance(1)
    floor = RandomFloor(pipeline.retriever.chunks, _DEPTH)
    at_random = [floor.scores(question, gold[question.id]) for question in judged]
    return _summary(questions, judged, asked, [as_set, *plain], at_random)


def gold_paths(question: Question, paths: Sequence[str]) -> frozenset[str]:
    """Those of the indexed paths that a question names as its documents."""
    # A bare file name means that file in whatever folder it lies.
    wanted = set(question.gold_docs)
    return frozenset(path for path in paths if path in wanted or PurePosixPath(path).name in wanted)


def _search(
    pipeline: Pipeline, question: Question, gold: frozenset[str], as_set: str, plain: Iterable[Mode]
) -> Outcome:
    """The outcome as far as retrieval goes."""
    ranks: dict[str, tuple[int, ...]] = {}
    if gold:
        visible = pipeline.retriever.visible(OWNER)
        vector = pipeline.retriever.embed(question.question)
        found = pipeline.finder.find(question.question, vector, _DEPTH, visible)
        ranks[as_set] = _ranks(question, gold, found.hits)
        for mode in plain:
            hits = pipeline.retriever.search(question.question, vector, _DEPTH, visible, mode)
            ranks[mode] = _ranks(question, gold, hits)
    # A question that names its paragraph has one relevant result, in whichever chunk it is found first.
    relevant = len(gold) if question.paragraph is None else min(len(gold), 1)
    return Outcome(
        id=question.id,
        question=question.question,
        answerable=question.answerable,
        relevant=relevant,
        ranks=ranks,
    )


def _ranks(question: Question, gold: frozenset[str], hits: Sequence[Hit]) -> tuple[int, ...]:
    if question.paragraph is None:
        # Several chunks of a document are one result, at the rank of the best of them.
        found = enumerate(dict.fromkeys(hit.chunk.document for hit in hits), start=1)
        return tuple(rank for rank, path in found if path in gold)
    stretches = enumerate(dict.fromkeys((hit.chunk.document, hit.chunk.blocks) for hit in hits), start=1)
    ranks = tuple(rank for rank, (path, blocks) in stretches if path in gold and question.paragraph in blocks)
    return ranks[:1]


def _judge(
    found: Outcome,
    question: Question,
    answer: Answer | None,
    passages: Mapping[tuple[str, int, int], str],
    stopped: frozenset[str],
) -> _Asked:
    """Adds to the outcome what became of the answer."""
    if answer is None:
        return _Asked(found, None, ())
    references = [text for text in question.answers if len(text.split()) <= _LONGEST_REFERENCE]
    contained = None
    if question.answerable and references:
        contained = not answer.refused and answer_contained(answer.text, references)
    # A row of a look-up cites its source and no passage.
    said = [] if answer.refused or answer.lookup else statements(answer.text, answer.quotes)
    documents = {source.number: source.document for source in answer.sources}
    texts = {source.number: passages[source.document, source.start, source.end] for source in answer.sources}
    unsupported = tuple(
        UnsupportedSentence(
            id=question.id,
            text=statement.text,
            cited=tuple(documents[number] for number in statement.cited if number in documents),
        )
        for statement in said
        if not supported(statement, texts, stopped)
    )
    judged = {
        "refused": answer.refused,
        "contained": contained,
        "sentences": len(said),
        "supported": len(said) - len(unsupported),
    }
    return _Asked(found.model_copy(update=judged), answer, unsupported)


def _summary(
    questions: Sequence[Question],
    judged: Sequence[Question],
    asked: Sequence[_Asked],
    modes: Sequence[str],
    at_random: Sequence[Mapping[str, float]],
) -> Evaluation:
    outcomes = tuple(item.outcome for item in asked)
    units = {"document" if question.paragraph is None else "paragraph" for question in judged}
    known = {question.id for question in judged}
    contained = [float(each.contained) for each in outcomes if each.contained is not None]
    grounded = [each.grounded for each in outcomes if each.grounded is not None]
    unanswerable = [float(each.refused) for each in outcomes if each.refused is not None and not each.answerable]
    answerable = [float(each.refused) for each in outcomes if each.refused is not None and each.answerable]
    answers = [item.answer for item in asked if item.answer is not None]
    retrieval_ms = [answer.retrieval_ms for answer in answers]
    total_ms = [answer.total_ms for answer in answers]
    return Evaluation(
        unit=" and ".join(sorted(units)) or "document",
        questions=len(questions),
        judged=len(judged),
        without_gold=tuple(item.id for item in questions if item.answerable and item.id not in known),
        retrieval=(*(_scores(mode, outcomes) for mode in modes), _random_row(at_random)),
        beside_bm25=modes_compared(outcomes, modes[0], _BM25) if modes[0] != _BM25 else (),
        containment=_rounded(mean(contained)),
        containment_interval=_interval(contained),
        containment_questions=len(contained),
        groundedness=_rounded(mean(grounded)),
        groundedness_interval=_interval(grounded),
        answers=len(grounded),
        sentences=sum(each.sentences for each in outcomes),
        supported=sum(each.supported for each in outcomes),
        unsupported=tuple(sentence for item in asked for sentence in item.unsupported)[:_MOST_UNSUPPORTED],
        refused_unanswerable=_rounded(mean(unanswerable)),
        refused_unanswerable_interval=_interval(unanswerable),
        unanswerable=len(unanswerable),
        refused_answerable=_rounded(mean(answerable)),
        refused_answerable_interval=_interval(answerable),
        answerable=len(answerable),
        retrieval_ms_p50=_rounded(percentile(retrieval_ms, 0.5)),
        retrieval_ms_p95=_rounded(percentile(retrieval_ms, 0.95)),
        total_ms_p50=_rounded(percentile(total_ms, 0.5)),
        total_ms_p95=_rounded(percentile(total_ms, 0.95)),
        outcomes=outcomes,
    )


def _scores(mode: str, outcomes: Sequence[Outcome]) -> RetrievalScores:
    found = {
        measure: [score for each in outcomes if (score := retrieval_score(measure, each, mode)) is not None]
        for measure in RETRIEVAL_MEASURES
    }
    return RetrievalScores(
        mode=mode,
        hit_at_1=_rounded(mean(found["hit@1"])),
        hit_at_5=_rounded(mean(found["hit@5"])),
        mrr=_rounded(mean(found["MRR"])),
        ndcg_at_10=_rounded(mean(found["nDCG@10"])),
        hit_at_1_interval=_interval(found["hit@1"]),
        hit_at_5_interval=_interval(found["hit@5"]),
        mrr_interval=_interval(found["MRR"]),
        ndcg_at_10_interval=_interval(found["nDCG@10"]),
    )


def _random_row(expected: Sequence[Mapping[str, float]]) -> RetrievalScores:
    means = {measure: _rounded(mean([each[measure] for each in expected])) for measure in RETRIEVAL_MEASURES}
    return RetrievalScores(
        mode="random",
        hit_at_1=means["hit@1"],
        hit_at_5=means["hit@5"],
        mrr=means["MRR"],
        ndcg_at_10=means["nDCG@10"],
    )


def _interval(values: Sequence[float]) -> Interval | None:
    found = mean_interval(values)
    return None if found is None else (round(found[0], 4), round(found[1], 4))


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)
