"""Rows of which most values are 0, with numpy alone, so that a model of word counts loads and answers at once."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_MOST_WEIGHTS = 10_000_000


def affordable(most: int, labels: int) -> int:
    """How many columns a regression may have, so that its search takes no more than about a gigabyte.

    Args:
        most: As the settings have it.
        labels: How many labels there are, each with a weight for each column.
    """
    return max(1, min(most, _MOST_WEIGHTS // labels))


@dataclass(frozen=True)
class SparseRows:
    """Rows with few values each, as in a compressed sparse row matrix.

    Attributes:
        starts: Where each row begins in `columns` and `values`, and where the last one ends: int64 [n + 1].
        columns: Column of each value, int64.
        values: float32.
        width: Number of columns.
    """

    starts: Integers
    columns: Integers
    values: Floats
    width: int

    def __len__(self) -> int:
        return len(self.starts) - 1

    def rows(self, places: Integers) -> "SparseRows":
        """Some of the rows, in the given order."""
        counts = np.diff(self.starts)[places]
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
        inner = np.arange(starts[-1]) - np.repeat(starts[:-1] - self.starts[places], counts)
        return SparseRows(starts, self.columns[inner], self.values[inner], self.width)

    def transposed(self) -> "SparseRows":
        """The same values, by column."""
        order = np.argsort(self.columns, kind="stable")
        owners = np.repeat(np.arange(len(self), dtype=np.int64), np.diff(self.starts))
        counts = np.bincount(self.columns, minlength=self.width)
        starts = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(counts)])
        return SparseRows(starts, owners[order], self.values[order], len(self))

    def times(self, right: Floats) -> Floats:
        """The product with a matrix, float32 [n, m]; needs numpy alone, for prediction.

        Args:
            right: float32 [width, m].
        """
        product = np.zeros((len(self), right.shape[1]), dtype=np.float32)
        for row in range(len(self)):
            piece = slice(self.starts[row], self.starts[row + 1])
            product[row] = self.values[piece] @ right[self.columns[piece]]
        return product
