"""Finds all sets that are similar to one another, without missing a pair and without comparing all pairs.

Sets that are similar enough share one of their rarest members, so only these are looked up; sizes, places and parities
then leave few pairs to count (Bayardo, Ma, Srikant 2007, Scaling up all pairs similarity search; Xiao, Wang, Lin, Yu
2008, Efficient similarity joins for near duplicate detection).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..project_base.optional import require

_CANDIDATES_AT_ONCE = 400_000
_ROUNDING = 1e-9
_BITS = 256
_ROWS_AT_ONCE = 10_000

Integers = NDArray[np.int64]
Members = NDArray[np.uint32]


@dataclass(frozen=True)
class Sets:
    """Sets of hashed members.

    Attributes:
        matrix: Sparse, with a row of ones for each set; rarer members stand first in a row.
        sizes: int64 [sets]
        parities: uint16 [sets, 16]; 256 bits that say whether an even or odd number of members falls on each.
    """

    matrix: Any
    sizes: Integers
    parities: NDArray[np.uint16]

    @classmethod
    def of(cls, blocks: Iterable[tuple[Integers, Members]], count: int) -> Self:
        """Makes the sets.

        Args:
            blocks: The number of the set, ascending over all blocks, and the hash of each member, none twice in a set.
            count: How many sets there are; some may be empty.
        """
        sparse = require("scipy.sparse", "scipy>=1.11")
        given = [(np.empty(0, dtype=np.int64), np.empty(0, dtype=np.uint32)), *blocks]
        owners = np.concatenate([owner for owner, _ in given])
        members = np.concatenate([member for _, member in given])
        known = distinct(members)
        numbers = np.searchsorted(known, members)
        rank = np.empty(len(known), dtype=np.int32)
        rank[np.argsort(np.bincount(numbers, minlength=len(known)), kind="stable")] = np.arange(len(known))
        sizes = np.bincount(owners, minlength=count).astype(np.int64)
        matrix = sparse.csr_matrix(
            (np.ones(len(owners), dtype=np.int32), rank[numbers], np.concatenate(([0], np.cumsum(sizes)))),
            shape=(count, len(known)),
        )
        matrix.sort_indices()
        return cls(matrix, sizes, _parities(members, sizes))

    def similarities(self, first: Integers, second: Integers) -> NDArray[np.float64]:
        """The Jaccard index of each pair of sets, shared members divided by all: float64 [pairs]."""
        if not len(first):
            return np.empty(0)
        shared = np.asarray(self.matrix[first].multiply(self.matrix[second]).sum(axis=1)).ravel()
        return np.asarray(shared / np.maximum(self.sizes[first] + self.sizes[second] - shared, 1))

    def fewest_apart(self, first: Integers, second: Integers) -> Integers:
        """A lower bound on how many members stand in one set of each pair alone, int64 [pairs]."""
        differing = self.parities[first] ^ self.parities[second]
        return np.asarray(_ONES[differing].sum(axis=1, dtype=np.int64))


def distinct(values: NDArray[Any]) -> NDArray[Any]:
    """The distinct values, ascending; np.unique takes several times as long for whole numbers."""
    ordered = np.sort(values)
    return ordered[np.concatenate(([True], ordered[1:] != ordered[:-1]))] if len(ordered) else ordered


def _parities(members: Members, sizes: Integers) -> NDArray[np.uint16]:
    ends = np.cumsum(sizes)
    blocks = [np.empty((0, _BITS // 16), dtype=np.uint16)]
    for start in range(0, len(sizes), _ROWS_AT_ONCE):
        count = sizes[start : start + _ROWS_AT_ONCE]
        here = members[ends[start] - sizes[start] : ends[start + len(count) - 1]]
        place = np.repeat(np.arange(len(count)), count) * _BITS + (here % _BITS)
        odd = (np.bincount(place, minlength=len(count) * _BITS) & 1).astype(np.uint8).reshape(len(count), _BITS)
        blocks.append(np.packbits(odd, axis=1).view(np.uint16))
    return np.concatenate(blocks)


@dataclass(frozen=True)
class _LookedUp:
    """What is looked up of each row, its rarest runs, in the order of the runs and then of the rows' sizes.

    Attributes:
        row: int64 [entries]
        place: int64 [entries]; how many rarer runs the row has.
        token: int64 [entries]; the run.
    """

    row: Integers
    place: Integers
    token: Integers

    @classmethod
    def of(cls, sets: Sets, least: float) -> "_LookedUp":
        sizes, starts = sets.sizes, sets.matrix.indptr.astype(np.int64)
        # A similar text shares at least least * size of the runs, so it cannot miss all of these.
        count = np.where(sizes > 0, sizes - np.ceil(least * sizes - _ROUNDING).astype(np.int64) + 1, 0)
        row = np.repeat(np.arange(len(sizes)), count)
        place = np.arange(len(row)) - np.repeat(np.cumsum(count) - count, count)
        token = sets.matrix.indices[starts[row] + place].astype(np.int64)
        order = np.lexsort((row, sizes[row], token))
        return cls(row[order], place[order], token[order])


def join_similar(sets: Sets, least: float) -> Integers:
    """The lowest row of all that are linked by similarities of at least `least`: int64 [rows]."""
    entries = _LookedUp.of(sets, least)
    root = np.arange(len(sets.sizes), dtype=np.int64)
    waiting: list[Integers] = []
    count = 0
    # Each entry is compared with those behind it, one a round, as far as they have its run and may be similar.
    entry = np.arange(len(entries.row))
    other = entry + 1
    beyond = entry + 1
    while True:
        known = other < len(entries.row)
        entry, other = entry[known], other[known]
        together = root[entries.row[entry]] == root[entries.row[other]]
        # Whole families of texts are passed over at once: their pairs are beyond number.
        other = np.where(together, beyond[other], other)
        known = other < len(entries.row)
        entry, other = entry[known], other[known]
        first, second = entries.row[entry], entries.row[other]
        alike = entries.token[entry] == entries.token[other]
        alike &= sets.sizes[first] >= least * sets.sizes[second] - _ROUNDING
        entry, other = entry[alike], other[alike]
        close = _may_be_similar(sets, entries, entry, other, least)
        first, second = entries.row[entry[close]], entries.row[other[close]]
        waiting.append(np.minimum(first, second) * len(root) + np.maximum(first, second))
        count += len(first)
        if count >= _CANDIDATES_AT_ONCE or not len(entry):
            first, second = np.divmod(distinct(np.concatenate(waiting)), len(root))
            similar = sets.similarities(first, second) >= least - _ROUNDING
            root = linked(root, first[similar], second[similar])
            waiting, count = [], 0
            beyond = _next_other(root[entries.row])
        if not len(entry):
            return root
        other = other + 1


def _may_be_similar(
    sets: Sets, entries: _LookedUp, entry: Integers, other: Integers, least: float
) -> NDArray[np.bool_]:
    """Whether pairs of entries can be similar, by the places of their runs and the parities; bool [pairs]."""
    first, second = entries.row[entry], entries.row[other]
    total = sets.sizes[first] + sets.sizes[second]
    needed = np.ceil(total * least / (1 + least) - _ROUNDING).astype(np.int64)
    left = np.minimum(sets.sizes[first] - entries.place[entry], sets.sizes[second] - entries.place[other])
    possible = np.asarray(left >= needed)
    # Of all runs of the two, at most total - 2 * needed stand in one alone.
    apart = sets.fewest_apart(first[possible], second[possible])
    possible[possible] = apart <= (total - 2 * needed)[possible]
    return possible


def _next_other(values: Integers) -> Integers:
    """For each entry the next one behind it with another value, or their number: int64 [entries]."""
    changes = np.flatnonzero(values[1:] != values[:-1]) + 1
    bounds = np.concatenate((changes, [len(values)]))
    return bounds[np.searchsorted(bounds, np.arange(len(values)), side="right")].astype(np.int64)


def linked(root: Integers, first: Integers, second: Integers) -> Integers:
    """The roots after rows were found to be similar."""
    if not len(first):
        return root
    sparse, graph = require("scipy.sparse", "scipy>=1.11"), require("scipy.sparse.csgraph", "scipy>=1.11")
    links = sparse.coo_matrix((np.ones(len(first), dtype=np.int8), (root[first], root[second])), shape=[len(root)] * 2)
    _, component = graph.connected_components(links, directed=False)
    lowest = np.full(component.max() + 1, len(root), dtype=np.int64)
    np.minimum.at(lowest, component, np.arange(len(root)))
    return np.asarray(lowest[component][root])


_ONES = np.array([number.bit_count() for number in range(1 << 16)], dtype=np.uint8)
