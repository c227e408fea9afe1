"""All figures over the test data of one task, each with its 95 % interval."""

import math
from collections.abc import Sequence

from ...evaluation.bootstrap import bootstrap_interval, mean_interval
from ...evaluation.classification import ClassificationScores, classification_scores
from ...evaluation.spans import SpanScores, span_scores
from ..ladder.results import Outcome
from ..ladder.scoring import labels_of_outcomes, score, spans_of_outcomes, units_of
from .model_evaluation import Measure


def class_scores(outcomes: Sequence[Outcome], known: Sequence[str]) -> ClassificationScores:
    """Each label, and what is taken for what.

    Args:
        outcomes: Of a classification.
        known: The labels that the model can give.
    """
    return classification_scores(*labels_of_outcomes(outcomes), known=known, units=units_of(outcomes))


def label_scores(outcomes: Sequence[Outcome], known: Sequence[str]) -> SpanScores:
    """The spans of each label."""
    return span_scores(*spans_of_outcomes(outcomes), known=known, units=units_of(outcomes))


def of_classes(scores: ClassificationScores) -> tuple[Measure, ...]:
    """Accuracy and macro-F1."""
    return (
        Measure(name="accuracy", value=scores.accuracy, interval=scores.accuracy_interval),
        Measure(name="macro-F1", value=scores.macro_f1, interval=scores.macro_f1_interval),
    )


def of_spans(scores: SpanScores, outcomes: Sequence[Outcome]) -> tuple[Measure, ...]:
    """F1, precision and recall of whole spans, and the share of texts without a mistake."""
    exact = mean_interval([float(bool(outcome.right)) for outcome in outcomes], units_of(outcomes)) or (0.0, 1.0)
    whole = scores.all
    return (
        Measure(name="span F1", value=whole.f1, interval=whole.f1_interval),
        Measure(name="precision", value=whole.precision or 0.0, interval=whole.precision_interval),
        Measure(name="recall", value=whole.recall or 0.0, interval=whole.recall_interval),
        Measure(name="exact texts", value=scores.exact_texts, interval=exact),
    )


def of_losses(outcomes: Sequence[Outcome]) -> tuple[Measure, ...]:
    """Likelihood of a wanted token, mean negative log-likelihood in nats and perplexity; each response counts alike."""
    losses = [outcome.loss or 0.0 for outcome in outcomes]
    mean = math.fsum(losses) / len(losses)
    low, high = bootstrap_interval(losses, units=units_of(outcomes))
    likelihood, interval = score("token_likelihood", outcomes)
    return (
        Measure(name="likelihood", value=likelihood, interval=interval),
        Measure(name="mean NLL (nats)", value=mean, interval=(low, high)),
        Measure(name="perplexity", value=_exp(mean), interval=(_exp(low), _exp(high))),
    )


def _exp(nats: float) -> float:
    return math.exp(min(nats, 700.0))
