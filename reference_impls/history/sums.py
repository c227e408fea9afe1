"""Sums and products of columns that equal the target: bookings = casual + registered, amount = price x quantity."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .base import History
from .leak import Leak

_ROWS = 4000
_EXACT = 1e-3
"""Residual as a share of the spread of the target, on rows that were not fitted: what rounding leaves, and no noise."""
_MOST_TERMS = 10
_MOST_FOUND = 4
_PRESENT = 0.5


def exact_sums(history: History, target: str) -> list[Leak]:
    """Finds number columns whose weighted sum or product is the target, up to rounding.

    Orthogonal matching pursuit (Pati, Rezaiifar and Krishnaprasad 1993) takes the column that explains most of what
    is left; what it finds must hold on the half of the rows that it has not seen, and loses every term that is not
    needed.

    Args:
        history: Rows with labels alone; regression, or nothing is found.
        target: Name of the target.
    """
    if history.task != "regression":
        return []
    rows = np.sort(np.random.default_rng(0).permutation(len(history))[:_ROWS])
    part = history.take(rows)
    names, values, goal = _complete(part)
    leaks: list[Leak] = []
    for logs in (False, True):
        left = [name for name in names if not any(name in leak.columns for leak in leaks)]
        while left and len(leaks) < _MOST_FOUND:
            chosen, matrix, wanted = _prepared(left, names, values, goal, logs)
            found = _pursuit(matrix, wanted)
            if not found:
                break
            leaks.append(_leak(found, chosen, matrix, wanted, target, logs, len(wanted)))
            left = [name for name in left if name not in leaks[-1].columns]
    return leaks


def _complete(part: History) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    """The number columns that are mostly there, [n, k], and the target, in the rows where all are."""
    names = [name for name, kind in part.kinds.items() if kind == "number"]
    values = part.features[names].to_numpy(np.float64) if names else np.empty((len(part), 0))
    present = ~np.isnan(values)
    keep = present.mean(axis=0) >= _PRESENT if len(part) else np.zeros(len(names), dtype=bool)
    # Columns with many gaps go first, until enough rows are whole.
    for place in np.argsort(present.mean(axis=0), kind="stable") if names else []:
        if present[:, keep].all(axis=1).sum() >= max(30, 0.4 * len(part)):
            break
        keep[place] = False
    whole = present[:, keep].all(axis=1)
    kept = [name for name, stays in zip(names, keep, strict=True) if stays]
    return kept, values[np.ix_(whole, keep)], part.target[whole].astype(np.float64)


def _prepared(
    left: Sequence[str], names: Sequence[str], values: NDArray[np.float64], goal: NDArray[np.float64], logs: bool
) -> tuple[list[str], NDArray[np.float64], NDArray[np.float64]]:
    places = [names.index(name) for name in left]
    matrix = values[:, places]
    if not logs:
        return list(left), matrix, goal
    positive = (matrix > 0).mean(axis=0) > 0.5
    chosen = [name for name, stays in zip(left, positive, strict=True) if stays]
    matrix = matrix[:, positive]
    rows = (matrix > 0).all(axis=1) & (goal > 0)
    return chosen, np.log(matrix[rows]), np.log(goal[rows])


def _pursuit(matrix: NDArray[np.float64], goal: NDArray[np.float64]) -> list[int]:
    """The columns whose weighted sum with a constant is the goal; empty where there are none."""
    rows, columns = matrix.shape
    half = rows // 2
    if half < 15 or not columns or np.ptp(goal) == 0:
        return []
    order = np.random.default_rng(0).permutation(rows)
    fit, check = order[:half], order[half:]
    spread = np.ptp(matrix[fit], axis=0)
    usable = np.flatnonzero(spread > 1e-12 * np.maximum(1.0, np.abs(matrix[fit]).max(axis=0)))
    if not len(usable):
        return []
    centred = matrix[fit][:, usable] - matrix[fit][:, usable].mean(axis=0)
    scaled = centred / np.linalg.norm(centred, axis=0)
    rest = goal[fit] - goal[fit].mean()
    chosen: list[int] = []
    while len(chosen) < min(_MOST_TERMS, len(usable), half // 5):
        gain = np.abs(scaled.T @ rest)
        gain[chosen] = -1.0
        chosen.append(int(gain.argmax()))
        part = scaled[:, chosen]
        weights = np.linalg.lstsq(part, goal[fit] - goal[fit].mean(), rcond=None)[0]
        rest = goal[fit] - goal[fit].mean() - part @ weights
        if np.linalg.norm(rest) <= _EXACT * np.linalg.norm(goal[fit] - goal[fit].mean()):
            break
    found = [int(usable[place]) for place in chosen]
    if not _holds(matrix, goal, found, fit, check):
        return []
    for column in list(found):
        fewer = [other for other in found if other != column]
        if fewer and _holds(matrix, goal, fewer, fit, check):
            found = fewer
    return found


def _weights(matrix: NDArray[np.float64], goal: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of each column and, last, of the constant."""
    design = np.column_stack([matrix, np.ones(len(matrix))])
    scale = np.maximum(np.abs(design).max(axis=0), 1e-300)
    weights: NDArray[np.float64] = np.linalg.lstsq(design / scale, goal, rcond=None)[0] / scale
    return weights


def _holds(
    matrix: NDArray[np.float64],
    goal: NDArray[np.float64],
    columns: list[int],
    fit: NDArray[np.int64],
    check: NDArray[np.int64],
) -> bool:
    weights = _weights(matrix[fit][:, columns], goal[fit])
    rest: NDArray[np.float64] = goal[check] - matrix[check][:, columns] @ weights[:-1] - weights[-1]
    spread = float(goal[check].std())
    return spread > 0 and float(np.sqrt(np.mean(rest**2))) <= _EXACT * spread


def _leak(
    found: list[int],
    names: Sequence[str],
    matrix: NDArray[np.float64],
    goal: NDArray[np.float64],
    target: str,
    logs: bool,
    rows: int,
) -> Leak:
    weights = _weights(matrix[:, found], goal)
    columns = tuple(names[place] for place in found)
    terms = sorted(zip(columns, weights[:-1].tolist(), strict=True))
    constant = float(weights[-1])
    formula = _product(terms, constant) if logs else _sum(terms, constant, float(goal.std()))
    return Leak(
        tuple(name for name, _ in terms),
        "gives the target away",
        f"{formula} is {target} up to rounding, in {rows:,} rows that were looked at",
        True,
    )


def _sum(terms: Sequence[tuple[str, float]], constant: float, spread: float) -> str:
    told = ""
    for name, weight in terms:
        sign = ("-" if weight < 0 else "") if not told else (" - " if weight < 0 else " + ")
        told += sign + ("" if abs(abs(weight) - 1) < 1e-3 else f"{abs(weight):.4g} x ") + name
    if abs(constant) > 1e-3 * spread:
        told += f" {'-' if constant < 0 else '+'} {abs(constant):.4g}"
    return told


def _product(terms: Sequence[tuple[str, float]], constant: float) -> str:
    told: list[Any] = [] if abs(constant) < 1e-3 else [f"{np.exp(constant):.4g}"]
    told += [name if abs(power - 1) < 1e-3 else f"{name}^{power:.3g}" for name, power in terms]
    return " x ".join(told)
