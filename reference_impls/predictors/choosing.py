"""Which kind of model predicts later rows best: tried on the past alone, never with rows shuffled through time."""

import time

import numpy as np

from ..history.base import History
from .base import Chosen, Floats, Integers, KindOfModel, KindScore, Metric, Tell
from .fitting import fit
from .kinds import KINDS
from .scoring import metric_of, scores_of
from .settings import Settings

_FEWEST = 20
_MOST_ROWS = 20_000
_PARTS = 8
"""Parts of a block whose means stand for independent observations, where single rows would not."""

Split = tuple[Integers, Integers]
"""Positions of the rows that are trained on, and of those that are predicted."""


def choose_kind(history: History, settings: Settings, tell: Tell, *, seed: int = 0, threads: int = 1) -> Chosen:
    """The kind that predicts later rows best, or the simplest of those that no other beats beyond chance.

    The latest rows are cut into blocks; each is predicted by models of the rows before it whose labels were known when
    the block began. Among the kinds that lie within one standard error of the best, the simplest is chosen: Breiman,
    Friedman, Olshen, Stone (1984), Classification and regression trees, 3.4.3.

    Args:
        history: The past; nothing later is looked at.
        settings: Where they name a kind, that one is returned untried.
        tell: Hears each kind's score.
        seed: Of the models.
        threads: Processor threads that training may use.

    Raises:
        UserError: The metric does not fit the task.
    """
    metric = metric_of(settings, history.task)
    if settings.kind != "auto":
        return Chosen(kind=settings.kind, metric=metric, scores=(), why="The settings name this kind.")
    labelled = history.take(np.flatnonzero(np.isfinite(history.known)))
    splits = time_ordered(labelled, settings.validation_blocks)
    if not splits:
        why = f"With {len(labelled)} labelled rows kinds cannot be told apart, so the simplest is taken."
        return Chosen(kind=next(iter(KINDS)), metric=metric, scores=(), why=why)
    found: dict[KindOfModel, list[Floats]] = {}
    seconds: dict[KindOfModel, float] = {}
    for kind in KINDS:
        started = time.process_time()
        found[kind] = [_block_scores(labelled, split, kind, metric, settings, seed, threads) for split in splits]
        seconds[kind] = (time.process_time() - started) / len(splits)
        mean = np.mean([scores.mean() for scores in found[kind]])
        tell(f"{kind}: {metric} {_told(metric, float(mean))} on later rows, {seconds[kind]:.1f} s for a training")
    return _chosen(found, seconds, metric)


def time_ordered(history: History, blocks: int) -> list[Split]:
    """The latest half of the rows in blocks, each with the rows before it; rows of one moment are never divided.

    Where all rows are of one moment nothing is earlier or later, and each block is every so-manieth row.

    Args:
        history: Labelled rows.
        blocks: How many are wanted; there are fewer where there are fewer moments, and none with too few rows.

    Returns:
        At most `blocks` splits, oldest first.
    """
    if len(history) < _FEWEST:
        return []
    changes = np.flatnonzero(np.diff(history.time) > 0) + 1
    if not len(changes):
        dealt = np.arange(len(history)) % (blocks + 1)
        return [(_latest(np.flatnonzero(dealt != block)), np.flatnonzero(dealt == block)) for block in range(blocks)]
    wanted = np.linspace(len(history) / 2, len(history), blocks + 1)[:-1]
    cuts = sorted({int(changes[np.abs(changes - cut).argmin()]) for cut in wanted})
    splits: list[Split] = []
    for cut, end in zip(cuts, [*cuts[1:], len(history)], strict=True):
        before = np.flatnonzero(history.known[:cut] <= history.time[cut])
        if len(before):
            splits.append((_latest(before), np.arange(cut, end)))
    return splits


def _latest(positions: Integers) -> Integers:
    """The newest rows, so many that a choice among kinds takes seconds and not minutes."""
    return positions[-_MOST_ROWS:]


def _block_scores(
    history: History, split: Split, kind: KindOfModel, metric: Metric, settings: Settings, seed: int, threads: int
) -> Floats:
    """The means of the parts of one block: float64 [parts]."""
    train, test = split
    model = fit(history.take(train), settings, kind=kind, seed=seed, threads=threads)
    scores = scores_of(model, history.take(test), metric)
    return np.array([part.mean() for part in np.array_split(scores, min(_PARTS, len(scores)))])


def _chosen(found: dict[KindOfModel, list[Floats]], seconds: dict[KindOfModel, float], metric: Metric) -> Chosen:
    # Every block counts alike: a large one is one spell of time as well.
    means = {kind: float(np.mean([part.mean() for part in parts])) for kind, parts in found.items()}
    best = max(means, key=lambda kind: means[kind])
    errors = {kind: _standard_error(found[best], parts) for kind, parts in found.items()}
    scores = [
        KindScore(
            kind=kind,
            score=means[kind],
            by_block=tuple(float(part.mean()) for part in found[kind]),
            standard_error=errors[kind],
            seconds=seconds[kind],
        )
        for kind in sorted(means, key=lambda kind: -means[kind])
    ]
    simplest = next(kind for kind in KINDS if means[best] - means[kind] <= errors[kind])
    told = f"{metric} {_told(metric, means[simplest])} on later rows"
    why = f"{simplest} has {told}, the best of {len(means)} kinds."
    if simplest != best:
        why = (
            f"{simplest} has {told}; {best} has {_told(metric, means[best])}, which is within one standard error "
            f"({errors[simplest]:.3g}), and {simplest} is simpler."
        )
    return Chosen(kind=simplest, metric=metric, scores=tuple(scores), why=why)


def _standard_error(best: list[Floats], other: list[Floats]) -> float:
    """Of the mean difference, from the differences of the parts of the blocks."""
    blocks = [one - two for one, two in zip(best, other, strict=True)]
    variances = [part.var(ddof=1) / len(part) for part in blocks if len(part) > 1]
    return float(np.sqrt(np.sum(variances)) / len(blocks)) if variances else 0.0


def _told(metric: Metric, score: float) -> str:
    return f"{-score:.4g}" if metric in {"mae", "log_loss"} else f"{score:.4f}"
