"""Replays that are made up row by row, to see what is concluded from them."""

from collections.abc import Mapping

import numpy as np

from ..base import Policy
from ..blocks import cut_blocks, draw, mean_with_interval, sums_by_cell
from ..cost import cost
from ..results import Freshness, Played, Prices, Replayed, WindowPlayed, WindowScore
from ..staleness import ages

ROWS, WINDOWS = 200, 8
NEVER = Policy("never", "never", 0)
EACH = Policy("scheduled every window", "scheduled", 1)
SECOND = Policy("scheduled every 2 windows", "scheduled", 2)
WARM = Policy("warm start", "warm_start")


def rates(*by_window: float, seed: int = 0) -> np.ndarray:
    """Losses of 0 or 1 by row, at a rate by window; rows are equally hard under every policy."""
    hard = np.random.default_rng(seed).random(ROWS * WINDOWS)
    return (hard < np.repeat(by_window, ROWS)).astype(np.float64)


def fresh(*, fades: bool) -> Freshness:
    """A test of freshness with a given outcome."""
    return Freshness(blocks=10, rows=100, gain=0.1, p=0.001, by_distance=(), level=0.01, fades=fades, why="as given")


def made(
    losses: Mapping[Policy, np.ndarray],
    *,
    fades: bool = True,
    earlier_fades: bool | None = None,
    retrain: float = 0.0,
    label: float = 0.0,
    level: float = 0.01,
    block: int = 10,
) -> Replayed:
    """A replay in which policies lost what is given, by row."""
    at = Prices(error=1.0, label=label, retrain=retrain, compute_hour=0.0)
    blocks = cut_blocks([ROWS] * WINDOWS, block, "as given")
    drawn = draw(blocks.rows, blocks.blocks, 999, 0)
    policies = []
    for policy, by_row in losses.items():
        sums = sums_by_cell(by_row, blocks)
        mean, (low, high) = mean_with_interval(sums, drawn)
        retrained = [index == 0 or (policy.cadence > 0 and index % policy.cadence == 0) for index in range(WINDOWS)]
        latest = np.maximum.accumulate(np.where(retrained, np.arange(WINDOWS), 0))
        labels = int(latest[-1]) * ROWS
        policies.append(
            Played(
                name=policy.name,
                kind=policy.kind,
                cadence=policy.cadence,
                window=policy.window,
                half_life=policy.half_life,
                budget=policy.budget,
                by_window=tuple(
                    WindowScore(
                        metric=1.0 - float(by_row[index * ROWS : (index + 1) * ROWS].mean()),
                        interval=None,
                        age=float(index - latest[index]),
                        retrained=retrained[index],
                    )
                    for index in range(WINDOWS)
                ),
                metric=1.0 - mean,
                interval=(1.0 - high, 1.0 - low),
                mean_of_windows=1.0 - mean,
                macro_f1=None,
                labels=labels + ROWS,
                new_labels=labels,
                retrains=sum(retrained) - 1,
                seconds=2.0,
                new_seconds=1.0,
                staleness=float(np.mean(np.arange(WINDOWS) - latest)),
                staleness_days=None,
                cost=cost(sums.tolist(), labels, sum(retrained) - 1, 1.0, at),
                losses=tuple(sums.tolist()),
            )
        )
    return Replayed(
        task="classification",
        metric="accuracy",
        model="linear",
        first_rows=ROWS,
        data_sha256="0" * 64,
        windows=tuple(
            WindowPlayed(number=index + 2, name=f"window {index + 2}", rows=ROWS, scored=ROWS, labelled=ROWS)
            for index in range(WINDOWS)
        ),
        window_days=30.0,
        policies=tuple(policies),
        blocks=blocks,
        prices=at,
        level=level,
        margin=0.02,
        freshness=fresh(fades=fades),
        freshness_earlier=fresh(fades=fades if earlier_fades is None else earlier_fades),
        ages=ages(policies, blocks, 999, 0),
        notes=(),
        seconds=1.0,
        processes=1,
    )
