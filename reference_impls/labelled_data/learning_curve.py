"""How the accuracy of a simple model grows with the rows, and how many rows a wished accuracy would take."""

import math
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from .cross_fit import FOLDS, CrossFit
from .simple_model import logistic

Outlook = Literal["reached", "more_rows", "out_of_reach", "cannot_tell"]

SHARES = (1 / 16, 1 / 8, 1 / 4, 1 / 2, 3 / 4)
_FEWEST_ROWS = 40
_ENOUGH_TESTED = 1000
_DRAWS = 200
_LEAST_SPREAD = 1e-4
_DECAYS: NDArray[np.float64] = np.linspace(0.02, 2, 100)
_TAIL = 0.025
_UNREACHED = 0.1
_FURTHEST = 100
"""Beyond so many times the present rows no curve is believed."""

Doubles = NDArray[np.float64]


class Point(BaseModel):
    """Accuracy at a number of training rows."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int
    accuracy: float


class LearningCurve(BaseModel):
    """A measured learning curve and its extension.

    Attributes:
        points: From few rows to all of a cross-validation.
        limit: Accuracy that endless rows would come near to, by the fitted curve.
        target: The accuracy that is wished for.
        outlook: Whether it is reached, takes more rows, is out of reach of this model, or nobody can tell.
        rows_needed: Training rows by the curve, in the first two cases.
        rows_interval: Its 95 % interval.
        why: The outlook as a sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    points: tuple[Point, ...]
    limit: float
    target: float
    outlook: Outlook
    rows_needed: int | None
    rows_interval: tuple[int, int] | None
    why: str


def measure_curve(fit: CrossFit, target: float) -> LearningCurve | None:
    """Measures and extends a learning curve; None with fewer than 40 rows.

    The error is fitted as limit + scale * rows ** -decay (Cortes, Jackel, Solla, Vapnik, Denker 1993, Learning curves:
    asymptotic values and rate of convergence; Figueroa, Zeng-Treitler, Kandula, Ngo 2012, Predicting sample size
    required for classification performance). The interval is that of 200 fits to the tested rows, drawn again.

    Args:
        fit: The cross-fitted rows.
        target: Accuracy in (0, 1).
    """
    if len(fit.folds) < _FEWEST_ROWS:
        return None
    rows, right = _measured(fit)
    draw = np.random.default_rng(fit.seed)
    tested = right.shape[1]
    drawn = [1 - right[:, draw.integers(0, tested, tested)].mean(axis=1) for _ in range(_DRAWS)]
    errors = np.stack([1 - right.mean(axis=1), *drawn])
    points = tuple(
        Point(rows=round(count), accuracy=1 - float(error)) for count, error in zip(rows, errors[0], strict=True)
    )
    limits, needed = _fitted(rows, errors, 1 - target)
    return _concluded(points, float(limits[0]), target, float(needed[0]), needed[1:])


def _measured(fit: CrossFit) -> tuple[Doubles, Doubles]:
    """Training rows, float64 [sizes], and whether each tested row is right at each size, float64 [sizes, tested]."""
    count = len(fit.folds)
    used = min(FOLDS, max(2, math.ceil(_ENOUGH_TESTED * FOLDS / count)))
    right: list[list[NDArray[np.bool_]]] = [[] for _ in SHARES]
    sizes: list[list[int]] = [[] for _ in SHARES]
    for fold in range(used):
        inside, outside = np.flatnonzero(fit.folds == fold), np.flatnonzero(fit.folds != fold)
        for number, share in enumerate(SHARES):
            # The rows stand in random order, so the first of them are a random part, and smaller parts lie in larger.
            trained = outside[: max(2, round(share * len(outside)))]
            numbers = fit.labelling.numbers
            found = logistic(
                fit.features[trained], numbers[trained], fit.features[inside], len(fit.labelling.names), fit.seed
            )
            right[number].append(found.argmax(axis=1) == numbers[inside])
            sizes[number].append(len(trained))
    tested = np.concatenate([np.flatnonzero(fit.folds == fold) for fold in range(used)])
    rows = [float(np.mean(each)) for each in sizes] + [count * (FOLDS - 1) / FOLDS]
    answers = [np.concatenate(each) for each in right] + [fit.right[tested]]
    return np.array(rows), np.stack(answers).astype(np.float64)


def _fitted(rows: Doubles, errors: Doubles, wanted: float) -> tuple[Doubles, Doubles]:
    """Fits the error by least squares, with a limit and a scale of at least 0.

    Args:
        rows: float64 [sizes]
        errors: float64 [curves, sizes]
        wanted: The error that is wished for.

    Returns:
        The limits, float64 [curves], and the rows at which each curve comes down to the wanted error, float64 [curves];
        infinite where it never does.
    """
    weights = 1 / np.maximum(errors[0] * (1 - errors[0]), _LEAST_SPREAD)
    weights /= weights.sum()
    # For a given decay the best limit and scale follow in closed form, so that only the decay is tried out.
    powers = rows[None, :] ** -_DECAYS[:, None]
    mean_power = powers @ weights
    mean_error = errors @ weights
    spread = (powers**2) @ weights - mean_power**2
    shared = (errors[:, None, :] * powers[None] * weights).sum(axis=2)
    scale = np.maximum((shared - mean_error[:, None] * mean_power) / spread, 0)
    limit = mean_error[:, None] - scale * mean_power
    below = limit < 0
    limit = np.where(below, 0, limit)
    scale = np.where(below, shared / ((powers**2) @ weights), scale)
    missed = errors[:, None, :] - limit[:, :, None] - scale[:, :, None] * powers[None]
    best = ((missed**2) * weights).sum(axis=2).argmin(axis=1)
    curves = np.arange(len(errors))
    limits, scales, decays = limit[curves, best], scale[curves, best], _DECAYS[best]
    with np.errstate(divide="ignore", over="ignore", invalid="ignore"):
        needed = (scales / (wanted - limits)) ** (1 / decays)
    return limits, np.where((limits < wanted) & (scales > 0), needed, np.inf)


def _concluded(
    points: tuple[Point, ...], limit: float, target: float, estimate: float, needed: Doubles
) -> LearningCurve:
    last = points[-1]
    low, high = (float(value) for value in np.quantile(needed, [_TAIL, 1 - _TAIL], method="nearest"))
    unreached = float(np.mean(~np.isfinite(needed)))

    def concluded(outlook: Outlook, why: str, told: bool = False) -> LearningCurve:
        return LearningCurve(
            points=points,
            limit=1 - limit,
            target=target,
            outlook=outlook,
            rows_needed=round(estimate) if told else None,
            rows_interval=(math.floor(low), math.ceil(high)) if told and math.isfinite(high) else None,
            why=why,
        )

    now = f"accuracy {last.accuracy:.3f} with {last.rows:,} training rows"
    if last.accuracy >= target:
        return concluded("reached", f"a simple model reaches {target:g} already: {now}")
    if unreached > 1 - _UNREACHED:
        return concluded(
            "out_of_reach",
            f"more rows alone do not bring a simple model to {target:g}: {now}, and the curve levels off",
        )
    if unreached > _UNREACHED or not math.isfinite(high) or high > _FURTHEST * last.rows:
        return concluded("cannot_tell", f"how many rows {target:g} would take cannot be told: {now}")
    between = f"95 % interval {_round(low):,} to {_round(high):,}"
    about = f"about {_round(estimate):,} training rows for {target:g} ({between})"
    return concluded("more_rows", f"a simple model would need {about}: {now}", told=True)


def _round(rows: float) -> int:
    """Two significant digits: more would pretend to know them."""
    digits = max(len(str(round(rows))) - 2, 0)
    unit: int = 10**digits
    return round(rows / unit) * unit
