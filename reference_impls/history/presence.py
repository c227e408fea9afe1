"""Columns whose very presence tells of the label: filled in only once it is known, or only for one label."""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import fisher_exact  # type: ignore[import-untyped]  # scipy has no types

from .base import History
from .leak import Leak

_FEWEST = 10
_FALL = 0.5
_CHANCE = 1e-6
"""Probability, over all columns, that chance alone shows as much."""
_ALIKE = 0.999


def presence_leaks(history: History, target: str, known: set[str]) -> list[Leak]:
    """Compares where columns are filled with where labels are known, and with what the labels are.

    Args:
        history: All rows, with and without labels.
        target: Name of the target.
        known: Columns that were found already.
    """
    labelled = np.isfinite(history.known)
    leaks = []
    level = _CHANCE / max(1, len(history.kinds))
    for name in history.kinds:
        present = history.features[name].notna().to_numpy()
        if present.all() or name in known:
            continue
        leak = _only_with_label(name, present, labelled, level)
        if leak is None:
            leak = (
                _only_for_one_label(name, present[labelled], history.target[labelled], target, level)
                if history.task == "classification"
                else _only_off_the_commonest(
                    name, present[labelled], history.target[labelled].astype(np.float64), target
                )
            )
        leaks += [leak] if leak else []
    return leaks


def _only_with_label(name: str, present: NDArray[np.bool_], labelled: NDArray[np.bool_], level: float) -> Leak | None:
    """Filled where the label is known, and not where it is not, among rows of the same time."""
    without = np.flatnonzero(~labelled)
    if len(without) < _FEWEST:
        return None
    # A sensor that broke some time ago is missing in the newest rows with a label as well.
    near = _nearest_labelled(labelled, without)
    if len(near) < _FEWEST:
        return None
    filled, filled_without = float(present[near].mean()), float(present[without].mean())
    if filled - filled_without < _FALL or filled_without > 0.1 * filled:
        return None
    counts = [
        [int(present[near].sum()), int((~present[near]).sum())],
        [int(present[without].sum()), int((~present[without]).sum())],
    ]
    if float(fisher_exact(counts, alternative="greater")[1]) > level:
        return None
    evidence = (
        f"filled in {filled:.0%} of {len(near):,} rows whose label is known, and in {filled_without:.0%} of "
        f"{len(without):,} rows of the same time whose label is not"
    )
    return Leak((name,), "is not known in time", evidence, True)


def _nearest_labelled(labelled: NDArray[np.bool_], without: NDArray[np.int64]) -> NDArray[np.int64]:
    """As many labelled rows as there are others, those that stand nearest before or among them."""
    rows = np.flatnonzero(labelled)
    end = int(np.searchsorted(rows, without[-1]))
    among = rows[int(np.searchsorted(rows, without[0])) : end]
    if len(among) >= max(30, len(without)):
        return among
    return rows[max(0, end - max(30, len(without))) : end]


def _only_for_one_label(
    name: str, present: NDArray[np.bool_], labels: NDArray[np.object_], target: str, level: float
) -> Leak | None:
    if present.sum() < _FEWEST:
        return None
    kinds, goal = np.unique(labels.astype(str), return_inverse=True)
    counts = np.bincount(goal[present], minlength=len(kinds))
    share = np.bincount(goal, minlength=len(kinds)) / len(goal)
    best = int(counts.argmax())
    # Were presence independent of the label, all filled rows would have this one with the probability share^n.
    if counts[best] < present.sum() or present.sum() * np.log(max(share[best], 1e-300)) > np.log(level):
        return None
    evidence = (
        f"filled in {int(present.sum()):,} rows, in all of which {target} is {str(kinds[best])!r}, as it is in "
        f"{share[best]:.0%} of all rows"
    )
    return Leak((name,), "is not known in time", evidence, True)


def _only_off_the_commonest(
    name: str, present: NDArray[np.bool_], goal: NDArray[np.float64], target: str
) -> Leak | None:
    values, counts = np.unique(goal, return_counts=True)
    common = float(values[counts.argmax()])
    other = goal != common
    # Without a value that many rows share, a single row is the commonest, and any gap would fit it.
    if min(int(other.sum()), int((~other).sum())) < max(_FEWEST, 0.02 * len(other)):
        return None
    alike = float((present == other).mean())
    if alike < _ALIKE:
        return None
    evidence = f"filled exactly where {target} is not {common:g}, in {alike:.2%} of rows"
    return Leak((name,), "is not known in time", evidence, True)
