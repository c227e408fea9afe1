"""Training: from the start, from a former model, or going on with new rows alone."""

import copy
import dataclasses
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from threadpoolctl import threadpool_limits  # type: ignore[import-untyped]  # it has no types

from ..history.base import History
from ..project_base.errors import UserError
from .base import Floats, Integers, KindOfModel, Predictor, quiet
from .columns import table_of
from .estimators import go_on, train, widened
from .kinds import KINDS, checked_kind
from .preparing import categorical_places, preparation
from .scoring import metric_of
from .settings import Settings
from .table_predictor import TablePredictor


def fit(
    history: History,
    settings: Settings,
    *,
    weights: Floats | None = None,
    start: Predictor | None = None,
    kind: str | None = None,
    seed: int = 0,
    threads: int = 1,
) -> TablePredictor:
    """Trains a model on all rows of a history that have a label.

    Whoever calls hands over only rows whose label was known by then (`History.labelled_by`).

    Args:
        history: The rows.
        settings: Of features and kinds.
        weights: float64 [rows], 0 or above: how much each row counts; None counts all alike.
        start: A former model. Where its kind can start warm (`KINDS[kind].warm`) and it has the same kind, columns and
            task, its preparation stays and training goes on from it; else it is left out of account.
        kind: Of the model; None takes that of the settings, and where these say auto, that of `start`, or chooses one.
        seed: The same seed and rows give the same model.
        threads: Processor threads that training may use.

    Raises:
        UserError: No row has a label, the kind is unknown, or the metric does not fit the task.
        ValueError: The weights are not one for each row, negative, or all 0.
    """
    known, weights = _labelled(history, weights)
    chosen = _kind_for(known, settings, start, kind, seed, threads)
    table = table_of(known.features, known.kinds)
    with threadpool_limits(limits=threads):
        former = _startable(start, known, chosen)
        filled = {name: each for name, each in known.kinds.items() if each != "number" or table[name].notna().any()}
        preparing: Any = former.preparing if former else preparation(filled, chosen, settings, seed)
        rows = preparing.transform(table) if former else _fit_transform(preparing, table)
        classes, target = _numbered(known)
        if settings.metric == "macro_f1" and metric_of(settings, known.task):
            weights = _balanced(target, weights)
        centre, scale = _units(known, chosen) if former is None else (former.centre, former.scale)
        model = train(
            chosen,
            known.task,
            rows,
            target if classes else (target - centre) / scale,
            weights,
            settings,
            categories=categorical_places(filled),
            start=_start_model(former, classes),
            seed=seed,
            threads=threads,
        )
    return TablePredictor(
        task=known.task,
        kind=chosen,
        classes=classes,
        kinds=dict(known.kinds),
        preparing=preparing,
        model=model,
        centre=centre,
        scale=scale,
        rows=len(known),
    )


def update(predictor: Predictor, history: History, settings: Settings, *, threads: int = 1) -> TablePredictor:
    """A copy of an incremental model that has learnt new rows as well.

    Its preparation stays as it was in training; new classes and new values of categories are learnt.

    Args:
        predictor: Of a kind that can (`KINDS[kind].incremental`).
        history: The new rows; those without a label are left out.
        settings: As in training.
        threads: Processor threads that it may use.

    Raises:
        UserError: The kind cannot, or the new rows are of another task.
    """
    if not isinstance(predictor, TablePredictor) or not KINDS[predictor.kind].incremental:
        able = ", ".join(kind for kind, traits in KINDS.items() if traits.incremental)
        raise UserError(
            f"a model of the kind {predictor.kind} cannot go on learning with new rows alone",
            f"train it again on all rows, or use the kind {able}",
        )
    if history.task != predictor.task:
        raise UserError(
            f"the model predicts a {predictor.task} and the new rows hold a {history.task}", "train a new model"
        )
    if not np.isfinite(history.known).any():
        return predictor
    known, _ = _labelled(history, None)
    if not hasattr(predictor.model, "partial_fit"):
        # It saw one class alone, or no column, so that there is nothing to go on with.
        return fit(known, settings, kind=predictor.kind, threads=threads)
    with threadpool_limits(limits=threads):
        rows = predictor.prepared(known.features)
        classes = predictor.classes and tuple(sorted({*predictor.classes, *known.target}))
        model = _grown(predictor, classes)
        if classes:
            target: Any = pd.Index(classes).get_indexer(known.target)
        else:
            target = (known.target - predictor.centre) / predictor.scale
        go_on(model, rows, target, None, settings, predictor.rows)
    return dataclasses.replace(
        predictor, classes=classes, model=model, slope=1.0, shift=(), rows=predictor.rows + len(known)
    )


def _labelled(history: History, weights: Floats | None) -> tuple[History, Floats | None]:
    if weights is not None and (len(weights) != len(history) or (weights < 0).any()):
        raise ValueError("weights must be one for each row, 0 or above")
    usable = np.isfinite(history.known)
    if weights is not None:
        usable &= weights > 0
    if not usable.any():
        if weights is not None and np.isfinite(history.known).any():
            raise ValueError("every row with a label has the weight 0")
        raise UserError(
            f"none of {len(history):,} rows has a label that is known, so there is nothing to learn from",
            "wait for labels, or look at history.target, history.known and history.label_delay",
        )
    if usable.all():
        return history, weights
    return history.take(np.flatnonzero(usable)), None if weights is None else weights[usable]


def _kind_for(
    history: History, settings: Settings, start: Predictor | None, kind: str | None, seed: int, threads: int
) -> KindOfModel:
    if kind is not None:
        return checked_kind(kind)
    if settings.kind != "auto":
        return settings.kind
    if start is not None:
        return checked_kind(start.kind)
    from .choosing import choose_kind  # noqa: PLC0415 -- it trains models itself

    return choose_kind(history, settings, quiet, seed=seed, threads=threads).kind


def _startable(start: Predictor | None, history: History, kind: KindOfModel) -> TablePredictor | None:
    """The former model, where training can go on from it."""
    if not isinstance(start, TablePredictor) or not KINDS[kind].warm or not hasattr(start.preparing, "transformers_"):
        return None
    same = (start.kind, start.task, start.kinds) == (kind, history.task, dict(history.kinds))
    return start if same else None


def _start_model(former: TablePredictor | None, classes: tuple[str, ...]) -> Any:
    """What training goes on from: a model that knows exactly these classes; None where there is none."""
    if former is None or "Dummy" in type(former.model).__name__:
        return None
    if former.classes == classes:
        return former.model
    # A class that is gone is no class of the new model, and trees cannot learn of a new one.
    fewer = not set(former.classes) <= set(classes)
    return None if fewer or former.kind == "forest" else _grown(former, classes)


def _grown(predictor: TablePredictor, classes: tuple[str, ...]) -> Any:
    if classes == predictor.classes:
        return copy.deepcopy(predictor.model)
    places: Integers = pd.Index(classes).get_indexer(list(predictor.classes))
    return widened(predictor.model, places, len(classes))


def _fit_transform(preparing: Any, table: pd.DataFrame) -> Any:
    if not len(table.columns):
        return np.empty((len(table), 0))
    # Where all texts are alike, their projection divides 0 by 0 for a share that nobody asks for.
    with np.errstate(divide="ignore", invalid="ignore"):
        return preparing.fit_transform(table)


def _numbered(history: History) -> tuple[tuple[str, ...], Any]:
    if history.task == "regression":
        return (), np.asarray(history.target, dtype=np.float64)
    codes, names = pd.factorize(history.target, sort=True)
    return tuple(str(name) for name in names), np.asarray(codes, dtype=np.int64)


def _units(history: History, kind: KindOfModel) -> tuple[float, float]:
    """Centre and scale of the target for models whose steps depend on them."""
    if history.task == "classification" or kind != "incremental":
        return 0.0, 1.0
    values = np.asarray(history.target, dtype=np.float64)
    return float(values.mean()), float(values.std()) or 1.0


def _balanced(target: Integers, weights: Floats | None) -> Floats:
    """Weights under which all classes count alike."""
    given = np.ones(len(target)) if weights is None else weights
    sums = np.bincount(target, weights=given)
    balanced: Floats = given * (given.sum() / (len(sums) * sums[target]))
    return balanced
