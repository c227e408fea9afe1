"""Chooses the threshold of refusal from questions that the documents answer and questions that they do not."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ..evaluation.questions import Question
from ..evaluation.rates import wilson_interval
from ..project_base.errors import UserError
from .evaluate import gold_paths
from .pipeline import Pipeline

_STEPS = 100
_FOLDS = 5
_FEWEST = 10


@dataclass(frozen=True)
class Support:
    """How well the best passage supports an answer to one question, in [0, 1].

    Attributes:
        id: Of the question.
        normal: With all documents; None for a question that is asked only to be refused.
        unanswerable: With the gold documents left out, or for a question that is marked unanswerable.
    """

    id: str
    normal: float | None
    unanswerable: float


@dataclass(frozen=True)
class Errors:
    """The errors of one threshold: refused though answerable, and answered though unanswerable."""

    threshold: float
    wrong_refusals: int
    answerable: int
    wrong_answers: int
    unanswerable: int

    @property
    def refusal_rate(self) -> float:
        """Share of the answerable questions that are refused."""
        return self.wrong_refusals / self.answerable

    @property
    def answer_rate(self) -> float:
        """Share of the unanswerable questions that are answered."""
        return self.wrong_answers / self.unanswerable


def measure_support(
    pipeline: Pipeline, questions: Sequence[Question], advance: Callable[[int], object] = lambda _: None
) -> list[Support]:
    """Asks each question as it is, and each answerable one again without its gold documents.

    Leaving out means that the gold documents take no part at all, neither in rankings nor in word statistics. A
    question whose answer stands in a document that it does not name stays answerable, and counts against every
    threshold; name all documents that answer it.

    Args:
        pipeline: The open project.
        questions: Answerable ones without an indexed gold document are left out.
        advance: Called with 1 after each question.

    Raises:
        UserError: Fewer than ten questions can be used, or one cannot be asked.
    """
    paths = [document.path for document in pipeline.manifest.documents]
    measured = []
    for question in questions:
        gold = gold_paths(question, paths) if question.answerable else frozenset()
        if gold:
            normal = pipeline.support(question.question)
            measured.append(Support(question.id, normal, pipeline.support(question.question, leave_out=gold)))
        elif not question.answerable:
            measured.append(Support(question.id, None, pipeline.support(question.question)))
        advance(1)
    usable = sum(each.normal is not None for each in measured)
    if usable < _FEWEST:
        raise UserError(
            f"{usable} of {len(questions)} questions are answerable and name a document of the index; "
            f"a threshold needs at least {_FEWEST}",
            "add questions with their documents (doc or gold_docs) to the question file; 50 give a fair picture",
        )
    return measured


def errors_at(threshold: float, measured: Sequence[Support]) -> Errors:
    """The errors of one threshold: a question is refused when its support is below it."""
    normal = [each.normal for each in measured if each.normal is not None]
    return Errors(
        threshold,
        sum(support < threshold for support in normal),
        len(normal),
        sum(each.unanswerable >= threshold for each in measured),
        len(measured),
    )


def choose(measured: Sequence[Support], most_wrong_answers: float | None = None) -> Errors:
    """Chooses among the thresholds 0.00, 0.01, ... 1.00.

    Args:
        measured: From `measure_support`.
        most_wrong_answers: The largest rate of wrong answers that is allowed; the lowest threshold that keeps to it is
            chosen, since it refuses least. None takes the least sum of both rates instead, and the middle of the
            longest run of thresholds that reach it.

    Raises:
        UserError: No threshold keeps the rate of wrong answers so low.
    """
    candidates = [errors_at(step / _STEPS, measured) for step in range(_STEPS + 1)]
    if most_wrong_answers is not None:
        kept = [each for each in candidates if each.answer_rate <= most_wrong_answers]
        if not kept:
            raise UserError(
                f"no threshold keeps the rate of wrong answers at {most_wrong_answers:g}: the passages of "
                f"{candidates[-1].wrong_answers} unanswerable questions hold all their words",
                "check that each question names all documents that answer it, or allow more with --wrong-answers",
            )
        return kept[0]
    sums = [each.refusal_rate + each.answer_rate for each in candidates]
    runs: list[list[Errors]] = [[]]
    for each, total in zip(candidates, sums, strict=True):
        if total <= min(sums) + 1e-12:
            runs[-1].append(each)
        elif runs[-1]:
            runs.append([])
    longest = max(runs, key=len)
    return longest[(len(longest) - 1) // 2]


def held_out(measured: Sequence[Support], most_wrong_answers: float | None = None) -> Errors:
    """The errors on questions that did not take part in the choice, over five parts of which each is left out once.

    The errors of the chosen threshold on the questions that chose it are too good by a little; these are not. The
    threshold of the result is the mean of the five.

    Raises:
        UserError: As `choose`.
    """
    # Dealt out kind by kind, so that no part holds all of one.
    dealt = sorted(measured, key=lambda each: each.normal is None)
    parts = [dealt[part::_FOLDS] for part in range(_FOLDS)]
    pairs = []
    for number, part in enumerate(parts):
        rest = [each for other, others in enumerate(parts) if other != number for each in others]
        pairs.append(errors_at(choose(rest, most_wrong_answers).threshold, part))
    return Errors(
        sum(each.threshold for each in pairs) / _FOLDS,
        sum(each.wrong_refusals for each in pairs),
        sum(each.answerable for each in pairs),
        sum(each.wrong_answers for each in pairs),
        sum(each.unanswerable for each in pairs),
    )


def calibration_table(measured: Sequence[Support], chosen: Errors, current: float, unseen: Errors) -> str:
    """All that was measured as plain text, at most 80 columns wide.

    Args:
        measured: From `measure_support`.
        chosen: From `choose`.
        current: The threshold of the settings.
        unseen: From `held_out`.
    """
    left_out = chosen.answerable
    marks = {current: "as set now"}
    marks[chosen.threshold] = "chosen, and as set now" if chosen.threshold == current else "chosen"
    thresholds = sorted({step / 20 for step in range(21)} | set(marks))
    lines = [
        f"{chosen.answerable} answerable questions",
        f"{chosen.unanswerable} unanswerable ones: {left_out} of the same with their documents left out, "
        f"{chosen.unanswerable - left_out} marked so",
        "",
        f"{'threshold':>9}{'wrong refusals':>17}{'wrong answers':>16}",
    ]
    for threshold in thresholds:
        at = errors_at(threshold, measured)
        row = f"{threshold:>9.2f}{at.refusal_rate:>17.3f}{at.answer_rate:>16.3f}   {marks.get(threshold, '')}"
        lines.append(row.rstrip())
    return "\n".join(
        [
            *lines,
            "",
            f"chosen: {chosen.threshold:.2f}",
            _told("wrong refusals", chosen.wrong_refusals, chosen.answerable),
            _told("wrong answers", chosen.wrong_answers, chosen.unanswerable),
            "on questions that took no part in the choice (five parts, each left out once):",
            _told("wrong refusals", unseen.wrong_refusals, unseen.answerable),
            _told("wrong answers", unseen.wrong_answers, unseen.unanswerable),
        ]
    )


def _told(name: str, errors: int, trials: int) -> str:
    low, high = wilson_interval(errors, trials)
    return f"  {name:<16}{errors} of {trials}: {errors / trials:.3f} (95 % interval {low:.3f} to {high:.3f})"
