"""Judges a tuned model that answers from passages: base and tuned, without and with retrieval, on one question set."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..embedding.base import Embedder
from ..embedding.load import load_embedder
from ..evaluation.metrics import percentile
from ..evaluation.paired import Difference
from ..evaluation.questions import Question
from ..generators.writer import CausalWriter
from ..labelled_data.base import Example, Turn
from ..project_base.errors import UserError
from ..rag.answer import Answer
from ..rag.live import LivePipeline
from ..registry.version import Version
from ..retrieval.access import Reader
from .base import Work
from .evaluation import Table, TwoByTwo, two_by_two
from .pairs import linked_documents
from .patterns import CellName, PatternName
from .retrieval_half import open_retrieval
from .settings import ProjectSettings
from .significance import paired
from .tuned_half import digest_of_version
from .tuned_helper.judging import INSTRUCTION, MEASURE, right_of
from .tuned_writer import LiveWriter, TunedGenerator, notices, untuned_writer

_NOT_KNOWN = "do not know"


@dataclass
class _Written:
    """What one model answered.

    Attributes:
        alone: Whether each question was handled rightly without passages, 1.0 or 0.0.
        answers: With passages.
        right: Whether those are right.
        likelihoods: Of the wanted responses that were set aside: the geometric mean of the probabilities of their
            tokens.
        index: Generation of the index.
        notices: Of the model.
    """

    alone: list[float] = field(default_factory=list)
    answers: list[Answer] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    likelihoods: list[float] = field(default_factory=list)
    index: str = ""
    notices: tuple[str, ...] = ()


def without_cache(settings: ProjectSettings) -> ProjectSettings:
    """The settings with no answers kept: those of one version must not outlive its promotion."""
    return settings.model_copy(update={"rag": settings.rag.model_copy(update={"cache_answers": 0})})


MANNER = "the responses that were set aside are shown to be likelier"


def judge_answers(
    pattern: PatternName,
    settings: ProjectSettings,
    work: Work,
    version: Version,
    questions: Sequence[Question],
    set_aside: Sequence[Example] = (),
    notes: Sequence[str] = (),
) -> TwoByTwo:
    """Asks base and tuned model the same questions, from memory and from the passages of the same index.

    Args:
        pattern: Which.
        settings: Of the project.
        work: Who watches.
        version: The tuned model.
        questions: On which nothing was trained or chosen.
        set_aside: Rows with their wanted responses, likewise: a further table says how likely both models find them.
        notes: What limits the result.

    Raises:
        UserError: There are no questions, the base model is gone or another one, or index or model cannot answer.
    """
    if not questions:
        raise UserError("there is no question to judge by", "write more questions, or raise labelled_data.test_share")
    embedder = load_embedder(settings.embedding, work.tell)
    # One after the other, so that two models never fill the memory together.
    base = _asked(settings, work, lambda: untuned_writer(settings, version), questions, set_aside, embedder, "base")
    live = LiveWriter(settings, version.id)
    tuned = _asked(settings, work, live.current, questions, set_aside, embedder, version.id)
    responses = paired("likelihood of a token", tuned.likelihoods, base.likelihoods, graded=True) if set_aside else None
    manner = responses is not None and responses[0].verdict == "better"
    groups = linked_documents(questions)
    took = [answer.total_ms for answer in tuned.answers]
    scores: dict[CellName, Sequence[float]] = {
        "base": base.alone,
        "base_retrieval": base.right,
        "tuned": tuned.alone,
        "tuned_retrieval": tuned.right,
    }
    return two_by_two(
        pattern,
        MEASURE,
        [question.id for question in questions],
        scores,
        systems={
            "base": "the untuned model from memory",
            "base_retrieval": "the untuned model with retrieval",
            "tuned": "the tuned model from memory",
            "tuned_retrieval": "the tuned model with retrieval",
        },
        groups=[groups[question.id] or question.id for question in questions],
        equal_suffices={"base_retrieval": MANNER} if manner else {},
        least_gain=settings.hybrid.least_gain,
        version=version.id,
        model_sha256=digest_of_version(version),
        index=tuned.index,
        measured={"answer_ms_p50": percentile(took, 0.5) or 0.0, "answer_ms_p95": percentile(took, 0.95) or 0.0},
        tables=(_table(questions, base, tuned), *([_responses(*responses)] if responses else [])),
        notes=(*notes, *base.notices),
        item_notes=[answer.reason or "answered" for answer in tuned.answers],
        contents=[question.model_dump_json(exclude={"id"}) for question in questions],
        # A manner that is shown to be learnt is a gain where no fact is lost for it.
        no_gain="" if manner and sum(tuned.right) >= sum(base.right) else None,
    )


def _asked(
    settings: ProjectSettings,
    work: Work,
    load: Callable[[], CausalWriter],
    questions: Sequence[Question],
    set_aside: Sequence[Example],
    embedder: Embedder,
    name: str,
) -> _Written:
    writer = load()
    found = _Written(notices=notices([writer]))
    if set_aside:
        advance = work.progress(f"{name} reads responses", len(set_aside))
        found.likelihoods += [math.exp(-float(loss)) for loss in writer.losses(set_aside, advance)]
    turns = [(Turn("system", INSTRUCTION), Turn("user", question.question)) for question in questions]
    advance = work.progress(f"{name} from memory", len(questions))
    for question, text in zip(questions, writer.write(turns, advance), strict=True):
        unknown = not text or _NOT_KNOWN in text.lower()
        found.alone.append(float(right_of(question, text, refused=unknown)))
    generator = TunedGenerator(lambda: writer)
    retrieval: LivePipeline = open_retrieval(without_cache(settings), work, embedder, generator)
    advance = work.progress(f"{name} with retrieval", len(questions))
    for question in questions:
        answer = retrieval.ask(question.question, Reader(frozenset()))
        found.answers.append(answer)
        found.right.append(float(right_of(question, answer.text, refused=answer.refused)))
        advance(1)
    found.index = retrieval.current().pipeline.manifest.generation
    return found


def _responses(difference: Difference, p: float) -> Table:
    """How likely both models find the wanted responses: what right answers alone do not tell of a manner."""
    low, high = difference.interval
    return Table(
        title="Likelihood of a token of the wanted responses that were set aside",
        columns=("examples", "base", "tuned", "difference", "from", "to", "p"),
        rows=((difference.questions, difference.second, difference.first, difference.difference, low, high, p),),
    )


def _table(questions: Sequence[Question], base: _Written, tuned: _Written) -> Table:
    """What became of questions that have an answer, and of those that have none."""
    rows: list[tuple[str | float, ...]] = []
    for name, found in (("base with retrieval", base), ("tuned with retrieval", tuned)):
        for kind, wanted in (("answerable", True), ("to be refused", False)):
            places = [place for place, question in enumerate(questions) if question.answerable is wanted]
            refused = sum(found.answers[place].refused for place in places)
            quoted = sum(bool(found.answers[place].quotes) for place in places)
            right = sum(found.right[place] for place in places)
            rows.append((name, kind, len(places), int(right), refused, quoted))
    return Table(
        title="What became of the questions",
        columns=("model", "questions", "count", "right", "refused", "quote a passage"),
        rows=tuple(rows),
    )
