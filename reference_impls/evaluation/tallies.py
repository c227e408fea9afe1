"""Measures that are no mean over items (F1 and the like): made of counts, so that items can be drawn again quickly."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from .bootstrap import RESAMPLES, SEED

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Value = Callable[[Floats], Floats]
"""A measure: from counts, float64 [draws, columns], to its value for each draw, float64 [draws]."""

_NUMBERS_AT_ONCE = 4_000_000


@dataclass(frozen=True)
class Tally:
    """What an item of each kind adds to the counts; items that add the same are of one kind.

    Attributes:
        columns: How many counts there are.
        kind: The kind that an entry belongs to, int64 [entries].
        column: The count that it adds to, int64 [entries].
        amount: How much it adds, float64 [entries].
    """

    columns: int
    kind: Integers
    column: Integers
    amount: Floats

    def counts(self, drawn: Floats) -> Floats:
        """The counts of draws: float64 [draws, columns].

        Args:
            drawn: How many items of each kind a draw holds, float64 [draws, kinds].
        """
        order = np.argsort(self.column, kind="stable")
        columns, starts = np.unique(self.column[order], return_index=True)
        found = np.zeros((len(drawn), self.columns))
        if len(columns):
            found[:, columns] = np.add.reduceat(drawn[:, self.kind[order]] * self.amount[order], starts, axis=1)
        return found


def with_units(
    kind: Integers, unit: Integers | None, kinds: int, tallies: tuple[Tally, ...]
) -> tuple[Floats, tuple[Tally, ...]]:
    """How many items of each kind there are; units of several items stand behind, each as a kind of its own.

    Args:
        kind: The kind of each item, int64 [items].
        unit: The number of its unit, int64 [items]; None where each item is one.
        kinds: How many kinds the tallies have.
        tallies: One for each system.

    Returns:
        float64 [kinds + units of several items], and the tallies over these kinds.
    """
    alone = np.ones(len(kind), dtype=bool) if unit is None else np.bincount(unit)[unit] == 1
    items = np.bincount(kind[alone], minlength=kinds).astype(np.float64)
    if unit is None:
        return items, tallies
    names, number = np.unique(unit[~alone], return_inverse=True)
    whole = tuple(_of_units(tally, kinds, kind[~alone], number) for tally in tallies)
    return np.concatenate([items, np.ones(len(names))]), whole


def _of_units(tally: Tally, kinds: int, kind: Integers, unit: Integers) -> Tally:
    """The tally, with units behind its kinds, which add what their items do."""
    order = np.argsort(tally.kind, kind="stable")
    starts = np.searchsorted(tally.kind[order], np.arange(kinds + 1))
    lengths = np.diff(starts)[kind]
    # The entries of the first item, then those of the second, and so on.
    within = np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)
    entry = order[np.repeat(starts[kind], lengths) + within]
    cells, cell = np.unique(np.repeat(unit, lengths) * tally.columns + tally.column[entry], return_inverse=True)
    return Tally(
        tally.columns,
        np.concatenate([tally.kind, kinds + cells // tally.columns]),
        np.concatenate([tally.column, cells % tally.columns]),
        np.concatenate([tally.amount, np.bincount(cell, weights=tally.amount[entry], minlength=len(cells))]),
    )


def draw_again(
    items: Floats, tallies: tuple[Tally, ...], value: Value, resamples: int = RESAMPLES, seed: int = SEED
) -> Floats:
    """A measure of one or more systems on the same items, drawn again with replacement.

    Args:
        items: How many items of each kind there are, float64 [kinds]; parts of an item may stand for made-up ones. A
            draw holds as many items as all together, rounded.
        tallies: One for each system, over the same kinds.
        value: The measure.
        resamples: How many draws.
        seed: The same seed and items give the same draws.

    Returns:
        float64 [systems, resamples].
    """
    parts = [[value(tally.counts(drawn)) for tally in tallies] for drawn in _draws(items, tallies, resamples, seed)]
    return np.concatenate([np.stack(part) for part in parts], axis=1)


def value_of(items: Floats, tally: Tally, value: Value) -> float:
    """A measure of one system on the items as they are."""
    return float(value(tally.counts(items[None, :]))[0])


def _draws(items: Floats, tallies: tuple[Tally, ...], resamples: int, seed: int) -> Iterator[Floats]:
    """How many items of each kind every draw holds: blocks of float64 [draws, kinds] that fit into memory."""
    draw = np.random.default_rng(seed)
    total = float(items.sum())
    width = max(len(items), *(len(tally.kind) for tally in tallies), *(tally.columns for tally in tallies))
    block = max(1, _NUMBERS_AT_ONCE // width)
    for start in range(0, resamples, block):
        size = min(block, resamples - start)
        yield draw.multinomial(round(total), items / total, size=size).astype(np.float64)
