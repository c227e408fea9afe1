"""The test of all: how large the largest difference of many aspects gets when blocks of rows change sides at random.

Permuting blocks and not rows keeps what neighbouring rows have in common; taking the largest of all aspects corrects
for their number, and no more than their dependence asks for (Westfall, Young (1993), Resampling-based multiple testing,
the single-step maximum of standardised statistics). The hypothesis that is tested is that both sides come from one
stationary process that forgets within a block.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Draws = NDArray[np.float32]
Statistic = Callable[[Draws, Draws], Draws]
"""From the sums of the current side and of the reference, float32 [draws, width], to values, [draws, aspects]."""

_FIRST = 1000
_AT_ONCE = 500
_USUAL = 200_000
"""No more than this for a p that is no accident of the draws."""
_MOST = 1_000_000
"""No more than this for a p that is told at all."""
_GOES_ON = 0.03
"""After the first draws the test ends, unless the smallest p is below this: what is far from certain stays so."""
_ENOUGH = 50
"""With so many exchanges that reach what was seen, p is known well enough, and a test that cannot be won ends."""
_BEYOND = 5
"""So many draws beyond what was seen would still be certain: then p is no accident of the draws."""
_CHANCE = 0.95
_NUMBERS_AT_ONCE = 4_000_000


@dataclass(frozen=True, eq=False)
class Part:
    """Aspects with one length of block.

    Attributes:
        reference: Sums by block, float32 [blocks, width].
        current: The same of the current side.
        statistic: Takes the sums of both sides to the values of all aspects.
        aside: A second statistic without a test, whose 95 % quantile under exchange is wanted; None for none.
    """

    reference: Draws
    current: Draws
    statistic: Statistic
    aside: Statistic | None = None


@dataclass(frozen=True, eq=False)
class Permuted:
    """What came of it; the aspects stand in the order of the parts.

    Attributes:
        value: The statistics as they are, float64 [aspects].
        p: Of each aspect alone, float64 [aspects].
        family_p: Of each aspect, corrected for all of them, float64 [aspects].
        chance: The quantiles wanted aside, one array for each part.
        draws: How many exchanges were drawn.
    """

    value: NDArray[np.float64]
    p: NDArray[np.float64]
    family_p: NDArray[np.float64]
    chance: tuple[NDArray[np.float64], ...]
    draws: int


def draws_for(alpha: float) -> int:
    """How many exchanges are drawn to tell a p of alpha: as many as it takes, up to a limit."""
    certain, at_all = math.ceil(_BEYOND / alpha), math.ceil(1 / alpha)
    return max(_FIRST, min(_USUAL, certain), min(_MOST, at_all))


def within_reach(alpha: float) -> bool:
    """Whether so many exchanges can give a p of alpha or less; the smallest p is one over the draws and one more."""
    return 1 / (draws_for(alpha) + 1) <= alpha


def permute(parts: Sequence[Part], alpha: float, seed: int) -> Permuted:
    """Tests all aspects together.

    Args:
        parts: At least one, each with at least one block on both sides.
        alpha: The level at which this family is to be told; it sets how many exchanges are drawn.
        seed: The same seed and sums give the same result.
    """
    draw = np.random.default_rng(seed)
    seen = [part.statistic(part.current.sum(axis=0)[None, :], part.reference.sum(axis=0)[None, :])[0] for part in parts]
    value = np.concatenate(seen).astype(np.float64)
    first, asides = [], []
    for part in parts:
        values, aside = zip(*_exchanged(part, _FIRST, draw, aside=True), strict=True)
        first.append(np.concatenate(values))
        asides.append(np.quantile(np.concatenate(aside), _CHANCE, axis=0) if part.aside else np.zeros(0))
    drawn = np.concatenate(first, axis=1)
    middle, spread = drawn.mean(axis=0, dtype=np.float64), drawn.std(axis=0, dtype=np.float64)
    # An aspect that no exchange changes says nothing; ties of rounded sums count as reached.
    spread[spread <= 1e-7] = np.inf
    height = (value - middle) / spread - 1e-4
    alone, family = _reached(drawn, middle, spread, height)
    count = len(drawn)
    if (family.min() + 1) / (count + 1) < _GOES_ON:
        width = max(part.reference.shape[1] for part in parts)
        batch = max(1, min(_AT_ONCE, _NUMBERS_AT_ONCE // width))
        wanted = draws_for(alpha)
        for start in range(count, wanted, batch):
            if family.min() >= _ENOUGH and (family.min() + 1) / (wanted + 1) > alpha:
                break
            size = min(batch, wanted - start)
            drawn = np.concatenate(
                [np.concatenate([values for values, _ in _exchanged(part, size, draw)]) for part in parts], axis=1
            )
            more_alone, more_family = _reached(drawn, middle, spread, height)
            alone, family, count = alone + more_alone, family + more_family, count + size
    return Permuted(value, (alone + 1) / (count + 1), (family + 1) / (count + 1), tuple(asides), count)


def _reached(
    drawn: Draws, middle: NDArray[np.float64], spread: NDArray[np.float64], height: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    standard = (drawn - middle) / spread
    highest = np.sort(standard.max(axis=1))
    return (standard >= height).sum(axis=0), len(drawn) - np.searchsorted(highest, height, side="left")


def _exchanged(
    part: Part, draws: int, draw: np.random.Generator, *, aside: bool = False
) -> Iterator[tuple[Draws, Draws]]:
    """Statistics of random exchanges, in batches that fit into memory."""
    blocks = np.concatenate([part.reference, part.current])
    total, chosen = blocks.sum(axis=0), len(part.current)
    batch = max(1, min(_AT_ONCE, _NUMBERS_AT_ONCE // blocks.shape[1]))
    for start in range(0, draws, batch):
        size = min(batch, draws - start)
        keys = draw.random((size, len(blocks)), dtype=np.float32)
        taken = np.argpartition(keys, chosen - 1, axis=1)[:, :chosen]
        mask = np.zeros((size, len(blocks)), dtype=np.float32)
        np.put_along_axis(mask, taken, 1.0, axis=1)
        current = mask @ blocks
        reference = total - current
        other = part.aside(current, reference) if aside and part.aside else np.zeros((size, 0), dtype=np.float32)
        yield part.statistic(current, reference), other
