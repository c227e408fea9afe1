"""The leakage check: columns that give the target away, come only with the label, stand for time, or name the row."""

from collections.abc import Iterable
from dataclasses import replace

import numpy as np

from ..project_base.errors import UserError
from .base import FARTHEST, History
from .giveaways import giveaways
from .leak import FEWEST_ROWS, Leak
from .presence import presence_leaks
from .row_names import row_names
from .settings import Settings
from .sums import exact_sums
from .time_columns import time_columns

__all__ = ["Leak", "find_leaks", "refuse_leaks", "without"]


def find_leaks(history: History, settings: Settings) -> tuple[Leak, ...]:
    """Looks for columns that leak, the blocking ones first.

    Args:
        history: With labels; rows without one show which columns come only with the label.
        settings: `target` is its name in what is told.
    """
    history = _bounded(history)
    labelled = history.take(np.flatnonzero(np.isfinite(history.known)))
    name = settings.target or "the target"
    leaks: list[Leak] = []
    if len(labelled) >= FEWEST_ROWS:
        leaks += exact_sums(labelled, name)
        leaks += giveaways(labelled, name, {column for leak in leaks for column in leak.columns})
        leaks += presence_leaks(history, name, {leak.columns[0] for leak in leaks if len(leak.columns) == 1})
    if len(history) >= FEWEST_ROWS:
        leaks += time_columns(history)
        leaks += row_names(history, {column for leak in leaks for column in leak.columns})
    return tuple(sorted(leaks, key=lambda leak: not leak.blocking))


def _bounded(history: History) -> History:
    """The history with numbers that squares and trees can take, as predictors take them."""
    numbers = [name for name, kind in history.kinds.items() if kind == "number"]
    far = bool((np.abs(history.features[numbers].to_numpy(np.float64)) > FARTHEST).any()) if numbers else False
    if far:
        features = history.features.copy()
        features[numbers] = features[numbers].clip(-FARTHEST, FARTHEST)
        history = replace(history, features=features)
    if history.task == "regression":
        history = replace(history, target=np.clip(history.target.astype(np.float64), -FARTHEST, FARTHEST))
    return history


def refuse_leaks(leaks: Iterable[Leak], settings: Settings) -> None:
    """Stops where a leak is blocking and the settings refuse leaks.

    Raises:
        UserError: There is such a leak.
    """
    blocking = [leak for leak in leaks if leak.blocking]
    if not blocking or settings.leaks != "refuse":
        return
    columns = ", ".join(dict.fromkeys(name for leak in blocking for name in leak.columns))
    ignore = ", ".join(part for part in (settings.ignore, columns) if part)
    raise UserError(
        "a model would learn from what is not known when it predicts:\n"
        + "\n".join(f"       {leak}" for leak in blocking),
        f"set history.ignore to {ignore}; where these are known in time after all, set history.leaks to warn",
    )


def without(history: History, columns: Iterable[str]) -> History:
    """The history without some feature columns; those that it does not have are passed over."""
    gone = set(columns)
    kept = [name for name in history.kinds if name not in gone]
    return replace(history, features=history.features[kept], kinds={name: history.kinds[name] for name in kept})
