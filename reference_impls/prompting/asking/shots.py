"""Chooses the worked examples of an input."""

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Literal

import numpy as np

from ...embedding.base import Embedder, Vectors
from ..items.base import Item

_AT_ONCE = 4_000_000
"""Similarities that are held at once."""


class Shots:
    """Examples, of which an input gets some.

    Args:
        examples: All of them, complete.
        count: How many an input gets.
        choose: `similar` takes those nearest to the input by cosine; `fixed` the first ones of the file.
        load: Loads the embedder; called when first needed.
    """

    def __init__(
        self, examples: Sequence[Item], count: int, choose: Literal["similar", "fixed"], load: Callable[[], Embedder]
    ) -> None:
        self._examples = tuple(examples)
        self._count = min(count, len(examples))
        self._choose = choose
        self._load = load

    @cached_property
    def _embedder(self) -> Embedder:
        return self._load()

    @cached_property
    def _vectors(self) -> Vectors:
        return self._embedder.encode_passages([example.input for example in self._examples])

    def of(self, inputs: Sequence[str]) -> list[tuple[Item, ...]]:
        """The examples of each input; the nearest stands last, next to the input."""
        if not self._count or self._choose == "fixed":
            return [self._examples[: self._count]] * len(inputs)
        return [
            tuple(self._examples[place] for place in reversed(places)) for places in self.nearest(inputs, self._count)
        ]

    def nearest(self, inputs: Sequence[str], count: int) -> list[list[int]]:
        """Places of the examples nearest to each input, the nearest first; ties go to the earlier example."""
        if not inputs or not self._examples:
            return [[] for _ in inputs]
        given = self._embedder.encode_passages(list(inputs))
        block = max(1, _AT_ONCE // len(self._examples))
        found: list[list[int]] = []
        for start in range(0, len(inputs), block):
            similar = given[start : start + block] @ self._vectors.T
            order = np.argsort(-similar, axis=1, kind="stable")[:, :count]
            found += [[int(place) for place in row] for row in order]
        return found

    def example(self, place: int) -> Item:
        """An example by its place."""
        return self._examples[place]
