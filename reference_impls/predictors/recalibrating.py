"""Recalibration: the model stays as it is, and only the last step behind it is learnt from newer rows.

For classes: logarithms of probabilities are scaled (temperature) and shifted by class, which follows classes that
become more or less common; Guo, Pleiss, Sun, Weinberger (2017), On Calibration of Modern Neural Networks, 4.2 (vector
scaling, with one scale). For numbers: a line through the forecasts that makes the absolute error least.
"""

import dataclasses

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from scipy.optimize import minimize  # type: ignore[import-untyped]  # scipy has no types
from scipy.special import logsumexp  # type: ignore[import-untyped]

from ..history.base import History
from ..project_base.errors import UserError
from .base import Floats, Integers, Predictor
from .table_predictor import TablePredictor

_FEWEST_FOR_SLOPE = 30
_FIRMNESS = 4.0
"""One over the variance of the priors."""
_STEPS = 50
_LEAST_SCALE, _MOST_SCALE = 0.05, 20.0


def recalibrate(predictor: Predictor, history: History) -> TablePredictor:
    """The same model with a new last step, which replaces that of a former recalibration.

    Args:
        predictor: Stays as it is.
        history: Rows that it was not trained on; those without a label are left out, and with none left nothing
            changes.

    Raises:
        UserError: The rows are of another task, or a column is missing.
        TypeError: It is no model of this room.
    """
    if not isinstance(predictor, TablePredictor):
        raise TypeError("only models of this room can be recalibrated")
    if history.task != predictor.task:
        raise UserError(
            f"the model predicts a {predictor.task} and the rows hold a {history.task}",
            "give rows of the table that the model was trained on",
        )
    known = np.flatnonzero(np.isfinite(history.known))
    rows = history.take(known)
    if predictor.task == "regression":
        if not len(rows):
            return predictor
        slope, shift = _line(predictor.forecast(rows.features), np.asarray(rows.target, dtype=np.float64))
        return dataclasses.replace(predictor, slope=slope, shift=(shift,))
    places: Integers = pd.Index(predictor.classes).get_indexer(rows.target)
    if len(predictor.classes) < 2 or not (places >= 0).any():
        return predictor
    logits = predictor.logits(rows.features)[places >= 0]
    slope, shifts = _scaled(logits, places[places >= 0])
    return dataclasses.replace(predictor, slope=slope, shift=shifts)


def _scaled(logits: Floats, places: Integers) -> tuple[float, tuple[float, ...]]:
    """Scale and shifts of highest posterior: normal priors of spread 1/2 around 1 and 0, so few rows move little."""
    rows = np.arange(len(places))

    def loss(values: Floats) -> tuple[float, Floats]:
        scale, shifts = values[0], values[1:]
        moved = scale * logits + shifts
        sums = logsumexp(moved, axis=1)
        left = np.exp(moved - sums[:, None])
        left[rows, places] -= 1.0
        prior = 0.5 * _FIRMNESS * ((scale - 1.0) ** 2 + float((shifts**2).sum()))
        pull = _FIRMNESS * np.concatenate([[scale - 1.0], shifts])
        slope = np.concatenate([[(left * logits).sum()], left.sum(axis=0)]) + pull
        return float((sums - moved[rows, places]).sum()) + prior, slope

    start = np.concatenate([[1.0], np.zeros(logits.shape[1])])
    bounds = [(_LEAST_SCALE, _MOST_SCALE), *[(None, None)] * logits.shape[1]]
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=bounds).x
    return float(found[0]), tuple(float(value) for value in found[1:])


def _line(forecast: Floats, target: Floats) -> tuple[float, float]:
    """Slope and shift of least absolute error, by least squares that are weighted again and again.

    Formula: Schlossmacher (1973), An iterative technique for absolute deviations curve fitting. With few rows, or
    forecasts that are all alike, the slope stays 1 and the shift is the median error.
    """
    if len(target) < _FEWEST_FOR_SLOPE or np.ptp(forecast) <= 1e-12 * max(1.0, float(np.abs(forecast).max())):
        return 1.0, float(np.median(target - forecast))
    middle, spread = float(forecast.mean()), float(forecast.std())
    wide = np.column_stack([np.ones(len(forecast)), (forecast - middle) / spread])
    weights = np.ones(len(target))
    least = 1e-6 * (float(target.std()) or 1.0)
    shift, slope = 0.0, 0.0
    for _ in range(_STEPS):
        root = np.sqrt(weights)[:, None]
        shift, slope = np.linalg.lstsq(wide * root, target * root[:, 0], rcond=None)[0]
        weights = 1.0 / np.maximum(np.abs(target - wide @ [shift, slope]), least)
    # A forecast that turns around is a model that is lost; its last step cannot mend it.
    steep = max(0.0, float(slope) / spread)
    return steep, float(np.median(target - steep * forecast))
