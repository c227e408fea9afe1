"""Selects a policy by cost on some windows of a replay: a more complex one must be shown to be cheaper."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..evaluation.holm import holm
from .blocks import Drawn, above_zero, draw, earlier_half
from .chosen import Beaten
from .cost import SECONDS_AN_HOUR
from .results import Played, Prices, Replayed

Floats = NDArray[np.float64]

_TIMES = 2
"""So many times the draws that could just reach the level after Holm's correction."""


@dataclass(frozen=True)
class Account:
    """The costs of one policy, where they arise.

    Attributes:
        policy: What came of it.
        errors: Money by cell of rows, [cells].
        fixed: Money by window beside errors, [windows].
    """

    policy: Played
    errors: Floats
    fixed: Floats


@dataclass(frozen=True)
class Selected:
    """What some windows speak for.

    Attributes:
        policy: The selected one.
        cheapest: The cheapest of those that are shown to be cheaper than `never`; None where none is.
        against_never: Every other policy beside `never`.
        against_cheapest: The simpler ones that beat `never`, beside the cheapest.
        blocks: How many blocks of rows were drawn.
        tells: Whether so many blocks and draws could have shown anything at the level.
    """

    policy: Played
    cheapest: Played | None
    against_never: tuple[Beaten, ...]
    against_cheapest: tuple[Beaten, ...]
    blocks: int
    tells: bool


def accounts(replayed: Replayed, at: Prices) -> list[Account]:
    """The accounts of all policies, simplest first.

    Retrains are booked on the window that they precede; labels and compute evenly on all windows.
    """
    found = []
    for each in sorted(replayed.policies, key=lambda played: played.policy.complexity):
        # The first model is everybody's, and counts for none.
        retrained = np.array([score.retrained for score in each.by_window[1:]], dtype=np.float64)
        fixed = np.concatenate([[0.0], retrained * at.retrain])
        spread = each.new_labels * at.label + each.new_seconds / SECONDS_AN_HOUR * at.compute_hour
        fixed += spread / len(fixed)
        found.append(Account(each, np.asarray(each.losses) * at.error, fixed))
    return found


def select(
    given: Sequence[Account], replayed: Replayed, windows: range, level: float, margin: float, resamples: int, seed: int
) -> Selected:
    """Selects on some windows.

    Every policy is tested against `never`, and of those that are shown to be cheaper the cheapest is compared with the
    simpler ones. The simplest is taken that is neither shown to be dearer than the cheapest nor dearer by more than the
    margin.

    Args:
        given: The accounts, simplest first, `never` first of all.
        replayed: Whose blocks they keep to.
        windows: Indices of the windows that count, without gaps.
        level: Of all tests of one step together (Holm).
        margin: Share of the cheapest cost.
        resamples: Draws; there are more where the level and the number of policies ask for more.
        seed: Of the draws.
    """
    never, others = given[0], given[1:]
    drawn = drawn_in(replayed, windows, max(resamples, math.ceil(_TIMES * len(others) / level)), seed)
    told = len(drawn.rows), drawn.smallest_p * len(others) <= level
    against_never = compare_all([(each, never) for each in others], replayed, windows, level, drawn)
    better = [each for each, found in zip(others, against_never, strict=True) if found.shown]
    if not better:
        return Selected(never.policy, None, against_never, (), *told)
    totals = {each.policy.name: total(each, replayed, windows) for each in better}
    cheapest = min(better, key=lambda each: totals[each.policy.name])
    least = totals[cheapest.policy.name]
    simpler = better[: better.index(cheapest)]
    beside = compare_all([(cheapest, each) for each in simpler], replayed, windows, level, drawn)
    for each, found in zip(simpler, beside, strict=True):
        if not found.shown and totals[each.policy.name] - least <= margin * abs(least):
            return Selected(each.policy, cheapest.policy, against_never, beside, *told)
    return Selected(cheapest.policy, cheapest.policy, against_never, beside, *told)


def total(account: Account, replayed: Replayed, windows: range) -> float:
    """What a policy costs on some windows."""
    return float(account.errors[cells_in(replayed, windows)].sum() + account.fixed[windows.start : windows.stop].sum())


def cells_in(replayed: Replayed, windows: range) -> NDArray[np.int64]:
    """The cells of rows that stand in some windows."""
    of_cells = np.asarray(replayed.blocks.windows)
    return np.flatnonzero((of_cells >= windows.start) & (of_cells < windows.stop))


def drawn_in(replayed: Replayed, windows: range, resamples: int, seed: int) -> Drawn:
    """Draws of the blocks in some windows.

    The earlier half of the windows has blocks of its own, so that nothing of the later ones is in what it chooses.

    Raises:
        ValueError: The windows have no judged row.
    """
    cells = cells_in(replayed, windows)
    if not len(cells):
        raise ValueError("a comparison needs at least one judged row")
    rows = np.asarray(replayed.blocks.rows)
    alone = windows == range(earlier_half(len(replayed.windows)))
    block_of = np.asarray(replayed.blocks.earlier if alone else replayed.blocks.blocks)
    return draw(rows[cells].tolist(), block_of[cells].tolist(), resamples, seed)


def compare_all(
    pairs: Sequence[tuple[Account, Account]], replayed: Replayed, windows: range, level: float, drawn: Drawn
) -> tuple[Beaten, ...]:
    """Tests for each pair whether the first is cheaper than the second; all pairs are one family of tests."""
    if not pairs:
        return ()
    cells = cells_in(replayed, windows)
    within = slice(windows.start, windows.stop)
    tested = [
        above_zero(
            other.errors[cells] - one.errors[cells], float(other.fixed[within].sum() - one.fixed[within].sum()), drawn
        )
        for one, other in pairs
    ]
    corrected = holm([each.p for each in tested])
    return tuple(
        Beaten(
            policy=one.policy.name,
            than=other.policy.name,
            saved=each.total,
            interval=each.interval,
            p=each.p,
            corrected=p,
            shown=each.total > 0 and p <= level,
        )
        for (one, other), each, p in zip(pairs, tested, corrected, strict=True)
    )
