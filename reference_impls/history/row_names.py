"""Columns that name the row: every value is another, so there is nothing to learn from them for rows to come."""

import re

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
from numpy.typing import NDArray

from .base import History
from .leak import Leak

_DIFFERENT = 0.9
_EXPECTED_PAIRS = 10
_NAMED = re.compile(r"(^|[\W_])(id|uuid|guid|key|nr|no|number|index)$|[a-z]I[dD]$", re.IGNORECASE)


def row_names(history: History, known: set[str]) -> list[Leak]:
    """Finds categories and whole numbers of which nearly every row has its own.

    Args:
        history: With or without labels.
        known: Columns that were found already.
    """
    leaks = []
    for name, kind in history.kinds.items():
        if kind == "text" or name in known:
            continue
        if kind == "category":
            values = history.features[name].dropna()
            different = values.nunique() / max(1, len(values))
            names = different >= _DIFFERENT
        else:
            numbers = history.features[name].dropna().to_numpy(np.float64)
            different = len(pd.unique(numbers)) / max(1, len(numbers))
            names = different == 1 and _counts_rows(name, numbers)
            values = numbers
        if names and len(values) >= _ROWS:
            leaks.append(Leak((name,), "names the row", f"{different:.0%} of its {len(values):,} values differ", False))
    return leaks


_ROWS = 40


def _counts_rows(name: str, numbers: NDArray[np.float64]) -> bool:
    """Whether whole numbers without a repetition are names: by chance some would meet, or the column is called so."""
    if not len(numbers) or (np.mod(numbers, 1) != 0).any():
        return False
    span = float(np.ptp(numbers)) + 1
    # Drawn evenly from their span, n numbers have about n^2 / (2 span) pairs that are equal.
    return len(numbers) ** 2 / (2 * span) >= _EXPECTED_PAIRS or _NAMED.search(name) is not None
