"""Judges a helper: on a log with known faults, and live beside both halves alone."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ...embedding.load import load_embedder
from ...evaluation.metrics import answer_contained
from ...evaluation.questions import Question, read_questions
from ...labelled_data.base import Example
from ...language_models.base import Completer
from ...language_models.choose import make_model
from ...project_base.errors import UserError
from ...rag.passages import found_passages
from ...rag.pipeline import Pipeline
from ...registry.version import Version
from ...retrieval.access import Reader
from ...retrieval.lexical import stop_words
from ..apart import met
from ..base import Work
from ..evaluation import TwoByTwo, two_by_two
from ..patterns import CellName
from ..retrieval_half import open_retrieval
from ..settings import ProjectSettings
from ..tuned_half import digest_of_version, held_out_data, newest
from .answers import HelpedAnswers, Marker
from .judging_log import figures_of, judge_log, table_of
from .log import Said, read_log
from .mending import Helper

MEASURE = "share of questions answered with a reference answer, or rightly refused"
INSTRUCTION = "Answer the question in one or two sentences. If you do not know the answer, say exactly: I do not know."
_NOT_KNOWN = "do not know"
_CLOSED = "the closed model"
_QUOTES_ONLY = "extractive only quotes: set language_models to the endpoint of the closed model"


def made_by_helper(version: Version) -> bool:
    """Whether a version marks spans, as the helper of this pattern does."""
    return version.about.get("task") == "extraction"


def judge_helper(settings: ProjectSettings, work: Work) -> TwoByTwo:
    """Mends the log of `hybrid.said`, and asks the questions of `rag.questions` without and with retrieval and helper.

    Without passages the helper has nothing to compare with, so that the cell `tuned` holds what the closed model says
    alone. Each question costs two calls of the closed model.

    Raises:
        UserError: There is no version, lines of the log stand in its training data, or a half cannot be opened.
    """
    version = newest(settings, work.version, made_by_helper)
    log = read_log(Path(settings.hybrid.said))
    check_apart(log, held_out_data(settings, version).known, settings.labelled_data.near_duplicate)
    given = settings.rag_project()
    embedder = load_embedder(given.embedding, work.tell)
    stopped = stop_words(given.retrieval.stop_words)
    model = make_model(given.language_models, embedder, stopped)
    retrieval = open_retrieval(settings, work, embedder, model)
    marker = Marker(settings, Work(version=version.id))
    helped = HelpedAnswers(settings, marker, retrieval)
    pipeline = retrieval.current().pipeline
    found = judge_log(
        log,
        Helper(marker.spans, stopped),
        lambda said: evidence_of(said, pipeline, given.rag.passages),
        work.progress("mending the log", len(log)),
    )
    figures = figures_of(found)
    questions = read_questions(Path(given.rag.questions))
    advance = work.progress("asking", len(questions))
    rows: list[Mapping[CellName, float]] = []
    notes, helper_ms = [], []
    for question in questions:
        answer = retrieval.ask(question.question, Reader(frozenset()))
        started = time.perf_counter()
        reply = helped.mended(answer, started)
        helper_ms.append((time.perf_counter() - started) * 1000)
        row: dict[CellName, float] = {
            "base_retrieval": float(right_of(question, answer.text, refused=answer.refused)),
            "tuned_retrieval": float(right_of(question, reply.text, refused=reply.refused)),
        }
        if isinstance(model, Completer):
            alone = model.complete(INSTRUCTION, question.question)
            row["base"] = row["tuned"] = float(right_of(question, alone, refused=_NOT_KNOWN in alone.lower()))
        rows.append(row)
        notes.append(reply.why)
        advance(1)
    return two_by_two(
        "tuned_helper",
        MEASURE,
        [question.id for question in questions],
        {name: [row[name] for row in rows] for name in rows[0]},
        systems={
            "base": f"{_CLOSED} from memory",
            "base_retrieval": f"{_CLOSED} with retrieval",
            "tuned": f"{_CLOSED} from memory, with a helper that has nothing to compare with",
            "tuned_retrieval": f"{_CLOSED} with retrieval and helper",
        },
        why_not={name: _QUOTES_ONLY for name in ("base", "tuned") if name not in rows[0]},
        least_gain=settings.hybrid.least_gain,
        version=version.id,
        model_sha256=digest_of_version(version),
        index=pipeline.manifest.generation,
        measured={**figures, "helper_ms": sum(helper_ms) / len(helper_ms)},
        tables=(table_of(found),),
        notes=(
            "a right figure said of the wrong thing is stated by some passage, and stays",
            f"the log has {len(log)} lines: the bounds of precision and recall say how little that tells",
        ),
        item_notes=notes,
        contents=[question.model_dump_json(exclude={"id"}) for question in questions],
        # What a closed model says wrongly of a few questions is little; the log holds its faults.
        no_gain="" if figures["right_after"] > figures["right_before"] else None,
    )


def check_apart(log: Sequence[Said], known: Sequence[Example], least: float) -> None:
    """Makes sure that no line of the log was trained on, nor nearly the same one.

    Args:
        log: What is to judge.
        known: What was learnt from, or will be.
        least: The similarity from which texts count as nearly the same.

    Raises:
        UserError: Some were.
    """
    texts = [text for said in log for text in (said.said, said.wanted)]
    places = met(texts, [example.text for example in known], least)
    both = list(dict.fromkeys(log[place // 2].id for place in places))
    if both:
        raise UserError(
            f"{len(both)} lines of the log stand in the training data too, or nearly so: {', '.join(both[:5])}",
            "take them out of fine_tuning.examples, and train again",
        )


def evidence_of(said: Said, pipeline: Pipeline, passages: int) -> dict[int, str]:
    """What a line of the log rests on: its documents, or the passages that the index finds for its question.

    Args:
        said: The line.
        pipeline: Of the open index.
        passages: How many passages are handed to the closed model.

    Raises:
        UserError: The line names documents that the index lacks.
    """
    retriever = pipeline.retriever
    if said.documents:
        chunks = [chunk for chunk in retriever.chunks if chunk.document in said.documents]
        if not chunks:
            raise UserError(
                f"line {said.id} of the log names {', '.join(said.documents)}, and the index has no such document",
                "correct documents in that line, or leave them out to have the index searched for the question",
            )
        return {number: f"{chunk.context}\n\n{chunk.text}" for number, chunk in enumerate(chunks, start=1)}
    hits = pipeline.finder.find(said.question, retriever.embed(said.question), passages, None).hits
    return {number: f"{each.heading}\n\n{each.text}" for number, each in enumerate(found_passages(hits), start=1)}


def right_of(question: Question, text: str, *, refused: bool) -> bool:
    """Whether a question is handled rightly by a text."""
    if not question.answerable:
        return refused
    return not refused and answer_contained(text, question.answers)
