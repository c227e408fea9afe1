"""Judges spans in texts: a span is right where start, end and label are; F1 over all spans and for each label."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from pydantic import BaseModel, ConfigDict

from .bootstrap import Interval
from .f1 import f1_intervals, ratio
from .rates import wilson_intervals
from .tallies import Floats, Integers, Tally, draw_again
from .units import unit_numbers

_TAIL = 0.025


class LabelledSpan(Protocol):
    """A piece of a text with a label; characters `start` to `end` (exclusive)."""

    @property
    def start(self) -> int:
        """The first character."""
        ...

    @property
    def end(self) -> int:
        """One after the last character."""
        ...

    @property
    def label(self) -> str:
        """What the span is."""
        ...


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class SpanScore(_Frozen):
    """How well spans are found, of one label or of all; all intervals are 95 %.

    Attributes:
        label: The label; empty for all of them.
        spans: How many spans there are.
        found: How many the model gave.
        right: How many of these are right.
        precision: Share of the given spans that are right; None where none was given.
        precision_interval: See `span_scores`.
        recall: Share of the spans that were found; None where there is none.
        recall_interval: Likewise.
        f1: 2 right / (spans + found), 0 where there is neither.
        f1_interval: Likewise.
    """

    label: str
    spans: int
    found: int
    right: int
    precision: float | None
    precision_interval: Interval
    recall: float | None
    recall_interval: Interval
    f1: float
    f1_interval: Interval


class SpanScores(_Frozen):
    """How well spans are found.

    Attributes:
        texts: How many texts were judged.
        exact_texts: Share of texts whose spans are all right, with none too many.
        all: All labels together (micro average).
        labels: Each label, in alphabetical order.
        unknown_spans: How many spans carry a label that the model cannot give; each counts as not found.
    """

    texts: int
    exact_texts: float
    all: SpanScore
    labels: tuple[SpanScore, ...]
    unknown_spans: int


@dataclass(frozen=True)
class SpanCounts:
    """Spans of texts as counts, so that texts can be drawn again.

    Attributes:
        labels: All labels that occur, in alphabetical order.
        texts: How many texts there are.
        text: The text of an entry, int64 [entries]; an entry is a label that occurs in a text.
        label: Its label, as a position in `labels`, int64 [entries].
        right: How many spans are right, int64 [entries].
        found: How many the model gave, int64 [entries].
        spans: How many there are, int64 [entries].
    """

    labels: tuple[str, ...]
    texts: int
    text: Integers
    label: Integers
    right: Integers
    found: Integers
    spans: Integers

    def by_text(self) -> Integers:
        """For each text: right, found and true spans of all labels, int64 [texts, 3]."""
        counts = np.zeros((self.texts, 3), dtype=np.int64)
        np.add.at(counts, self.text, np.stack([self.right, self.found, self.spans], axis=1))
        return counts


def span_counts(true: Sequence[Sequence[LabelledSpan]], given: Sequence[Sequence[LabelledSpan]]) -> SpanCounts:
    """Counts the spans of each text.

    Args:
        true: The spans of each text, of at least one text.
        given: The spans that the model gave, for the same texts. A span given twice is wrong the second time.

    Raises:
        ValueError: There are no texts, or not as many of both.
    """
    if not true or len(true) != len(given):
        raise ValueError("judging spans needs the given spans of each of at least one text")
    labels = tuple(sorted({span.label for spans in (*true, *given) for span in spans}))
    numbers = {label: number for number, label in enumerate(labels)}
    rows = []
    for text, (wanted, got) in enumerate(zip(true, given, strict=True)):
        want = Counter((span.start, span.end, span.label) for span in wanted)
        have = Counter((span.start, span.end, span.label) for span in got)
        per_label = [Counter(), Counter(), Counter()]  # type: list[Counter[str]]
        for counter, spans in zip(per_label, (want & have, have, want), strict=True):
            for (_, _, label), count in spans.items():
                counter[label] += count
        for label in sorted({*per_label[1], *per_label[2]}):
            rows.append((text, numbers[label], *(counter[label] for counter in per_label)))
    columns = np.array(rows, dtype=np.int64).reshape(-1, 5).T
    return SpanCounts(labels, len(true), *columns)


def span_scores(
    true: Sequence[Sequence[LabelledSpan]],
    given: Sequence[Sequence[LabelledSpan]],
    known: Sequence[str] | None = None,
    units: Sequence[str] = (),
) -> SpanScores:
    """Judges the spans that a model gave.

    An interval holds all that either of two intervals holds: the percentile bootstrap over texts, which sees that the
    spans of one text are alike, and Wilson's over spans, which sees how few there are where nothing went wrong.

    Args:
        true: The spans of each text, of at least one text.
        given: The spans that the model gave, for the same texts.
        known: The labels that the model can give; None where nobody knows.
        units: Texts that hang together are drawn as one, and their spans count as so many fewer; see
            `units.unit_numbers`.

    Raises:
        ValueError: There are no texts, or not as many of both.
    """
    counts = span_counts(true, given)
    size = len(counts.labels)
    unit = unit_numbers(units, counts.texts)
    tally, drawn_from = _tally(counts), counts.texts
    if unit is not None:
        tally, drawn_from = replace(tally, kind=unit[tally.kind]), int(unit.max()) + 1
    drawn = draw_again(np.ones(drawn_from), (tally,), lambda sums: sums)[0].reshape(-1, 3, size + 1)
    totals = tally.counts(np.ones((1, drawn_from)))[0].reshape(3, size + 1)
    scores = _scores(("", *counts.labels), totals, drawn, drawn_from / counts.texts)
    right, found, spans = counts.by_text().T
    return SpanScores(
        texts=counts.texts,
        exact_texts=float(((right == found) & (right == spans)).mean()),
        all=scores[0],
        labels=tuple(scores[1:]),
        unknown_spans=0 if known is None else sum(span.label not in known for spans in true for span in spans),
    )


def micro_f1(counts: Floats) -> Floats:
    """F1 over all spans of each draw: float64 [draws].

    Args:
        counts: float64 [draws, 2]: how many spans are right, then how many there are plus how many were given.
    """
    return ratio(2 * counts[:, 0], counts[:, 1])


def _tally(counts: SpanCounts) -> Tally:
    """Right, found and true spans, each for all labels (first) and for every label."""
    width = len(counts.labels) + 1
    amounts = np.stack([counts.right, counts.found, counts.spans]).astype(np.float64)
    starts = np.arange(3)[:, None] * width
    one, every = np.broadcast_to(starts, amounts.shape), starts + 1 + counts.label[None, :]
    return Tally(
        columns=3 * width,
        kind=np.tile(counts.text, 6),
        column=np.concatenate([one.ravel(), every.ravel()]),
        amount=np.tile(amounts.ravel(), 2),
    )


def _scores(labels: Sequence[str], totals: Floats, drawn: Floats, apart: float) -> list[SpanScore]:
    """The scores of all labels; of the spans as many are evidence of their own as of the texts, a share `apart`."""
    right, found, spans = totals
    own_right, own_found, own_spans = apart * totals
    rates = {
        "precision": (ratio(right, found), ratio(drawn[:, 0], drawn[:, 1]), wilson_intervals(own_right, own_found)),
        "recall": (ratio(right, spans), ratio(drawn[:, 0], drawn[:, 2]), wilson_intervals(own_right, own_spans)),
        "f1": (
            ratio(2 * right, found + spans),
            ratio(2 * drawn[:, 0], drawn[:, 1] + drawn[:, 2]),
            f1_intervals(own_right, own_found + own_spans - own_right),
        ),
    }
    intervals = {}
    for name, (_, draws, own) in rates.items():
        low, high = np.quantile(draws, [_TAIL, 1 - _TAIL], axis=0)
        intervals[name] = np.stack([np.minimum(low, own[:, 0]), np.maximum(high, own[:, 1])], axis=1).tolist()
    return [
        SpanScore(
            label=label,
            spans=int(spans[place]),
            found=int(found[place]),
            right=int(right[place]),
            precision=float(rates["precision"][0][place]) if found[place] else None,
            precision_interval=tuple(intervals["precision"][place]),
            recall=float(rates["recall"][0][place]) if spans[place] else None,
            recall_interval=tuple(intervals["recall"][place]),
            f1=float(rates["f1"][0][place]),
            f1_interval=tuple(intervals["f1"][place]),
        )
        for place, label in enumerate(labels)
    ]
