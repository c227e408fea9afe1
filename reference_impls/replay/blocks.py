"""Block bootstrap: uncertainty of sums over rows in time, where neighbours are alike and cannot be drawn one by one."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import stats  # type: ignore[import-untyped]  # scipy has no types

from .results import Blocks, Interval

Floats = NDArray[np.float64]

FEWEST_BLOCKS = 16
"""With fewer, the spread between blocks says too little about itself."""
_TAIL = 0.025
_NUMBERS_AT_ONCE = 4_000_000
_NEIGHBOURS = 5


def block_length(series: Sequence[Floats]) -> tuple[int, str]:
    """How many rows are drawn together, and why.

    The automatic choice of Politis and White (2004), Automatic block-length selection for the dependent bootstrap, with
    the correction of Patton, Politis, White (2009), for blocks that are drawn from fixed places; the most dependent
    series decides.

    Args:
        series: Values by row in the order of time, each [n]: the losses, and the differences that are tested.
    """
    rows = len(series[0])
    found = max((_politis_white(values) for values in series), default=1.0)
    most = max(1, rows // FEWEST_BLOCKS)
    wanted = max(1, math.ceil(found))
    chosen = "the automatic choice of Politis and White for the most dependent of the compared series"
    if wanted > most:
        return most, (
            f"{chosen} is {wanted:,} rows; {most:,} are taken, so that {FEWEST_BLOCKS} blocks stand: what lies further "
            "apart is alike too, and intervals are somewhat too narrow"
        )
    return wanted, f"{chosen}"


def _politis_white(values: Floats) -> float:
    count = len(values)
    centred = values - values.mean()
    variance = float(centred @ centred) / count
    if count < 4 * _NEIGHBOURS or variance <= 1e-18 * max(1.0, float(np.abs(values).max()) ** 2):
        return 1.0
    longest = min(math.ceil(math.sqrt(count)) + _NEIGHBOURS, count - 1)
    size = 1 << (2 * count - 1).bit_length()
    spectrum = np.fft.rfft(centred, size)
    covariance = np.fft.irfft(spectrum * spectrum.conj(), size)[: longest + 1] / count
    small = np.abs(covariance[1:] / covariance[0]) < 1.959964 * math.sqrt(math.log10(count) / count)
    # The first lag behind which all of the next few are noise.
    runs = np.convolve(small, np.ones(_NEIGHBOURS), "valid") == _NEIGHBOURS
    last = int(np.argmax(runs)) if runs.any() else int(np.flatnonzero(~small)[-1]) + 1
    width = min(2 * max(last, 1), longest)
    lags = np.arange(1, width + 1)
    taper = np.minimum(1.0, 2.0 * (1.0 - lags / width))
    moment = 2.0 * float(np.sum(taper * lags * covariance[1 : width + 1]))
    density = float(covariance[0] + 2.0 * np.sum(taper * covariance[1 : width + 1]))
    if density <= 0:
        return 1.0
    length = (2.0 * moment**2 / (4.0 / 3.0 * density**2)) ** (1 / 3) * count ** (1 / 3)
    return float(min(length, math.ceil(3 * math.sqrt(count))))


def earlier_half(windows: int) -> int:
    """How many of some windows are the earlier ones, on which a choice is made again to see how honest it is."""
    return math.ceil(windows / 2)


def cut_blocks(rows_by_window: Sequence[int], length: int, why: str, earlier_length: int = 0) -> Blocks:
    """Cuts judged rows into blocks of nearly equal length, and these where windows end.

    Args:
        rows_by_window: Judged rows of each window, in the order of time.
        length: Rows of a block.
        why: What chose it.
        earlier_length: Rows of a block of the earlier half of the windows, as these alone choose it; 0 takes `length`.
    """
    total = sum(rows_by_window)
    edges = _edges(total, length)
    window_edges = np.concatenate([[0], np.cumsum(np.asarray(rows_by_window, dtype=np.int64))])
    half = earlier_half(len(rows_by_window))
    earlier_edges = _edges(int(window_edges[half]), earlier_length or length)
    cells = np.unique(np.concatenate([edges, window_edges, earlier_edges]))
    starts = cells[:-1]
    within = starts[starts < window_edges[half]]
    return Blocks(
        length=length,
        why=why,
        rows=tuple(np.diff(cells).tolist()),
        windows=tuple((np.searchsorted(window_edges, starts, "right") - 1).tolist()),
        blocks=tuple((np.searchsorted(edges, starts, "right") - 1).tolist()),
        earlier=tuple((np.searchsorted(earlier_edges, within, "right") - 1).tolist()),
    )


def _edges(rows: int, length: int) -> NDArray[np.int64]:
    count = max(1, round(rows / length))
    return np.unique(np.round(np.linspace(0, rows, count + 1)).astype(np.int64))


def sums_by_cell(values: Floats, blocks: Blocks) -> Floats:
    """Sums of values by row, [n], over each cell: [cells]."""
    starts = np.concatenate([[0], np.cumsum(blocks.rows)[:-1]]).astype(np.int64)
    return np.add.reduceat(values, starts) if len(values) else np.zeros(0)


@dataclass(frozen=True)
class Drawn:
    """Blocks of rows, and how often each draw holds each of them.

    Attributes:
        rows: Rows of each block, [blocks].
        cells: Of each cell that counts, the block: int [cells].
        counts: uint16 [draws, blocks].
    """

    rows: Floats
    cells: NDArray[np.int64]
    counts: NDArray[np.uint16]

    @property
    def smallest_p(self) -> float:
        """The smallest p that a test by these draws may give, about.

        One over the draws and one more; and a draw of one block over and over counts against whatever is claimed.
        """
        blocks, draws = len(self.rows), len(self.counts)
        return (1 + draws * float(blocks) ** (1 - blocks)) / (draws + 1)

    def sums(self, by_block: Floats) -> Floats:
        """What each draw adds up to, float64 [draws, ...], of values by block, [blocks, ...]."""
        step = max(1, _NUMBERS_AT_ONCE // len(self.rows))
        parts = (self.counts[start : start + step] for start in range(0, len(self.counts), step))
        return np.concatenate([part.astype(np.float64) @ by_block for part in parts])

    def by_block(self, sums: Floats) -> Floats:
        """Sums by cell, [cells], added up to sums by block, [blocks]."""
        return np.bincount(self.cells, weights=sums, minlength=len(self.rows)).astype(np.float64)


def draw(rows: Sequence[float], block_of: Sequence[int], resamples: int, seed: int) -> Drawn:
    """Draws blocks with replacement, as many as there are.

    Args:
        rows: Of each cell.
        block_of: Of each cell, its block; any numbers, ascending.
        resamples: How many draws.
        seed: The same seed and blocks give the same draws.
    """
    _, cells = np.unique(np.asarray(block_of), return_inverse=True)
    by_block = np.bincount(cells, weights=np.asarray(rows, dtype=np.float64)).astype(np.float64)
    count = len(by_block)
    generator = np.random.default_rng(seed)
    even = np.full(count, 1.0 / count)
    step = max(1, _NUMBERS_AT_ONCE // count)
    parts = [
        generator.multinomial(count, even, size=min(step, resamples - start)).astype(np.uint16)
        for start in range(0, resamples, step)
    ]
    return Drawn(by_block, cells.astype(np.int64), np.concatenate(parts))


def mean_with_interval(sums: Floats, drawn: Drawn) -> tuple[float, Interval]:
    """A mean by row and its 95 % interval, where rows are drawn by block.

    Percentiles that are moved outwards for the number of blocks: Hesterberg (2015), What teachers should know about the
    bootstrap, section 4.1.2 (expanded percentile interval).

    Args:
        sums: By cell.
        drawn: Of the same cells.
    """
    by_block = drawn.by_block(sums)
    mean = float(by_block.sum() / drawn.rows.sum())
    blocks = len(by_block)
    if blocks < 2:
        return mean, (-math.inf, math.inf)
    means = drawn.sums(by_block) / drawn.sums(drawn.rows)
    tail = stats.norm.cdf(math.sqrt(blocks / (blocks - 1)) * stats.t.ppf(_TAIL, blocks - 1))
    low, high = np.quantile(means, [tail, 1 - tail])
    return mean, (float(low), float(high))


@dataclass(frozen=True)
class Tested:
    """A sum that is tested for being above 0.

    Attributes:
        total: The sum, with what is fixed.
        interval: Its 95 % interval.
        p: One-sided: how often chance alone gives as much where the true sum is 0.
    """

    total: float
    interval: Interval
    p: float


def above_zero(sums: Floats, fixed: float, drawn: Drawn) -> Tested:
    """Tests whether a sum over rows, and something fixed, is above 0; the rows are drawn by block.

    The bootstrap-t, which allows for few and skewed blocks: Efron, Tibshirani (1993), An introduction to the bootstrap,
    section 12.5.

    Args:
        sums: By cell: what was saved, for example.
        fixed: What comes on top and owes nothing to chance.
        drawn: Of the same cells.
    """
    by_block = drawn.by_block(sums)
    rows, blocks = drawn.rows, len(by_block)
    all_rows = float(rows.sum())
    mean = float(by_block.sum()) / all_rows
    total = mean * all_rows + fixed
    if blocks < 2:
        # One block says nothing of its spread.
        return Tested(total, (-math.inf, math.inf), 1.0)
    least = 1.0 / (len(drawn.counts) + 1)
    residuals = by_block - mean * rows
    spread = math.sqrt(float(residuals @ residuals) * blocks / (blocks - 1))
    scale = float(np.abs(by_block).max(initial=0.0))
    if spread <= 1e-9 * scale or scale == 0.0:
        return Tested(total, (total, total), least if total > 0 else 1.0)
    drawn_rows, drawn_sums, of_squares, of_products, of_rows = drawn.sums(
        np.stack([rows, by_block, by_block**2, by_block * rows, rows**2], axis=1)
    ).T
    means = drawn_sums / drawn_rows
    # Sum of squares of (sum - mean of the draw * rows) over the drawn blocks, without a loop.
    squares = of_squares - 2 * means * of_products + means**2 * of_rows
    spreads = np.sqrt(np.maximum(squares, 0.0) * blocks / (blocks - 1))
    moved = (means - mean) * all_rows
    with np.errstate(divide="ignore", invalid="ignore"):
        t = moved / (spreads * all_rows / drawn_rows)
    # A draw of one block over and over has no spread: it counts against whatever is claimed.
    t[spreads <= 1e-9 * scale] = math.inf
    p = (1 + int(np.sum(t >= total / spread))) / (len(t) + 1)
    finite = t[np.isfinite(t)]
    low, high = np.quantile(finite, [_TAIL, 1 - _TAIL]) if len(finite) else (-math.inf, math.inf)
    return Tested(total, (total - float(high) * spread, total - float(low) * spread), p)
