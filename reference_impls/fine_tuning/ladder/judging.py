"""Asks a model about labelled examples, and says of each what became of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

import numpy as np

from ...labelled_data.base import Advance, Classifier, Example, Model, Probabilities, Span, Tagger, Task, Writer
from .results import Outcome, Sample, span_rows

_SHOWN = 400


@dataclass(frozen=True)
class Judged:
    """What became of some examples.

    Attributes:
        outcomes: One for each, in order.
        probabilities: For a classification: float32 [examples, labels], in the order of the labels that were asked for.
    """

    outcomes: list[Outcome]
    probabilities: Probabilities | None = None


def judge(
    task: Task,
    model: Model,
    examples: Sequence[Example],
    labels: Sequence[str] = (),
    advance: Advance = lambda _: None,
) -> Judged:
    """Compares what a model says with what the examples want.

    Args:
        task: What the model does.
        model: A classifier, a tagger or a writer, as the task says.
        examples: With their targets.
        labels: The columns of the probabilities; a label that the model does not know has 0.
        advance: Hears how many more examples are done.
    """
    if task == "classification":
        return _classified(cast("Classifier", model), examples, labels, advance)
    if task == "extraction":
        return Judged(_tagged(cast("Tagger", model), examples, advance))
    losses = cast("Writer", model).losses(examples, advance)
    outcomes = [
        Outcome(id=example.place, loss=float(loss), unit=example.unit)
        for example, loss in zip(examples, losses, strict=True)
    ]
    return Judged(outcomes)


def _classified(model: Classifier, examples: Sequence[Example], labels: Sequence[str], advance: Advance) -> Judged:
    given = model.probabilities([example.text for example in examples], advance)
    found = [model.labels[place] for place in given.argmax(axis=1)] if len(examples) else []
    outcomes = [
        Outcome(
            id=example.place,
            right=label == example.target,
            expected=str(example.target),
            predicted=label,
            unit=example.unit,
        )
        for example, label in zip(examples, found, strict=True)
    ]
    return Judged(outcomes, _columns(given, model.labels, labels or model.labels))


def _columns(given: Probabilities, known: Sequence[str], wanted: Sequence[str]) -> Probabilities:
    rows = np.zeros((len(given), len(wanted)), dtype=np.float32)
    place_of = {label: place for place, label in enumerate(known)}
    for column, label in enumerate(wanted):
        if label in place_of:
            rows[:, column] = given[:, place_of[label]]
    return rows


def _tagged(model: Tagger, examples: Sequence[Example], advance: Advance) -> list[Outcome]:
    found = model.spans([example.text for example in examples], advance)
    return [
        Outcome(
            id=example.place,
            right=tuple(spans) == example.target,
            expected=span_rows(cast("tuple[Span, ...]", example.target)),
            predicted=span_rows(spans),
            unit=example.unit,
        )
        for example, spans in zip(examples, found, strict=True)
    ]


def samples_of(model: Writer, examples: Sequence[Example]) -> tuple[Sample, ...]:
    """What a model writes beside what was wanted, both shortened."""
    written = model.write([example.turns for example in examples])
    return tuple(
        Sample(
            id=example.place,
            prompt=_shortened(example.text),
            wanted=_shortened(str(example.target)),
            written=_shortened(text),
        )
        for example, text in zip(examples, written, strict=True)
    )


def _shortened(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]} ..."
