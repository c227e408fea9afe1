"""Judges a router on requests that it was not made of, beside both of its halves alone."""

import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...evaluation.metrics import answer_contained, percentile
from ...evaluation.questions import Question, read_questions
from ...labelled_data.base import Example
from ...project_base.errors import UserError
from ...rag.answer import Answer
from ...rag.live import LivePipeline
from ...retrieval.access import Reader
from ..apart import met
from ..base import Work
from ..evaluation import Table, TwoByTwo, two_by_two
from ..patterns import CellName
from ..retrieval_half import open_retrieval
from ..settings import ProjectSettings
from ..tuned_half import digest_of_version, held_out_data, newest
from .answers import Sorter
from .deciding import Decision
from .handling import Handling, read_handling
from .limits import coverage_table
from .versions import made_by_router

MEASURE = "share of requests handled rightly"
CHEAPER = "a fixed answer needs no search and no call of a model"
_NAMED = 5


@dataclass(frozen=True)
class Request:
    """A request to judge by.

    Attributes:
        id: Its place in its file.
        text: What is asked.
        label: The label whose fixed answer it should get; empty for a question to the documents.
        question: The question to the documents; None for a labelled request.
    """

    id: str
    text: str
    label: str = ""
    question: Question | None = None


def judge_router(settings: ProjectSettings, work: Work) -> TwoByTwo:
    """Asks all ways the same requests.

    Requests are the test examples whose label has a fixed answer, and the questions of `rag.questions`. A labelled
    request is handled rightly by the fixed answer of its label, or by an answer from a document that `documents` of
    that label names. A question is handled rightly by an answer that holds a reference, or, where it is marked
    unanswerable, by a refusal; one that the classifier has learnt from, or from nearly the same, is left out. Test
    examples of a label that belongs to retrieval have no reference: they count in the curve, and not in the table.

    Raises:
        UserError: There is no version, its data changed, nothing is left to judge by, or one of the halves cannot be
            opened.
    """
    handling = read_handling(Path(settings.hybrid.handling))
    version = newest(settings, work.version, made_by_router)
    data = held_out_data(settings, version)
    sorter = Sorter(settings, Work(version=version.id, tell=work.tell), handling)
    retrieval = open_retrieval(settings, work)
    test = data.test
    questions = read_questions(Path(settings.rag.questions))
    learnt = met(
        [question.question for question in questions],
        [example.text for example in data.known],
        settings.labelled_data.near_duplicate,
    )
    unmet = [question for place, question in enumerate(questions) if place not in learnt]
    requests = requests_of(test, handling, unmet)
    if not requests:
        raise UserError(
            f"there is nothing to judge by: the classifier has learnt from all {len(questions)} questions of "
            "rag.questions, or from nearly the same, and no test example has a label with a fixed answer",
            "write other questions, or raise labelled_data.test_share",
        )
    started = time.perf_counter()
    decisions = sorter.decide([request.text for request in requests])[0]
    sorting_ms = (time.perf_counter() - started) * 1000 / len(requests)
    answers = _asked(retrieval, requests, work)
    known = Counter(str(example.target) for example in data.known if example.target in handling.fixed)
    commonest = min(known, key=lambda label: (-known[label], label)) if known else min(handling.fixed)
    by_retrieval = [float(right_answer(each, answer, handling)) for each, answer in zip(requests, answers, strict=True)]
    scores: dict[CellName, Sequence[float]] = {
        "base": [float(request.label == commonest) for request in requests],
        "base_retrieval": by_retrieval,
        "tuned": [float(_kept_rightly(each, way)) for each, way in zip(requests, decisions, strict=True)],
        "tuned_retrieval": [
            float(each.label == way.label) if way.way == "fixed" else by_retrieval[place]
            for place, (each, way) in enumerate(zip(requests, decisions, strict=True))
        ],
    }
    kept = [way.way == "fixed" for way in decisions]
    labelled = [place for place, request in enumerate(requests) if request.label]
    wrongly = sum(kept[place] and not requests[place].label for place in range(len(requests)))
    took = [answer.total_ms for answer in answers]
    return two_by_two(
        "router",
        MEASURE,
        [request.id for request in requests],
        scores,
        systems={
            "base": f"the commonest fixed answer ({commonest}) for all",
            "base_retrieval": "retrieval for all",
            "tuned": "the classifier alone, silent in doubt",
            "tuned_retrieval": "the router",
        },
        equal_suffices={"base_retrieval": CHEAPER},
        least_gain=settings.hybrid.least_gain,
        version=version.id,
        model_sha256=digest_of_version(version),
        index=retrieval.current().pipeline.manifest.generation,
        choice=sorter.limits.digest,
        measured={
            "kept_from_retrieval": sum(kept) / len(kept),
            "kept_rightly": _share([requests[place].label == decisions[place].label for place in _places(kept)]),
            "questions_kept_wrongly": wrongly,
            "sorting_ms": sorting_ms,
            "retrieval_ms_p50": percentile(took, 0.5) or 0.0,
            "retrieval_ms_p95": percentile(took, 0.95) or 0.0,
        },
        tables=(curve_on(sorter, test, handling),),
        notes=(
            f"{len(labelled)} labelled requests and {len(requests) - len(labelled)} questions: the share of the "
            "repeated kinds in your own log decides what a router is worth",
            "the file of fixed answers is taken to be right; nobody has judged its texts",
            *_left_out([questions[place].id for place in learnt]),
        ),
        item_notes=[f"{way.way}: {way.label} {way.confidence:.2f}" for way in decisions],
        contents=[
            request.question.model_dump_json(exclude={"id"}) if request.question else f"{request.label} {request.text}"
            for request in requests
        ],
        no_gain=None if any(kept) else "it keeps none of these requests from retrieval",
        idle="" if sorter.limits.threshold else sorter.limits.in_words,
    )


def requests_of(test: Sequence[Example], handling: Handling, questions: Sequence[Question]) -> list[Request]:
    """The requests to judge by; see `judge_router`."""
    found = [
        Request(example.place, example.text, str(example.target))
        for example in test
        if example.target in handling.fixed
    ]
    return found + [Request(f"question {each.id}", each.question, question=each) for each in questions]


def right_answer(request: Request, answer: Answer, handling: Handling) -> bool:
    """Whether retrieval alone handles a request rightly."""
    if request.question is None:
        said = {source.document for source in answer.sources}
        return not answer.refused and bool(said & set(handling.fixed[request.label].documents))
    if not request.question.answerable:
        return answer.refused
    return not answer.refused and answer_contained(answer.text, request.question.answers)


def curve_on(sorter: Sorter, test: Sequence[Example], handling: Handling) -> Table:
    """Coverage against accuracy on test examples of every label."""
    found = sorter.decide([example.text for example in test])[0]
    return coverage_table(
        np.array([each.confidence for each in found]),
        np.array([each.label == example.target for each, example in zip(found, test, strict=True)]),
        np.array([each.label in handling.fixed for each in found]),
    )


def _asked(retrieval: LivePipeline, requests: Sequence[Request], work: Work) -> list[Answer]:
    advance = work.progress("asking", len(requests))
    answers = []
    for request in requests:
        answers.append(retrieval.ask(request.text, Reader(frozenset())))
        advance(1)
    return answers


def _kept_rightly(request: Request, way: Decision) -> bool:
    """Whether the classifier alone handles a request rightly: silence is right only where nothing can be answered."""
    if way.way == "fixed":
        return request.label == way.label
    return request.question is not None and not request.question.answerable


def _left_out(ids: Sequence[str]) -> list[str]:
    if not ids:
        return []
    more = f" and {len(ids) - _NAMED} more" if len(ids) > _NAMED else ""
    return [
        f"{len(ids)} questions were left out, since the classifier has learnt from the same requests or nearly the "
        f"same: {', '.join(ids[:_NAMED])}{more}"
    ]


def _places(kept: Sequence[bool]) -> list[int]:
    return [place for place, each in enumerate(kept) if each]


def _share(values: Sequence[bool]) -> float:
    return sum(values) / len(values) if values else 0.0
