"""The models of scikit-learn behind each kind, trained on prepared columns."""

import copy
import warnings
from collections.abc import Sequence
from typing import Any

import numpy as np
from sklearn.dummy import DummyClassifier, DummyRegressor  # type: ignore[import-untyped]  # scikit-learn has no types
from sklearn.ensemble import (  # type: ignore[import-untyped]
    ExtraTreesClassifier,
    ExtraTreesRegressor,
    HistGradientBoostingClassifier,
    HistGradientBoostingRegressor,
)
from sklearn.exceptions import ConvergenceWarning  # type: ignore[import-untyped]
from sklearn.linear_model import (  # type: ignore[import-untyped]
    LogisticRegression,
    Ridge,
    SGDClassifier,
    SGDRegressor,
)

from ..history.base import Task
from .base import Floats, Integers, KindOfModel
from .settings import Settings

_FOREST_ROWS = 5000
"""Rows that each tree of a forest sees at most: it keeps time and size of a forest from growing without end."""
_STEPS = 200
_LOOKS = 16
"""Into how many parts a pass of the incremental kind is cut, to average over the model's states between them."""
_LARGEST_STEP = 2.0
"""How many times the squared length of the mean row the longest row counts for."""
_NEW_CLASS = -4.0
"""Log-odds of a class before its first row: about 2 %."""


def train(
    kind: KindOfModel,
    task: Task,
    rows: Any,
    target: Floats | Integers,
    weights: Floats | None,
    settings: Settings,
    *,
    categories: Sequence[int] = (),
    start: Any = None,
    seed: int = 0,
    threads: int = 1,
) -> Any:
    """A trained model.

    Args:
        kind: Of the model.
        task: Of the target.
        rows: Prepared columns, [n, features], dense or sparse float.
        target: int64 numbers of classes, or float64; [n].
        weights: float64 [n], above 0; None counts all rows alike.
        settings: Of the kinds.
        categories: Which prepared columns the kind boosting takes for categories.
        start: A model of the same kind that was trained on columns prepared in the same way, with the same classes.
        seed: Of what is drawn.
        threads: How many a forest may use; the others are limited from outside.
    """
    if rows.shape[1] == 0 or (target == target[0]).all():
        dummy = DummyClassifier(strategy="prior") if task == "classification" else DummyRegressor(strategy="median")
        return dummy.fit(rows, target, sample_weight=weights)
    match kind:
        case "linear":
            return _linear(task, rows, target, weights, settings, start)
        case "incremental":
            model = _incremental(task, rows, settings, seed) if start is None else copy.deepcopy(start)
            go_on(model, rows, target, weights, settings, seed)
            return model
        case "boosting":
            return _boosting(task, settings, categories, seed).fit(_dense(rows), target, sample_weight=weights)
        case "forest":
            return _forest(task, rows, target, weights, settings, start, seed, threads)


def go_on(
    model: Any, rows: Any, target: Floats | Integers, weights: Floats | None, settings: Settings, seed: int = 0
) -> None:
    """Trains an incremental model on rows, `settings.passes` times in random orders; it changes.

    Its steps never become smaller, so that it follows what changes; what they overshoot is averaged away over the
    second half of the last pass: Polyak, Juditsky (1992), Acceleration of stochastic approximation by averaging.

    Args:
        model: A model of the kind incremental.
        rows: Prepared columns.
        target: Numbers of classes that the model knows, or float64 in its units.
        weights: float64 [n] or None.
        settings: `passes`.
        seed: Of the orders.
    """
    random = np.random.default_rng(seed)
    counts = _bounded(rows, weights)
    first = {"classes": getattr(model, "classes_", np.unique(target))} if isinstance(model, SGDClassifier) else {}
    states: list[tuple[Floats, Floats]] = []
    for _ in range(settings.passes):
        states.clear()
        for part in np.array_split(random.permutation(len(target)), min(_LOOKS, len(target))):
            model.partial_fit(rows[part], target[part], sample_weight=counts[part], **first)
            states.append((model.coef_.copy(), np.copy(model.intercept_)))
    settled = states[len(states) // 2 :]
    model.coef_ = np.mean([coefficients for coefficients, _ in settled], axis=0)
    model.intercept_ = np.mean([intercept for _, intercept in settled], axis=0)


def _bounded(rows: Any, weights: Floats | None) -> Floats:
    """Weights under which no single row moves the model by much more than the others do: float64 [n]."""
    squares = _squares(rows)
    bounded = np.minimum(1.0, _LARGEST_STEP * max(float(squares.mean()), 1.0) / np.maximum(squares, 1e-12))
    # A model's steps do not know how large weights are on the whole, so that these must say it among one another.
    return bounded if weights is None else bounded * (weights / weights.mean())


def _squares(rows: Any) -> Floats:
    squares = rows.multiply(rows) if hasattr(rows, "multiply") else np.square(rows)
    return np.asarray(squares.sum(axis=1), dtype=np.float64).ravel()


def widened(model: Any, places: Integers, classes: int) -> Any:
    """A copy of a linear classifier that knows more classes; those are unlikely until it is trained on rows of them.

    Args:
        model: `LogisticRegression` or `SGDClassifier`.
        places: The new number of each class that it knows, [known classes].
        classes: How many there are now, at least 3.
    """
    made = copy.deepcopy(model)
    weights, odds = model.coef_, model.intercept_
    if len(places) == 2:
        # Two classes share one row of weights, for the second of them.
        half = 1.0 if isinstance(model, SGDClassifier) else 0.5
        weights, odds = np.vstack([-half * weights, half * weights]), np.concatenate([-half * odds, half * odds])
    made.coef_ = np.zeros((classes, weights.shape[1]))
    made.intercept_ = np.full(classes, _NEW_CLASS)
    made.coef_[places], made.intercept_[places] = weights, odds
    made.classes_ = np.arange(classes)
    return made


def _linear(task: Task, rows: Any, target: Any, weights: Floats | None, settings: Settings, start: Any) -> Any:
    if task == "regression":
        return Ridge(alpha=1 / settings.strength).fit(rows, target, sample_weight=weights)
    model = LogisticRegression(C=settings.strength, max_iter=_STEPS, tol=1e-3, warm_start=True)
    if start is not None:
        model.coef_, model.intercept_, model.classes_ = start.coef_.copy(), start.intercept_.copy(), start.classes_
    with warnings.catch_warnings():
        # After that many steps what is left to gain is less than what later rows differ.
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(rows, target, sample_weight=weights)


def _incremental(task: Task, rows: Any, settings: Settings, seed: int) -> Any:
    # A constant rate goes on learning where one that falls would keep to the first rows. A step beyond 1 / |x|^2 would
    # overshoot the row that it learns from: Nagumo, Noda (1967), A learning method for system identification.
    length = max(float(_squares(rows).mean()), 1.0)
    rate = {"learning_rate": "constant", "eta0": 0.5 / length, "shuffle": False, "random_state": seed}
    penalty = 1e-4 / settings.strength
    if task == "classification":
        return SGDClassifier(loss="log_loss", alpha=penalty, **rate)
    return SGDRegressor(loss="huber", epsilon=0.5, alpha=penalty, **rate)


def _boosting(task: Task, settings: Settings, categories: Sequence[int], seed: int) -> Any:
    given = {
        "max_iter": settings.trees,
        "learning_rate": settings.learning_rate,
        "categorical_features": list(categories) or None,
        # A part of the rows at random would stop it too late: it is not of a later time.
        "early_stopping": False,
        "random_state": seed,
    }
    if task == "classification":
        return HistGradientBoostingClassifier(**given)
    # It is judged by the absolute error, which the median makes least.
    return HistGradientBoostingRegressor(loss="absolute_error", **given)


def _forest(
    task: Task,
    rows: Any,
    target: Any,
    weights: Floats | None,
    settings: Settings,
    start: Any,
    seed: int,
    threads: int,
) -> Any:
    kept = [] if start is None else start.estimators_[: settings.trees // 2]
    made = ExtraTreesClassifier if task == "classification" else ExtraTreesRegressor
    many = rows.shape[0] > _FOREST_ROWS
    model = made(
        max(1, settings.trees - len(kept)),
        bootstrap=many,
        max_samples=_FOREST_ROWS if many else None,
        random_state=seed,
        n_jobs=threads,
    )
    model.fit(_dense(rows), target, sample_weight=weights)
    # The youngest trees stand first, so that the oldest leave first.
    model.estimators_ = [*model.estimators_, *kept]
    model.n_estimators = len(model.estimators_)
    model.n_jobs = None
    return model


def _dense(rows: Any) -> Any:
    return rows.toarray() if hasattr(rows, "toarray") else rows
