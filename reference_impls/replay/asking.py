"""Which rows to ask the labels of: half drawn at random, half those that a model is least sure of.

The random half sees a change where the model is sure: Zliobaite, Bifet, Pfahringer, Holmes (2014), Active learning with
drifting streaming data (the strategy Split). A regression is not unsure of anything; all of its rows are drawn.
"""

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
        Positions of those that the model is least sure of, of what is not drawn, and of those that were drawn from all.
    """
    if unsure is None:
        return np.zeros(0, dtype=np.int64), generator.choice(rows, count, replace=False).astype(np.int64)
    # Drawn first, and from all: what they show is then true of all rows.
    drawn = generator.choice(rows, count - round(_DOUBTFUL * count), replace=False).astype(np.int64)
    least_sure = np.argsort(-unsure, kind="stable").astype(np.int64)
    return least_sure[~np.isin(least_sure, drawn)][: count - len(drawn)], drawn
