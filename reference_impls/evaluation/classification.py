"""Judges labels: accuracy, F1 of each class and on average, and what is taken for what."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from .bootstrap import Interval
from .f1 import f1_intervals, macro_interval, ratio
from .rates import wilson_intervals
from .share_counts import ShareCounts, share_counts
from .tallies import Floats, Integers, Tally, draw_again, value_of, with_units
from .units import unit_numbers

CONFUSIONS = 20
"""How many confused pairs are listed."""


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ClassScore(_Frozen):
    """How well one label is found; all intervals are 95 %.

    Attributes:
        label: The label.
        support: How many items carry it.
        predicted: How many were given it.
        precision: Share of those given it that carry it; None where nothing was given it.
        precision_interval: Wilson's interval of the precision.
        recall: Share of those that carry it that were given it; None where none carries it.
        recall_interval: Wilson's interval of the recall.
        f1: Harmonic mean of both, 2 right / (support + predicted).
        f1_interval: See `f1.f1_intervals`.
        known: Whether the model can give it at all.
    """

    label: str
    support: int
    predicted: int
    precision: float | None
    precision_interval: Interval
    recall: float | None
    recall_interval: Interval
    f1: float
    f1_interval: Interval
    known: bool = True


class Confusion(_Frozen):
    """One label taken for another.

    Attributes:
        true: The label that the items carry.
        predicted: The label that they were given.
        count: How many.
        share: Of all items that carry the label.
    """

    true: str
    predicted: str
    count: int
    share: float


class ClassificationScores(_Frozen):
    """How well labels are given; all intervals are 95 %.

    Attributes:
        items: How many items were judged.
        accuracy: Share of right labels.
        accuracy_interval: Wilson's interval of the accuracy.
        macro_f1: Mean F1 of the labels that items carry or were given, each label alike.
        macro_f1_interval: See `f1.macro_interval`.
        classes: Each label, in alphabetical order.
        confusions: The most frequent confusions, most frequent first.
        unknown_items: How many items carry a label that the model cannot give; each counts as wrong.
    """

    items: int
    accuracy: float
    accuracy_interval: Interval
    macro_f1: float
    macro_f1_interval: Interval
    classes: tuple[ClassScore, ...]
    confusions: tuple[Confusion, ...]
    unknown_items: int


@dataclass(frozen=True)
class Coded:
    """Labels as numbers.

    Attributes:
        labels: All labels that occur, in alphabetical order.
        true: The number of the label of each item, int64 [n].
        given: The number of the label that each system gave each item, int64 [systems, n].
    """

    labels: tuple[str, ...]
    true: Integers
    given: Integers


def coded(true: Sequence[str], *given: Sequence[str]) -> Coded:
    """Numbers labels.

    Args:
        true: The label of each item, at least one.
        given: The labels that a system gave, in the same order; one sequence for each system.

    Raises:
        ValueError: There are no items, or not as many labels everywhere.
    """
    if not true or any(len(each) != len(true) for each in given):
        raise ValueError("judging labels needs one given label for each of at least one item")
    labels = tuple(sorted({*true}.union(*given)))
    numbers = {label: number for number, label in enumerate(labels)}
    codes = np.array([[numbers[label] for label in each] for each in (true, *given)], dtype=np.int64)
    return Coded(labels, codes[0], codes[1:])


def classification_scores(
    true: Sequence[str],
    given: Sequence[str],
    known: Sequence[str] | None = None,
    confusions: int = CONFUSIONS,
    units: Sequence[str] = (),
) -> ClassificationScores:
    """Judges the labels that a model gave.

    Args:
        true: The label of each item, at least one.
        given: The labels that the model gave, in the same order.
        known: The labels that the model can give; None where nobody knows.
        confusions: How many confusions are listed.
        units: What hangs together; all intervals take it for the one piece of evidence that it is. See `units`.

    Raises:
        ValueError: There are no items, or not as many labels of both.
    """
    found = coded(true, given)
    size = len(found.labels)
    matrix = confusion_matrix(found.true, found.given[0], size)
    right, support, predicted = np.diag(matrix), matrix.sum(axis=1), matrix.sum(axis=0)
    f1 = ratio(2 * right, support + predicted)
    unit = unit_numbers(units, len(found.true))
    counts = share_counts(found.true, found.given[0], unit, size)
    can_give = {*found.labels} if known is None else {*known}
    classes = zip(
        found.labels,
        support.tolist(),
        predicted.tolist(),
        right.tolist(),
        wilson_intervals(*counts.precision).tolist(),
        wilson_intervals(*counts.recall).tolist(),
        f1.tolist(),
        f1_intervals(*counts.jaccard).tolist(),
        strict=True,
    )
    items = len(found.true)
    low, high = wilson_intervals(*counts.accuracy)[0]
    return ClassificationScores(
        items=items,
        accuracy=int(right.sum()) / items,
        accuracy_interval=(float(low), float(high)),
        macro_f1=float(f1.mean()),
        macro_f1_interval=_macro_interval(matrix, found, unit, counts),
        classes=tuple(
            ClassScore(
                label=label,
                support=carried,
                predicted=gave,
                precision=hits / gave if gave else None,
                precision_interval=(precision[0], precision[1]),
                recall=hits / carried if carried else None,
                recall_interval=(recall[0], recall[1]),
                f1=score,
                f1_interval=(interval[0], interval[1]),
                known=label in can_give,
            )
            for label, carried, gave, hits, precision, recall, score, interval in classes
        ),
        confusions=_confusions(found.labels, matrix, confusions),
        unknown_items=sum(label not in can_give for label in true),
    )


def confusion_matrix(true: Integers, given: Integers, labels: int) -> Integers:
    """How many items of each label were given each label: int64 [labels, labels], the true label first."""
    return np.bincount(true * labels + given, minlength=labels * labels).reshape(labels, labels)


def macro_f1(counts: Floats) -> Floats:
    """Mean F1 of the labels that occur in each draw: float64 [draws].

    A label that no item carries or was given in a draw is left out, as scikit-learn does.

    Args:
        counts: float64 [draws, 2 * labels]: how many are right for each label, then how many carry it plus how many
            were given it.
    """
    right, both = np.split(counts, 2, axis=-1)
    occurs = both > 0
    return ratio(ratio(2 * right, both).sum(axis=-1), occurs.sum(axis=-1))


def label_tally(true: Integers, given: Integers, labels: int) -> Tally:
    """The counts that `macro_f1` takes, for kinds of items.

    Args:
        true: The label of each kind, int64 [kinds].
        given: The label that it was given, int64 [kinds].
        labels: How many labels there are.
    """
    kinds = np.arange(len(true))
    right = np.flatnonzero(true == given)
    return Tally(
        columns=2 * labels,
        kind=np.concatenate([right, kinds, kinds]),
        column=np.concatenate([true[right], labels + true, labels + given]),
        amount=np.ones(len(right) + 2 * len(kinds)),
    )


def _macro_interval(matrix: Integers, found: Coded, unit: Integers | None, counts: ShareCounts) -> Interval:
    true, given = np.nonzero(matrix)
    kind_of = np.zeros_like(matrix)
    kind_of[true, given] = np.arange(len(true))
    tally = label_tally(true, given, len(matrix))
    items, (tally,) = with_units(kind_of[found.true, found.given[0]], unit, len(true), (tally,))
    drawn = draw_again(items, (tally,), macro_f1)[0]
    return macro_interval(value_of(items, tally, macro_f1), drawn, *counts.jaccard)


def _confusions(labels: tuple[str, ...], matrix: Integers, most: int) -> tuple[Confusion, ...]:
    wrong: NDArray[np.int64] = matrix - np.diag(np.diag(matrix))
    true, given = np.nonzero(wrong)
    counts = wrong[true, given]
    # Equal counts keep the alphabetical order, so that the list is the same in every run.
    order = np.argsort(-counts, kind="stable")[:most]
    support = matrix.sum(axis=1)
    return tuple(
        Confusion(
            true=labels[true[place]],
            predicted=labels[given[place]],
            count=int(counts[place]),
            share=float(counts[place] / support[true[place]]),
        )
        for place in order
    )
