"""Compares two systems on the same items by a measure that is no mean over them: macro-F1 of labels, F1 of spans."""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from .classification import coded, label_tally, macro_f1
from .f1 import ratio
from .paired import Difference, needed_items, verdict_of
from .spans import LabelledSpan, SpanCounts, micro_f1, span_counts
from .tallies import Floats, Integers, Tally, Value, draw_again, value_of, with_units
from .units import unit_numbers

_TAIL = 0.025
_MADE_UP = 2.0


def compare_macro_f1(
    measure: str, true: Sequence[str], first: Sequence[str], second: Sequence[str], units: Sequence[str] = ()
) -> Difference:
    """Compares the macro-F1 of two systems that gave labels to the same items.

    The interval is a percentile bootstrap over the items and two made-up ones, as in `paired.compare`: one that the
    first system alone has right and one that the second alone has right. Which label they carry decides how much they
    weigh, so that they are shared out: one half among the items that only one of the systems has right, in proportion,
    since a difference that rests on a few items of a rare label is not to pass for certain; the other half evenly among
    the labels, since a rare label on which the systems happen to agree is not certain either. Of systems with equal
    chances to err, 0 to 6 in 100 pairs are called better or worse so (8 settings of 2 to 77 labels, even and uneven, 60
    to 770 items, 300 pairs each); without the made-up items 3 to 9.

    Args:
        measure: The name of what is compared.
        true: The label of each item, at least one.
        first: The labels that the first system gave, in the same order.
        second: Those of the second.
        units: What hangs together is drawn as one, and the made-up items weigh as a unit of middling size; see
            `units.unit_numbers`.

    Returns:
        The difference; `won` and `lost` count the items that only one of the systems has right, `p` is None, since
        McNemar's test is not about this measure.

    Raises:
        ValueError: There are no items, or not as many labels everywhere.
    """
    found = coded(true, first, second)
    # Where all labels are the same, the made-up items are mistaken for one that does not occur.
    size = max(2, len(found.labels))
    unit = unit_numbers(units, len(found.true))
    kinds, kind, items = np.unique(
        np.stack([found.true, *found.given]), axis=1, return_inverse=True, return_counts=True
    )
    carried, one, other = kinds
    won, lost = (one == carried) & (other != carried), (other == carried) & (one != carried)
    made_up, weights = _made_up_labels(kinds, items, size, won | lost)
    all_kinds = np.concatenate([kinds, made_up], axis=1)
    tallies = tuple(label_tally(all_kinds[0], given, size) for given in all_kinds[1:])
    if unit is not None:
        middling = len(unit) / (unit.max() + 1)
        tallies = tuple(
            replace(tally, amount=np.where(tally.kind < len(items), tally.amount, tally.amount * middling))
            for tally in tallies
        )
    drawn, tallies = with_units(kind.ravel(), unit, all_kinds.shape[1], tallies)
    added = np.zeros(len(drawn))
    added[len(items) : all_kinds.shape[1]] = weights
    return _difference(
        measure,
        items=drawn,
        made_up=added,
        tallies=tallies,
        value=macro_f1,
        questions=len(found.true),
        won=int(items[won].sum()),
        lost=int(items[lost].sum()),
    )


def compare_span_f1(
    measure: str,
    true: Sequence[Sequence[LabelledSpan]],
    first: Sequence[Sequence[LabelledSpan]],
    second: Sequence[Sequence[LabelledSpan]],
    units: Sequence[str] = (),
) -> Difference:
    """Compares the F1 over all spans of two systems on the same texts, which are drawn again as a whole.

    The two made-up texts have the average number of spans of the texts that have any; one system finds all of them and
    the other none.

    Args:
        measure: The name of what is compared.
        true: The spans of each text, of at least one text.
        first: The spans that the first system gave, for the same texts.
        second: Those of the second.
        units: Texts that hang together are drawn as one; see `units.unit_numbers`.

    Returns:
        The difference; `questions` counts texts, `won` and `lost` those on which the F1 of one system is higher.

    Raises:
        ValueError: There are no texts, or not as many everywhere.
    """
    unit = unit_numbers(units, len(true))
    one, other = _span_rows(span_counts(true, first)), _span_rows(span_counts(true, second))
    scores = [_text_f1(each.astype(np.float64)) for each in (one, other)]
    rows = np.concatenate([one, other], axis=1)
    if unit is not None:
        rows = np.stack([np.bincount(unit, weights=column) for column in rows.T], axis=1).astype(np.int64)
    kinds, items = np.unique(rows, axis=0, return_counts=True)
    spans = np.array([len(each) for each in true if each])
    average = (float(spans.mean()) if len(spans) else 1.0) * len(true) / len(rows)
    made_up = np.array([[average, 2 * average, 0, average], [0, average, average, 2 * average]])
    drawn = np.concatenate([kinds.astype(np.float64), made_up])
    return _difference(
        measure,
        items=np.concatenate([items, [0.0, 0.0]]),
        made_up=np.concatenate([np.zeros(len(items)), [1.0, 1.0]]),
        tallies=(_dense_tally(drawn[:, :2]), _dense_tally(drawn[:, 2:])),
        value=micro_f1,
        questions=len(true),
        won=int((scores[0] > scores[1]).sum()),
        lost=int((scores[0] < scores[1]).sum()),
    )


def _difference(
    measure: str,
    *,
    items: Floats,
    made_up: Floats,
    tallies: tuple[Tally, ...],
    value: Value,
    questions: int,
    won: int,
    lost: int,
) -> Difference:
    first, second = (value_of(items, tally, value) for tally in tallies)
    drawn = draw_again(items + made_up, tallies, value)
    differences = drawn[0] - drawn[1]
    low, high = (float(each) for each in np.quantile(differences, [_TAIL, 1 - _TAIL]))
    count = round(float(items.sum()))
    verdict = verdict_of((low, high))
    # What the draws show, less what the made-up items add, is the variance of the mean of so many items.
    spread = max(0.0, float(np.var(differences)) * count - _MADE_UP / count)
    return Difference(
        measure=measure,
        questions=questions,
        first=first,
        second=second,
        difference=first - second,
        interval=(low, high),
        share_above_zero=float((differences > 0).mean() + (differences == 0).mean() / 2),
        won=won,
        lost=lost,
        p=None,
        verdict=verdict,
        questions_needed=needed_items(spread, count, questions, first - second) if verdict == "cannot tell" else None,
    )


def _made_up_labels(
    kinds: Integers, items: Integers, size: int, differing: NDArray[np.bool_]
) -> tuple[Integers, Floats]:
    """Kinds and weights of the made-up items: int64 [3, made up], float64 [made up], which sum up to 2."""
    carried, one, other = kinds
    labels = np.unique(carried)
    source = np.flatnonzero(differing) if differing.any() else np.arange(len(carried))
    # The label given by mistake is the one that was, or just another where both systems are right.
    mistaken = np.where(one != carried, one, other)
    mistaken = np.where(mistaken == carried, (carried + 1) % size, mistaken)
    true = np.concatenate([carried[source], labels])
    wrong = np.concatenate([mistaken[source], (labels + 1) % size])
    weights = np.concatenate([items[source] / items[source].sum(), np.full(len(labels), 1 / len(labels))]) / 2
    won, lost = np.stack([true, true, wrong]), np.stack([true, wrong, true])
    return np.concatenate([won, lost], axis=1), np.tile(weights, 2)


def _span_rows(counts: SpanCounts) -> Integers:
    """For each text: how many spans are right, and how many there are plus how many were given; int64 [texts, 2]."""
    right, found, spans = counts.by_text().T
    return np.stack([right, found + spans], axis=1)


def _text_f1(rows: Floats) -> Floats:
    # A text without spans in which none was given is as right as can be.
    return np.where(rows[:, 1] == 0, 1.0, ratio(2 * rows[:, 0], rows[:, 1]))


def _dense_tally(rows: Floats) -> Tally:
    kind, column = np.nonzero(rows)
    return Tally(columns=rows.shape[1], kind=kind, column=column, amount=rows[kind, column])
