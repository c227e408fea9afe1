"""Scores the outcomes of a rung, and compares two rungs on the same examples."""

import math
from collections import Counter
from collections.abc import Sequence

import numpy as np

from ...evaluation.bootstrap import Interval, mean_interval
from ...evaluation.classification import classification_scores
from ...evaluation.paired import Difference, compare
from ...evaluation.paired_f1 import compare_macro_f1, compare_span_f1
from ...evaluation.spans import span_scores
from ...labelled_data.base import Example, Span
from ..settings import Settings
from .results import Metric, Outcome

SHOWN: dict[Metric, str] = {
    "accuracy": "accuracy",
    "macro_f1": "macro-F1",
    "span_f1": "span F1",
    "token_likelihood": "likelihood",
}
"""How tables name the metrics."""

_EVEN = 0.9
_SMALL = 0.0095


def digits(metric: Metric, *values: float) -> int:
    """Digits behind the point with which tables show scores and differences of a metric.

    The likelihoods of a model that has learnt next to nothing differ in the fourth digit.
    """
    return 5 if metric == "token_likelihood" and max(map(abs, values)) < _SMALL else 3


def metric_of(settings: Settings, examples: Sequence[Example]) -> Metric:
    """What decides between rungs.

    Args:
        settings: `metric`; `auto` takes macro-F1 where the evenness of the labels is below .9, as with 7 of 10 examples
            of one of two labels. Evenness is entropy divided by that of equally frequent labels: Pielou (1966), The
            measurement of diversity in different types of biological collections.
        examples: Those of training and validation.
    """
    if settings.task == "generation":
        return "token_likelihood"
    if settings.task == "extraction":
        return "span_f1"
    if settings.metric != "auto":
        return settings.metric
    counts = np.array(list(Counter(example.target for example in examples).values()), dtype=np.float64)
    shares = counts / counts.sum()
    even = -(shares * np.log(shares)).sum() / math.log(len(counts)) if len(counts) > 1 else 1.0
    return "accuracy" if even >= _EVEN else "macro_f1"


def score(metric: Metric, outcomes: Sequence[Outcome]) -> tuple[float, Interval]:
    """The score of a rung, in [0, 1], and its 95 % interval; see the room evaluation for how each is made.

    Examples that hang together are one piece of evidence in it.

    Args:
        metric: What to compute.
        outcomes: At least one.
    """
    if metric == "macro_f1":
        scores = classification_scores(*labels_of_outcomes(outcomes), units=units_of(outcomes))
        return scores.macro_f1, scores.macro_f1_interval
    if metric == "span_f1":
        found = span_scores(*spans_of_outcomes(outcomes), units=units_of(outcomes)).all
        return found.f1, found.f1_interval
    values = _values(metric, outcomes)
    # Without values there is no interval, and no result without outcomes.
    return math.fsum(values) / len(values), mean_interval(values, units_of(outcomes)) or (0.0, 1.0)


def difference(metric: Metric, first: Sequence[Outcome], second: Sequence[Outcome]) -> Difference:
    """The first rung minus the second, on the same examples; above 0 is good for the first.

    Examples that hang together are one piece of evidence: they are drawn as one.

    Args:
        metric: What to compare by. Accuracy gets McNemar's p beside the interval where nothing hangs together.
        first: Of one rung.
        second: Of the other, in the same order.

    Raises:
        ValueError: They are not the outcomes of the same examples.
    """
    if [outcome.id for outcome in first] != [outcome.id for outcome in second]:
        raise ValueError("a paired comparison needs the outcomes of the same examples in the same order")
    name, units = SHOWN[metric], units_of(first)
    if metric == "macro_f1":
        wanted, ours = labels_of_outcomes(first)
        return compare_macro_f1(name, wanted, ours, labels_of_outcomes(second)[1], units)
    if metric == "span_f1":
        spans, found = spans_of_outcomes(first)
        return compare_span_f1(name, spans, found, spans_of_outcomes(second)[1], units)
    graded = metric == "token_likelihood"
    return compare(name, _values(metric, first), _values(metric, second), graded=graded, units=units)


def units_of(outcomes: Sequence[Outcome]) -> list[str]:
    """What each hangs together with."""
    return [outcome.unit for outcome in outcomes]


def _values(metric: Metric, outcomes: Sequence[Outcome]) -> list[float]:
    if metric == "accuracy":
        return [float(bool(outcome.right)) for outcome in outcomes]
    losses = [outcome.loss for outcome in outcomes]
    if None in losses:
        # Left out, it would shift the others against those of the rung that they are compared with.
        raise ValueError("an outcome of a generation has a loss")
    # The geometric mean of the probabilities of the wanted tokens.
    return [math.exp(-loss) for loss in losses if loss is not None]


def labels_of_outcomes(outcomes: Sequence[Outcome]) -> tuple[list[str], list[str]]:
    """The wanted and the given labels of a classification."""
    return [str(outcome.expected) for outcome in outcomes], [str(outcome.predicted) for outcome in outcomes]


def spans_of_outcomes(outcomes: Sequence[Outcome]) -> tuple[list[list[Span]], list[list[Span]]]:
    """The wanted and the given spans of an extraction."""
    wanted = [[Span(*row) for row in outcome.expected or () if not isinstance(row, str)] for outcome in outcomes]
    found = [[Span(*row) for row in outcome.predicted or () if not isinstance(row, str)] for outcome in outcomes]
    return wanted, found
