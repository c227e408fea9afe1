"""How good predictions are: metrics of a whole, and a score for each row that can be paired."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray

from ..history.base import History, Task
from ..project_base.errors import UserError
from .base import Floats, Metric, Predictions, Predictor
from .settings import Settings

_LEAST_PROBABILITY = 1e-6
"""A class that was thought impossible costs no more than this, else one row would decide the mean."""


def metric_of(settings: Settings, task: Task) -> Metric:
    """What models of a task are judged by.

    Raises:
        UserError: The settings want a metric of the other task.
    """
    if settings.metric == "auto":
        return "accuracy" if task == "classification" else "mae"
    if (settings.metric == "mae") != (task == "regression"):
        fitting = "mae" if task == "regression" else "accuracy, macro_f1 or log_loss"
        raise UserError(
            f"predictors.metric is {settings.metric}, but the task is a {task}",
            f"set predictors.metric to auto, or to {fitting}",
        )
    return settings.metric


def lower_is_better(metric: Metric) -> bool:
    """Whether the metric, as `measure` gives it, is an error or a loss."""
    return metric in {"mae", "log_loss"}


def row_scores(target: Predictions, predictions: Predictions) -> Floats:
    """One score for each row, higher is better: float64 [n].

    1 for a right class and 0 for a wrong one; minus the absolute error of a number. Their mean is the accuracy, or
    minus the mean absolute error.

    Args:
        target: [n] object (str) or float64.
        predictions: Likewise.
    """
    if target.dtype == object:
        return np.asarray(target == predictions, dtype=np.float64)
    errors: Floats = np.abs(target - predictions)
    return -errors


def row_log_scores(target: Predictions, probabilities: Floats, classes: Sequence[str]) -> Floats:
    """The logarithm of the probability of the true class of each row, higher is better: float64 [n].

    Args:
        target: [n] object (str).
        probabilities: float64 [n, classes].
        classes: Their order; a true class that is not among them counts as one of probability .000001.
    """
    places = pd.Index(list(classes)).get_indexer(target)
    found = np.zeros(len(target))
    known = places >= 0
    found[known] = probabilities[np.flatnonzero(known), places[known]]
    return np.log(np.clip(found, _LEAST_PROBABILITY, 1.0))


def macro_f1(target: NDArray[Any], predictions: NDArray[Any]) -> float:
    """Mean F1 over the classes that occur in either.

    Args:
        target: [n] object (str), n at least 1.
        predictions: Likewise.
    """
    found = []
    for name in set(target) | set(predictions):
        true, given = target == name, predictions == name
        found.append(2 * float((true & given).sum()) / float(true.sum() + given.sum()))
    return float(np.mean(found))


def measure(
    metric: Metric,
    target: Predictions,
    predictions: Predictions,
    probabilities: Floats | None = None,
    classes: Sequence[str] = (),
) -> float:
    """The metric of predictions, in its usual sense: mae and log_loss are positive, lower is better.

    Args:
        metric: Which.
        target: [n], n at least 1.
        predictions: [n].
        probabilities: float64 [n, classes]; for log_loss alone.
        classes: Their order.

    Raises:
        ValueError: log_loss without probabilities.
    """
    if metric == "macro_f1":
        return macro_f1(target, predictions)
    if metric == "log_loss":
        if probabilities is None:
            raise ValueError("log_loss needs probabilities")
        return -float(row_log_scores(target, probabilities, classes).mean())
    mean = float(row_scores(target, predictions).mean())
    return -mean if metric == "mae" else mean


def scores_of(predictor: Predictor, history: History, metric: Metric) -> Floats:
    """One score for each row of a labelled history, higher is better: float64 [n].

    For macro_f1, which is no mean over rows, a right row counts the more the rarer its class is here: the mean is that
    of the recalls of the classes.
    """
    if metric == "log_loss" and (shares := predictor.probabilities(history.features)) is not None:
        return row_log_scores(history.target, shares, predictor.classes)
    scores = row_scores(history.target, predictor.predict(history.features))
    if metric == "macro_f1" and len(scores):
        _, places, counts = np.unique(history.target.astype(str), return_inverse=True, return_counts=True)
        scores = scores * (len(scores) / (len(counts) * counts[places]))
    return scores
