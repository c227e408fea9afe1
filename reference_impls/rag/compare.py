"""Compares two runs of `evaluate`, or two modes of one, question by question."""

from collections.abc import Callable, Iterable, Sequence

from ..evaluation.paired import Difference, compare
from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from .results import RETRIEVAL_MEASURES, Comparison, Evaluation, Outcome, retrieval_score

ANSWER_MEASURES: dict[str, Callable[[Outcome], float | None]] = {
    "answer contained": lambda outcome: None if outcome.contained is None else float(outcome.contained),
    "grounded": lambda outcome: outcome.grounded,
    "answerable answered": lambda outcome: (
        float(not outcome.refused) if outcome.answerable and outcome.refused is not None else None
    ),
    "unanswerable refused": lambda outcome: (
        float(outcome.refused) if not outcome.answerable and outcome.refused is not None else None
    ),
}
"""Scores of an answer in [0, 1], higher is better; None where the question says nothing about the measure."""


def modes_compared(outcomes: Sequence[Outcome], mode: str, other: str) -> tuple[Difference, ...]:
    """The difference of two modes of one run, for each measure of retrieval."""
    found = (
        _difference(
            measure,
            ((retrieval_score(measure, each, mode), retrieval_score(measure, each, other)) for each in outcomes),
        )
        for measure in RETRIEVAL_MEASURES
    )
    return tuple(difference for difference in found if difference is not None)


def runs_compared(now: Evaluation, before: Evaluation) -> Comparison:
    """This run against a former one, each in the mode that it was set to.

    Of eight measures that nothing has changed, about one in three runs shows a difference by chance: look at what the
    change was meant to do, and at the size of the others.

    Raises:
        UserError: They have no question in common, nothing that both measured, or count hits on different units.
    """
    former = {outcome.id: outcome for outcome in before.outcomes}
    pairs = [
        (outcome, former[outcome.id])
        for outcome in now.outcomes
        if outcome.id in former and former[outcome.id].question == outcome.question
    ]
    if not pairs:
        raise UserError(
            f"none of the {len(now.outcomes)} questions stands in the former result file with the same id and wording",
            "compare with a result file of the same question file",
        )
    if now.unit != before.unit:
        raise UserError(
            f"hits are counted on the {now.unit} now and were counted on the {before.unit} then",
            "keep `paragraph` in the question file as it was, or make the former result file again",
        )
    new, old = now.retrieval[0].mode, before.retrieval[0].mode
    found = [
        _difference(
            measure,
            ((retrieval_score(measure, one, new), retrieval_score(measure, two, old)) for one, two in pairs),
        )
        for measure in RETRIEVAL_MEASURES
    ] + [
        _difference(measure, ((score(one), score(two)) for one, two in pairs))
        for measure, score in ANSWER_MEASURES.items()
    ]
    differences = tuple(difference for difference in found if difference is not None)
    if not differences:
        raise UserError(
            "nothing was measured on the same questions in both runs",
            f"make the former result file again, with answers: {command_line('evaluate --out before.json')}",
        )
    turned = [(one.id, _right(one, new), _right(two, old)) for one, two in pairs]
    return Comparison(
        questions=len(pairs),
        left_out=len({outcome.id for outcome in now.outcomes} ^ former.keys())
        + sum(outcome.id in former for outcome in now.outcomes)
        - len(pairs),
        differences=differences,
        right_now=tuple(name for name, is_right, was_right in turned if is_right and was_right is False),
        wrong_now=tuple(name for name, is_right, was_right in turned if was_right and is_right is False),
    )


def _difference(measure: str, scores: Iterable[tuple[float | None, float | None]]) -> Difference | None:
    both = [(first, second) for first, second in scores if first is not None and second is not None]
    if not both:
        return None
    return compare(measure, [first for first, _ in both], [second for _, second in both])


def _right(outcome: Outcome, mode: str) -> bool | None:
    """Whether a question came out right, or None where nothing judges it."""
    if not outcome.answerable:
        return outcome.refused
    if outcome.contained is not None:
        return outcome.contained
    hit = retrieval_score("hit@5", outcome, mode)
    return None if hit is None else hit > 0
