"""Tests columns as one family: which have moved, how far, and which cannot be judged."""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .aspects import Compared
from .base import Shift, Size
from .blocks import Lengths, Memory, block_sums, lengths_for, memory_of
from .permuting import Draws, Part, Permuted, Statistic, permute
from .psi import index
from .settings import Settings

Floats = NDArray[np.float64]

_UNSEEN = 10


def size_of(psi: float, settings: Settings) -> Size:
    """The index in a word, by the two thresholds."""
    if psi >= settings.major:
        return "major"
    return "moderate" if psi >= settings.moderate else "stable"


def shifts(compared: Sequence[Compared], tests: int, settings: Settings, seed: int) -> list[Shift]:
    """Tests all aspects of one question together.

    Args:
        compared: All of the same rows on both sides.
        tests: Questions times comparisons, which share the level.
        settings: The level, the thresholds and the block.
        seed: Of the permutations.
    """
    if not compared:
        return []
    rows = compared[0].reference.shape[0], compared[0].current.shape[0]
    lengths = lengths_for(*rows)
    alpha = settings.level / tests
    memories = [_memory(aspect, lengths) for aspect in compared]
    rungs = [_rung(memory.steps, lengths, settings.block) for memory in memories]
    told = [place for place, rung in enumerate(rungs) if lengths.tells(rung, alpha)]
    order = sorted(told, key=lambda place: (rungs[place], not compared[place].ordered))
    found = _permuted([compared[place] for place in order], [rungs[place] for place in order], lengths, alpha, seed)
    made: dict[int, Shift] = {}
    for place, aspect in enumerate(compared):
        at = order.index(place) if place in told else None
        made[place] = _shift(aspect, memories[place].rows, rungs[place], lengths, found, at, tests, settings)
    return [made[place] for place in range(len(compared))]


def _memory(aspect: Compared, lengths: Lengths) -> Memory:
    steps = block_sums(aspect.reference, aspect.width, lengths.step)
    return memory_of(steps, ordered=aspect.ordered, rows=lengths.step)


def _rung(memory: float, lengths: Lengths, block: int) -> int:
    return lengths.rung_of(block) if block else lengths.rung_for(memory)


def _permuted(
    compared: Sequence[Compared], rungs: Sequence[int], lengths: Lengths, alpha: float, seed: int
) -> tuple[Permuted, list[float]] | None:
    """The test of the aspects, in order of their rungs, and the chance level of each one's index."""
    if not compared:
        return None
    parts, index_of_part = [], []
    for rung in sorted(set(rungs)):
        of_rung = [aspect for aspect, other in zip(compared, rungs, strict=True) if other == rung]
        for ordered in (True, False):
            group = [aspect for aspect in of_rung if aspect.ordered == ordered]
            if group:
                parts.append(_part(group, lengths.rows(rung)))
                index_of_part.append(len(group))
    found = permute(parts, alpha, seed)
    return found, [float(value) for chance in found.chance for value in chance]


def _part(group: Sequence[Compared], rows: int) -> Part:
    sides: list[list[Draws]] = [[], []]
    for aspect in group:
        for side, codes in zip(sides, (aspect.reference, aspect.current), strict=True):
            side.append(block_sums(codes, aspect.width, rows))
    slices = _slices([aspect.width for aspect in group])
    statistic = _largest_gaps(len(group), group[0].width) if group[0].ordered else _chi_squares(slices)
    bins = []
    for aspect in group:
        if aspect.index_codes is not None:
            width = len(aspect.index_reference)
            for side, codes in zip(sides, aspect.index_codes, strict=True):
                side.append(block_sums(codes, width, rows))
            bins.append(width)
    if bins:
        start = slices[-1].stop
        slices = [slice(start + place.start, start + place.stop) for place in _slices(bins)]
    return Part(np.concatenate(sides[0], axis=1), np.concatenate(sides[1], axis=1), statistic, _indices(slices))


def _slices(widths: Sequence[int]) -> list[slice]:
    stops = np.cumsum(widths).tolist()
    return [slice(stop - width, stop) for stop, width in zip(stops, widths, strict=True)]


def _largest_gaps(aspects: int, width: int) -> Statistic:
    """Kolmogorov-Smirnov: the largest difference of the distribution functions, at the edges of the bins."""

    def statistic(current: Draws, reference: Draws) -> Draws:
        sides = []
        for side in (current, reference):
            cumulated = side[:, : aspects * width].reshape(len(side), aspects, width).cumsum(axis=2)
            sides.append(cumulated / np.maximum(cumulated[:, :, -1:], 1))
        gaps: Draws = np.abs(sides[0] - sides[1]).max(axis=2)
        return gaps

    return statistic


def _chi_squares(slices: Sequence[slice]) -> Statistic:
    """The square root of chi-square over n m / (n + m): of the squared differences over the shares of both together."""

    def statistic(current: Draws, reference: Draws) -> Draws:
        made = []
        for place in slices:
            q, p = current[:, place], reference[:, place]
            m, n = np.maximum(q.sum(axis=1, keepdims=True), 1), np.maximum(p.sum(axis=1, keepdims=True), 1)
            squared = (q / m - p / n) ** 2 / np.maximum((q + p) / (m + n), 1e-12)
            made.append(np.sqrt(squared.sum(axis=1)))
        return np.stack(made, axis=1)

    return statistic


def _indices(slices: Sequence[slice]) -> Statistic:
    def statistic(current: Draws, reference: Draws) -> Draws:
        made = [index(reference[:, place], current[:, place]) for place in slices]
        return np.stack(made, axis=1).astype(np.float32)

    return statistic


def _shift(
    aspect: Compared,
    memory: float,
    rung: int,
    lengths: Lengths,
    found: tuple[Permuted, list[float]] | None,
    at: int | None,
    tests: int,
    settings: Settings,
) -> Shift:
    p = corrected = chance = None
    if found is not None and at is not None:
        permuted, chances = found
        p, chance = float(permuted.p[at]), chances[at]
        corrected = min(1.0, float(permuted.family_p[at]) * tests)
    shifted = corrected is not None and corrected <= settings.level
    return Shift(
        column=aspect.column,
        kind=aspect.kind,
        aspect=aspect.aspect,
        reference_rows=lengths.reference,
        current_rows=lengths.current,
        reference_missing=aspect.missing[0],
        current_missing=aspect.missing[1],
        psi=aspect.psi,
        psi_chance=chance,
        statistic="ks" if aspect.ordered else "chi-square",
        value=_value(aspect),
        p=p,
        p_if_independent=aspect.p_if_independent,
        corrected_p=corrected,
        memory=min(memory, float(lengths.reference)) if math.isfinite(memory) else float(lengths.reference),
        block=min(lengths.rows(min(rung, 40)), lengths.reference),
        shifted=shifted,
        size=size_of(aspect.psi, settings) if shifted else "stable",
        unseen=aspect.unseen[:_UNSEEN],
        unseen_rows=aspect.unseen_rows,
    )


def _value(aspect: Compared) -> float:
    current, reference = (_counts(codes, aspect.width) for codes in (aspect.current, aspect.reference))
    if aspect.ordered:
        return float(_largest_gaps(1, aspect.width)(current, reference)[0, 0])
    return float(_chi_squares([slice(0, aspect.width)])(current, reference)[0, 0]) ** 2


def _counts(codes: Any, width: int) -> Draws:
    return block_sums(codes, width, codes.shape[0])
