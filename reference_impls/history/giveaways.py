"""Single columns from which the target follows, by whatever rule: a code of the label, its rank, a copy in words."""

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray
from scipy.stats import rankdata  # type: ignore[import-untyped]  # scipy has no types
from sklearn.tree import (  # type: ignore[import-untyped]  # scikit-learn has no types
    DecisionTreeClassifier,
    DecisionTreeRegressor,
)

from .base import History
from .leak import Leak

_ROWS = 20_000
_LEAVES = 64
_SURE, _SUSPICIOUS = 0.999, 0.98
"""Share of the errors of the best guess without the column that the column removes, on rows that were not fitted."""
_SAME_ORDER = 1 - 1e-5
_NEARLY = 0.99
_MANY_VALUES = 50
_FEWEST_OTHERS = 10
"""Fewer rows that the best guess without the column misses show nothing that chance does not show as well."""


def giveaways(history: History, target: str, known: set[str]) -> list[Leak]:
    """Predicts the target from each column alone, on rows that were not fitted.

    Numbers are cut by a small tree (a missing value is a value), categories take what is commonest for them.

    Args:
        history: Rows with labels alone.
        target: Name of the target.
        known: Columns that were found already.
    """
    order = np.random.default_rng(0).permutation(len(history))[:_ROWS]
    part = history.take(np.sort(order))
    test = np.zeros(len(part), dtype=bool)
    test[np.random.default_rng(1).permutation(len(part))[: len(part) // 2]] = True
    leaks = []
    for name, kind in part.kinds.items():
        if kind == "text" or name in known:
            continue
        codes = _as_numbers(part, name)
        leak = (
            _of_label(name, codes, kind == "number", part.target, test, target)
            if part.task == "classification"
            else _of_number(name, codes, kind == "number", part.target.astype(np.float64), test, target)
        )
        leaks += [leak] if leak else []
    return leaks


def _as_numbers(part: History, name: str) -> NDArray[np.float64]:
    """[n] Numbers with missing ones below all others, or the code of each category."""
    if part.kinds[name] == "number":
        values = part.features[name].to_numpy(np.float64)
        low = float(np.nanmin(values)) if not np.isnan(values).all() else 0.0
        span = float(np.nanmax(values)) - low if not np.isnan(values).all() else 1.0
        # So far below that it is another number even where all are huge.
        return np.where(np.isnan(values), low - span - max(1.0, abs(low)), values)
    codes: NDArray[np.float64] = pd.factorize(part.features[name].to_numpy(object))[0].astype(np.float64)
    return codes


def _of_label(
    name: str,
    codes: NDArray[np.float64],
    number: bool,
    labels: NDArray[np.object_],
    test: NDArray[np.bool_],
    target: str,
) -> Leak | None:
    classes, goal = np.unique(labels.astype(str), return_inverse=True)
    counts = np.bincount(goal[~test], minlength=len(classes))
    guess = int(counts.argmax())
    base_errors = int((goal[test] != guess).sum())
    if base_errors < _FEWEST_OTHERS:
        return None
    predicted = _tree(codes, goal, test, True) if number else _commonest(codes, goal, test, guess)
    errors = int((predicted != goal[test]).sum())
    removed = 1 - errors / base_errors
    if removed >= _SUSPICIOUS:
        right, by_guess = (1 - wrong / int(test.sum()) for wrong in (errors, base_errors))
        evidence = f"alone it tells {target} in {right:.2%} of rows, where guessing tells it in {by_guess:.2%}"
        return Leak((name,), "gives the target away", evidence, removed >= _SURE)
    return _of_one_label(name, codes, goal, classes, target)


def _of_one_label(
    name: str, codes: NDArray[np.float64], goal: NDArray[np.int64], classes: NDArray[np.str_], target: str
) -> Leak | None:
    """A column of two values that says whether the label is a certain one: one of several such columns."""
    values, sides = np.unique(codes, return_inverse=True)
    if len(values) != 2 or len(classes) < 3:
        return None
    for place in range(len(classes)):
        is_class = goal == place
        agree = float((is_class == (sides == 1)).mean())
        if min(is_class.sum(), (~is_class).sum()) >= 20 and max(agree, 1 - agree) >= 1 - 1e-3:
            told = f"its two values say whether {target} is {str(classes[place])!r}"
            evidence = f"{told}, in {max(agree, 1 - agree):.2%} of rows"
            return Leak((name,), "gives the target away", evidence, True)
    return None


def _of_number(
    name: str, codes: NDArray[np.float64], number: bool, goal: NDArray[np.float64], test: NDArray[np.bool_], target: str
) -> Leak | None:
    left = float(((goal[test] - goal[~test].mean()) ** 2).sum())
    if left <= 0 or len(goal[test]) - np.unique(goal[test], return_counts=True)[1].max() < _FEWEST_OTHERS:
        return None
    if number and len(np.unique(codes)) > _MANY_VALUES:
        same = abs(_rank_correlation(codes, goal))
        if same >= _SAME_ORDER:
            evidence = f"it puts the rows in the very order of {target} (rank correlation {same:.6f})"
            return Leak((name,), "gives the target away", evidence, True)
    predicted = _tree(codes, goal, test, False) if number else _mean(codes, goal, test)
    explained = 1 - float(((goal[test] - predicted) ** 2).sum()) / left
    if explained < _NEARLY:
        return None
    evidence = f"alone it explains {explained:.3%} of the variance of {target}, on rows that were not fitted"
    return Leak((name,), "gives the target away", evidence, explained >= 1 - 1e-6)


def _tree(
    codes: NDArray[np.float64], goal: NDArray[np.generic], test: NDArray[np.bool_], labels: bool
) -> NDArray[np.float64]:
    kind = DecisionTreeClassifier if labels else DecisionTreeRegressor
    tree = kind(max_leaf_nodes=_LEAVES if labels else 4 * _LEAVES, min_samples_leaf=3, random_state=0)
    tree.fit(codes[~test, None], goal[~test])
    predicted: NDArray[np.float64] = tree.predict(codes[test, None])
    return predicted


def _commonest(
    codes: NDArray[np.float64], goal: NDArray[np.int64], test: NDArray[np.bool_], guess: int
) -> NDArray[np.int64]:
    places = codes.astype(np.int64) + 1
    counts = np.zeros((int(places.max()) + 1, int(goal.max()) + 1))
    np.add.at(counts, (places[~test], goal[~test]), 1)
    best = np.where(counts.sum(axis=1) > 0, counts.argmax(axis=1), guess)
    found: NDArray[np.int64] = best[places[test]]
    return found


def _mean(codes: NDArray[np.float64], goal: NDArray[np.float64], test: NDArray[np.bool_]) -> NDArray[np.float64]:
    places = codes.astype(np.int64) + 1
    size = int(places.max()) + 1
    counts = np.bincount(places[~test], minlength=size)
    sums = np.bincount(places[~test], weights=goal[~test], minlength=size)
    means = np.where(counts > 0, sums / np.maximum(counts, 1), goal[~test].mean())
    found: NDArray[np.float64] = means[places[test]]
    return found


def _rank_correlation(first: NDArray[np.float64], second: NDArray[np.float64]) -> float:
    return float(np.corrcoef(rankdata(first), rankdata(second))[0, 1])
