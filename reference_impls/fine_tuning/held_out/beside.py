"""A version beside another one on the same test rows: what is newly wrong, and whether that is a step back."""

import textwrap
from collections.abc import Sequence

from ...evaluation.regression import Regression, regression
from ...labelled_data.base import Example, Task
from ..ladder.results import Metric, Outcome
from ..ladder.scoring import difference, units_of
from .model_evaluation import ChangedRow

_SHOWN = 120
_TOLD = 0.1
"""Nats for each token by which a response must be likelier to count as better written: about a tenth."""


def compared(
    task: Task, metric: Metric, ours: Sequence[Outcome], theirs: Sequence[Outcome], labels: Sequence[str] | None
) -> Regression:
    """What changed from one version to the other.

    Responses that are generated are not right or wrong; one that became likelier by a tenth for each token counts as
    newly right, and the reverse as newly wrong.

    Args:
        task: What both do.
        metric: To compare by.
        ours: Of this version, at least one.
        theirs: Of the other, in the same order.
        labels: The label that each row carries, for a classification.
    """
    if task == "generation":
        losses = [(one.loss or 0.0, other.loss or 0.0) for one, other in zip(ours, theirs, strict=True)]
        now = [one < other - _TOLD for one, other in losses]
        then = [other < one - _TOLD for one, other in losses]
    else:
        now, then = ([bool(outcome.right) for outcome in each] for each in (ours, theirs))
    return regression(now, then, labels, difference(metric, ours, theirs), units_of(ours))


def changed_rows(
    places: Sequence[int], examples: Sequence[Example], ours: Sequence[Outcome], theirs: Sequence[Outcome]
) -> tuple[ChangedRow, ...]:
    """Rows by their positions, as people read them."""
    return tuple(changed_row(examples[place], ours[place], theirs[place]) for place in places)


def changed_row(example: Example, ours: Outcome, theirs: Outcome | None) -> ChangedRow:
    """One row: what is right, what the other version says and what this one says."""
    return ChangedRow(
        id=example.place,
        text=shortened(example.text),
        expected=shortened(in_words(ours.expected, example)) if ours.loss is None else shortened(str(example.target)),
        before=said(theirs, example) if theirs else "",
        now=said(ours, example),
    )


def said(outcome: Outcome, example: Example) -> str:
    """What a model says of a row, in words."""
    if outcome.loss is not None:
        return f"{outcome.loss:.2f} nats a token"
    return shortened(in_words(outcome.predicted, example))


def in_words(target: str | tuple[tuple[int, int, str], ...] | None, example: Example) -> str:
    """A label, or spans with their texts."""
    if target is None or isinstance(target, str):
        return target or ""
    return ", ".join(f"{label}: {example.text[start:end]}" for start, end, label in target) or "nothing"


def shortened(text: str, most: int = _SHOWN) -> str:
    """One line of a text."""
    return textwrap.shorten(" ".join(text.split()), most, placeholder=" ...") if len(text) > most else text
