"""How right the answers of a classifier or tagger are, text by text, and how far two of them agree."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from ..encoders.base import label_of, spans_of
from ..evaluation.classification import classification_scores
from ..evaluation.paired import Difference, compare
from ..evaluation.paired_f1 import compare_macro_f1, compare_span_f1
from ..evaluation.spans import span_scores
from ..labelled_data.base import Classifier, Example, Probabilities, Span, Tagger
from .results import Agreement


@dataclass(frozen=True)
class Answers:
    """What a model says of texts.

    Attributes:
        labels: The most probable label of each text; empty for spans.
        probabilities: float32 [n, labels]; empty for spans.
        spans: The spans of each text; empty for labels.
    """

    labels: tuple[str, ...] = ()
    probabilities: Probabilities = field(default_factory=lambda: np.empty((0, 0), dtype=np.float32))
    spans: tuple[tuple[Span, ...], ...] = ()


@dataclass(frozen=True)
class Scored:
    """How right a model is.

    Attributes:
        measure: What `score` is.
        score: In [0, 1], higher is better.
        macro_f1: The mean F1 of the labels; None for spans.
    """

    measure: str
    score: float
    macro_f1: float | None


def answers_of(model: Classifier | Tagger, texts: Sequence[str]) -> Answers:
    """Asks a model."""
    if isinstance(model, Tagger):
        return Answers(spans=tuple(model.spans(texts)))
    rows = model.probabilities(texts)
    return Answers(tuple(model.labels[column] for column in rows.argmax(axis=1)), rows)


def scored(answers: Answers, examples: Sequence[Example]) -> Scored:
    """How right the answers to examples are."""
    if answers.spans:
        return Scored("span F1", span_scores([spans_of(each) for each in examples], answers.spans).all.f1, None)
    found = classification_scores([label_of(each) for each in examples], answers.labels)
    return Scored("accuracy", found.accuracy, found.macro_f1)


def differences(answers: Answers, first: Answers, examples: Sequence[Example]) -> tuple[Difference, ...]:
    """The measure of some answers minus that of the first ones, on the same examples; then other measures likewise."""
    if answers.spans:
        wanted = [spans_of(each) for each in examples]
        return (compare_span_f1("span F1", wanted, answers.spans, first.spans),)
    labels = [label_of(each) for each in examples]
    right, before = (
        [float(one == other) for one, other in zip(each.labels, labels, strict=True)] for each in (answers, first)
    )
    return (
        compare("accuracy", right, before),
        compare_macro_f1("macro-F1", labels, answers.labels, first.labels),
    )


def agreement(first: Answers, other: Answers) -> Agreement:
    """How far two models agree; they must have answered the same texts, at least one, with the same labels in order."""
    if first.spans:
        same = [one == two for one, two in zip(first.spans, other.spans, strict=True)]
        return Agreement(texts=len(same), same=sum(same) / len(same), largest=None, mean=None)
    same = [one == two for one, two in zip(first.labels, other.labels, strict=True)]
    apart = np.abs(first.probabilities - other.probabilities).max(axis=1)
    share = sum(same) / len(same)
    return Agreement(texts=len(same), same=share, largest=float(apart.max()), mean=float(apart.mean()))
