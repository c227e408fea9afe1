"""Which rows to ask the labels of: half those that a model is least sure of, half drawn at random.

The random half sees a change where the model is sure: Zliobaite, Bifet, Pfahringer, Holmes (2014), Active learning with
drifting streaming data (the strategy Split). A regression is not unsure of anything; all of its rows are drawn.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

_DOUBTFUL = 0.5


def unsure_of(probabilities: NDArray[np.float64]) -> NDArray[np.float64]:
    """How unsure a model is of each row: 1 less the margin between its two likeliest classes.

    Args:
        probabilities: [n, classes].

    Returns:
        [n], in [0, 1]; 0 where there is one class alone.
    """
    if probabilities.shape[1] < 2:
        return np.zeros(len(probabilities))
    likeliest = np.partition(probabilities, -2, axis=1)[:, -2:]
    return np.asarray(1.0 - (likeliest[:, 1] - likeliest[:, 0]), dtype=np.float64)


def rows_to_ask(
    rows: int, unsure: NDArray[np.float64] | None, count: int, generator: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Chooses rows whose labels are worth most.

    Args:
        rows: How many there are to choose from.
        unsure: [rows] How unsure the model is of each; None has all of them drawn.
        count: How many labels may be asked for, at most `rows`.
        generator: Draws.

    Returns:
        Positions of those that the model is least sure of, and of those that were drawn.
    """
    doubtful: NDArray[Any] = np.zeros(0, dtype=np.int64)
    if unsure is not None:
        doubtful = np.argsort(-unsure, kind="stable")[: round(_DOUBTFUL * count)]
    rest = np.setdiff1d(np.arange(rows), doubtful)
    drawn = generator.choice(rest, count - len(doubtful), replace=False) if count else rest[:0]
    return doubtful.astype(np.int64), drawn.astype(np.int64)
