"""How much a choice flatters itself: made on the earlier windows and shown on the later ones, and by the bootstrap."""

from collections.abc import Sequence

import numpy as np

from .blocks import earlier_half
from .chosen import Optimism
from .results import Played, Replayed
from .selecting import Account, cells_in, drawn_in, select

_FEWEST_WINDOWS = 4


def optimism(given: Sequence[Account], replayed: Replayed, *, margin: float, resamples: int, seed: int) -> Optimism:
    """Makes the choice again on the earlier half of the windows, and shows it on the rest.

    All that the choice rests on is made of the earlier half alone: the test of freshness and the blocks too.

    Args:
        given: The accounts, simplest first.
        replayed: The replay.
        margin: As of the choice.
        resamples: Draws.
        seed: Of the draws.
    """
    flattered = _by_bootstrap(given, replayed, resamples, seed)
    windows = len(replayed.windows)
    earlier = earlier_half(windows)
    judged = [len(cells_in(replayed, part)) for part in (range(earlier), range(earlier, windows))]
    if windows < _FEWEST_WINDOWS or not all(judged):
        return Optimism(
            chosen_before=None,
            earlier=0,
            later_metric=None,
            later_never=None,
            later_best=None,
            later_windows=0,
            bootstrap=flattered,
            why=f"{windows} windows are too few to choose on some and to judge on others: the chosen policy's figures "
            "are those of the rows that it was chosen on",
        )
    never = given[0].policy
    before = never
    if replayed.freshness_earlier.fades:
        before = select(given, replayed, range(earlier), replayed.level, margin, resamples, seed).policy
    later = {each.policy.name: _metric(each.policy, replayed, range(earlier, windows)) for each in given}
    best = (max if replayed.metric == "accuracy" else min)(later.values())
    return Optimism(
        chosen_before=before.name,
        earlier=earlier,
        later_metric=later[before.name],
        later_never=later[never.name],
        later_best=best,
        later_windows=windows - earlier,
        bootstrap=flattered,
        why=f"the first {earlier} windows alone choose {before.name}, which has {replayed.metric} "
        f"{later[before.name]:.4g} on the {windows - earlier} after them (never {later[never.name]:.4g}, the best "
        f"there {best:.4g}); choosing on the rows that it is judged on makes the cheapest policy look cheaper by "
        f"{flattered:.3g} a row",
    )


def _metric(played: Played, replayed: Replayed, windows: range) -> float:
    cells = cells_in(replayed, windows)
    mean = float(np.asarray(played.losses)[cells].sum() / np.asarray(replayed.blocks.rows)[cells].sum())
    return 1.0 - mean if replayed.metric == "accuracy" else mean


def _by_bootstrap(given: Sequence[Account], replayed: Replayed, resamples: int, seed: int) -> float:
    """Cost a row of the cheapest policy of drawn blocks on all rows, less its cost on the drawn ones: the mean.

    Formula: Efron, Tibshirani (1993), An introduction to the bootstrap, section 17.6 (optimism of a choice).
    """
    windows = range(len(replayed.windows))
    cells = cells_in(replayed, windows)
    drawn = drawn_in(replayed, windows, resamples, seed)
    rows = drawn.rows.sum()
    by_block = np.stack([drawn.by_block(each.errors[cells]) for each in given])
    fixed = np.array([each.fixed.sum() for each in given]) / rows
    drawn_cost = drawn.sums(by_block.T) / drawn.sums(drawn.rows)[:, None] + fixed
    true_cost = by_block.sum(axis=1) / rows + fixed
    cheapest = np.argmin(drawn_cost, axis=1)
    # Where all policies are alike the mean is 0, and what is found below it is the chance of the draws.
    return max(0.0, float(np.mean(true_cost[cheapest] - drawn_cost[np.arange(len(cheapest)), cheapest])))
