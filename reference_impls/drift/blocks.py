"""Rows in blocks: what is exchanged between the two sides of a test, and how long a block must be."""

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array  # type: ignore[import-untyped]  # scipy has no types

from .memory import autocorrelation_time
from .permuting import within_reach

Floats = NDArray[np.float64]
Sums = NDArray[np.float32]

_BLOCKS = 32
"""Blocks of the shorter side where neighbouring rows are independent: more would tell hardly more."""
_STEPS_OF_A_BLOCK = 8
_MOST_TIMES = 8
"""The longer side takes part with at most so many times the rows of the shorter one; more would tell hardly more."""
_MEMORIES = 5.0
_CUTS = 10


@dataclass(frozen=True)
class Lengths:
    """The lengths of block that come into question for two sides; each is twice the one before.

    Attributes:
        step: Rows of a step: memory is measured in steps.
        steps: Steps of the shortest block.
        reference: Rows of the reference.
        current: Rows of the current side.
    """

    step: int
    steps: int
    reference: int
    current: int

    def rows(self, rung: int) -> int:
        """Rows of a block of this rung, from 0."""
        return self.step * self.steps << rung

    def counts(self, rung: int) -> tuple[int, int]:
        """How many whole blocks of a rung both sides have."""
        return self.reference // self.rows(rung), self.current // self.rows(rung)

    def tells(self, rung: int, alpha: float) -> bool:
        """Whether there are enough ways to exchange the blocks for a p of half of alpha, and enough are drawn."""
        first, second = self.counts(rung)
        ways = first >= 2 and second >= 1 and _log_ways(first + second, second) >= math.log(2 / alpha)
        return ways and within_reach(alpha)

    def rung_for(self, memory: float) -> int:
        """The rung of the shortest block that is long against a memory of so many steps.

        Blocks of L steps understate the variance of a long mean by about (t - 1) / (2 L) of it, where t is the
        integrated autocorrelation time of a first-order autoregression: a tenth with blocks of five such times.
        """
        wanted = _MEMORIES * (memory - 1) / self.steps
        return 0 if wanted <= 1 else math.ceil(math.log2(wanted)) if math.isfinite(wanted) else 64

    def rung_of(self, rows: int) -> int:
        """The rung of the shortest block of at least so many rows."""
        return max(0, math.ceil(math.log2(rows / self.rows(0))))


@cache
def _log_ways(together: int, chosen: int) -> float:
    return math.lgamma(together + 1) - math.lgamma(chosen + 1) - math.lgamma(together - chosen + 1)


def lengths_for(reference: int, current: int) -> Lengths:
    """The lengths of block for two sides of so many rows."""
    shorter = max(1, min(reference, current))
    step = max(1, shorter // (_BLOCKS * _STEPS_OF_A_BLOCK))
    return Lengths(step, max(1, shorter // step // _BLOCKS), reference, current)


def evenly(rows: int, other: int) -> NDArray[np.int64]:
    """Positions, ascending, of the rows that take part: all, or of a much longer side stretches from all of it.

    Args:
        rows: Of this side.
        other: Rows of the other side.
    """
    if rows <= _MOST_TIMES * other:
        return np.arange(rows)
    stretch = lengths_for(rows, other).rows(2)
    kept = max(1, _MOST_TIMES * other // stretch)
    starts = np.unique(np.linspace(0, rows - stretch, kept).astype(np.int64))
    return np.unique((starts[:, None] + np.arange(stretch)).ravel())


def block_sums(codes: Any, width: int, rows: int) -> Sums:
    """Counts by block of rows, float32 [blocks, width]; rows behind the last whole block are left out.

    Args:
        codes: int64 [n] with one code a row, a sparse matrix [n, width], or float64 [n, width] to be summed.
        width: How many codes there are.
        rows: Rows of a block.
    """
    blocks = codes.shape[0] // rows
    if isinstance(codes, np.ndarray) and codes.ndim == 1:
        place = np.repeat(np.arange(blocks) * width, rows) + codes[: blocks * rows]
        return np.bincount(place, minlength=blocks * width).reshape(blocks, width).astype(np.float32)
    if isinstance(codes, np.ndarray):
        return np.asarray(codes[: blocks * rows].reshape(blocks, rows, width).sum(axis=1), dtype=np.float32)
    which = np.repeat(np.arange(blocks), rows)
    gather = csr_array((np.ones(len(which), dtype=np.float32), (which, np.arange(len(which)))))
    return np.asarray((gather @ codes[: len(which)]).toarray(), dtype=np.float32)


class Memory(NamedTuple):
    """How long rows remember.

    Attributes:
        steps: The integrated autocorrelation time in steps, with a standard error added.
        rows: So many rows are worth one independent row.
        rows_at_most: The same with a standard error added.
    """

    steps: float
    rows: float
    rows_at_most: float


def memory_of(steps: Sums, *, ordered: bool, rows: int) -> Memory:
    """How long an aspect remembers.

    Args:
        steps: Its counts by step, float32 [steps, width].
        ordered: Whether the codes have an order.
        rows: Rows of a step.
    """
    counts = steps.astype(np.float64)
    shares = counts.sum(axis=0) / (len(counts) * rows)
    if ordered:
        # The distribution function at some cuts is what the test of ordered values looks at.
        cuts = np.unique(np.linspace(0, counts.shape[1] - 2, _CUTS).astype(np.int64))
        counts, shares = counts.cumsum(axis=1)[:, cuts], shares.cumsum()[cuts]
        weights = np.ones(len(cuts))
    else:
        weights = 1 / np.maximum(shares, 1 / (len(counts) * rows))
    by_row = float((weights * shares * (1 - shares)).sum())
    return times_of(counts, weights, by_row, rows)


def times_of(steps: Floats, weights: Floats, by_row: float, rows: int) -> Memory:
    """The same of any sums.

    Args:
        steps: Sums by step, float64 [steps, series].
        weights: How much each series counts, float64 [series].
        by_row: The weighted variance of one row.
        rows: Rows of a step.
    """
    time, error = autocorrelation_time(steps, weights)
    if by_row <= 0 or not math.isfinite(time):
        return Memory(time, time * rows, time * rows)
    by_step = float((steps.var(axis=0) * weights).sum())
    worth = max(1.0, time * by_step / (rows * by_row))
    return Memory(time + error, worth, worth * (1 + error / time))
