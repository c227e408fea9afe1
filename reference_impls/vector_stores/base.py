"""The contract that every vector store keeps."""

from pathlib import Path
from typing import Protocol, Self

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from .settings import Settings

Vectors = NDArray[np.float32]
Positions = NDArray[np.int64]
Mask = NDArray[np.bool_]


class VectorStore(Protocol):
    """Vectors under the positions 0 to n - 1, searched by inner product; rows are expected to have length 1.

    A store is built once from all its vectors and never changed afterwards; the index on disk is replaced as a whole.
    """

    @classmethod
    def build(cls, vectors: Vectors, settings: Settings) -> Self:
        """Makes a store.

        Args:
            vectors: float32 [n, dimension]; n may be 0.
            settings: Of this room.
        """
        ...

    @classmethod
    def load(cls, folder: Path, settings: Settings) -> Self:
        """Opens what `save` wrote.

        Raises:
            UserError: The files are missing or damaged.
        """
        ...

    @classmethod
    def discard(cls, folder: Path, settings: Settings) -> frozenset[str]:
        """Removes what a saved store keeps outside its folder, which its owner then removes; never fails.

        Args:
            folder: Where `save` wrote, perhaps not to the end.
            settings: Of this room.

        Returns:
            Names of the files that must stay, since they alone tell what could not be removed; else none.
        """
        ...

    def save(self, folder: Path) -> None:
        """Writes the store's files into an existing folder, each under a temporary name and renamed.

        Raises:
            OSError: No permission or no space.
        """
        ...

    def search(self, query: Vectors, count: int, visible: Mask | None = None) -> tuple[Vectors, Positions]:
        """Finds the nearest rows of one query.

        Args:
            query: float32 [dimension], length 1.
            count: How many rows at most.
            visible: bool [n], the rows that take part; None is all. What is not visible is left out before ranking.

        Returns:
            Scores float32 [m] and positions int64 [m], best first, m = min(count, visible rows); equal scores by
            position. An approximate index may miss a near row for one that is farther off; what it returns has its
            exact score.

        Raises:
            UserError: The query has another dimension than the rows, or the store cannot be reached.
        """
        ...

    def scores(self, query: Vectors, positions: Positions) -> Vectors:
        """Inner products of one query, float32 [dimension], with the rows int64 [m]: float32 [m].

        Raises:
            UserError: As `search`.
        """
        ...

    def vectors(self) -> Vectors:
        """All vectors, float32 [n, dimension], so that unchanged chunks need not be embedded again."""
        ...


def check_query(query: Vectors, dimension: int) -> None:
    """Refuses a query that cannot be compared with the rows of a store.

    Raises:
        UserError: The query is not float [dimension].
    """
    if query.shape != (dimension,):
        raise UserError(
            f"a query of shape {query.shape} cannot be compared with vectors of {dimension} numbers",
            f"use the embedder that the index was built with, or build it again: {command_line('index --rebuild')}",
        )
