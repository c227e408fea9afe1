"""Makes the result of a replay from what the policies predicted."""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from ..predictors.scoring import macro_f1
from .base import Policy
from .blocks import Drawn, block_length, cut_blocks, draw, earlier_half, mean_with_interval, sums_by_cell
from .cost import cost, prices
from .results import Blocks, Freshness, Interval, Played, Prices, Replayed, WindowPlayed, WindowScore
from .settings import Settings
from .staleness import ages
from .tasks import Trajectory
from .timeline import Timeline
from .working import Bench, losses

Floats = NDArray[np.float64]

_WINDOW_RESAMPLES = 999


def judge(
    *,
    bench: Bench,
    policies: Sequence[Policy],
    played: Mapping[str, Trajectory],
    settings: Settings,
    model: str,
    first_rows: int,
    data_sha256: str,
    freshness: Freshness,
    freshness_earlier: Freshness,
    notes: Sequence[str],
    processes: int,
    seconds: float,
) -> Replayed:
    """Scores every policy on the same rows: those of the replayed windows whose label came at last.

    Args:
        bench: The history.
        policies: In the order of the result; `never` is among them.
        played: What each did.
        settings: Of the replay.
        model: Kind of the models.
        first_rows: Rows of the first model.
        data_sha256: Of the history.
        freshness: The test of it.
        freshness_earlier: The same at the beginning of the later half of the windows.
        notes: What else is to be known.
        processes: On how many it ran.
        seconds: How long it took so far.
    """
    timeline = bench.timeline
    classification = timeline.history.task == "classification"
    judged = timeline.judged
    target = bench.encoded(timeline.history.target[timeline.start :])[judged]
    by_row = {name: losses(target, each.predictions[judged], classification) for name, each in played.items()}
    never = by_row[next(policy.name for policy in policies if policy.kind == "never")]
    compared = [never, *(never - each for each in by_row.values() if each is not never)]
    length, why = block_length(compared)
    window_of = timeline.window_of[timeline.start :][judged] - timeline.first
    scored = np.bincount(window_of, minlength=len(timeline))
    earlier = int(scored[: earlier_half(len(timeline))].sum())
    length_earlier = block_length([series[:earlier] for series in compared])[0] if earlier else 0
    blocks = cut_blocks(scored.tolist(), length, why, length_earlier)
    at = prices(settings)
    everything = draw(blocks.rows, blocks.blocks, settings.resamples, settings.seed)
    results = tuple(
        _played(
            policy,
            played[policy.name],
            bench,
            sums_by_cell(by_row[policy.name], blocks),
            macro_f1(bench.decoded(target), bench.decoded(played[policy.name].predictions[judged]))
            if classification
            else None,
            blocks,
            scored,
            everything,
            at,
            settings.seed,
        )
        for policy in policies
    )
    return Replayed(
        task=timeline.history.task,
        metric="accuracy" if classification else "mae",
        model=model,
        first_rows=first_rows,
        data_sha256=data_sha256,
        windows=tuple(_window(timeline, index, int(scored[index])) for index in range(len(timeline))),
        window_days=_window_days(timeline),
        policies=results,
        blocks=blocks,
        prices=at,
        level=settings.level,
        margin=settings.margin,
        freshness=freshness,
        freshness_earlier=freshness_earlier,
        ages=ages(results, blocks, settings.resamples, settings.seed),
        notes=tuple(notes),
        seconds=seconds,
        processes=processes,
    )


def _played(
    policy: Policy,
    did: Trajectory,
    bench: Bench,
    sums: Floats,
    f1: float | None,
    blocks: Blocks,
    scored: NDArray[np.int64],
    everything: Drawn,
    at: Prices,
    seed: int,
) -> Played:
    timeline = bench.timeline
    classification = timeline.history.task == "classification"
    mean, interval = _shown(*mean_with_interval(sums, everything), classification)
    ages_of = [timeline.age(index, newest) for index, newest in enumerate(did.newest)]
    days = [timeline.age_days(index, newest) for index, newest in enumerate(did.newest)]
    by_window = tuple(
        _window_score(sums, blocks, index, ages_of[index], retrained, classification, seed)
        for index, retrained in enumerate(did.retrained)
    )
    metrics = [score.metric for score in by_window if score.metric is not None]
    first = timeline.labelled(0)
    new_labels = int(np.sum(~np.isin(did.labels, first)))
    retrains = sum(did.retrained[1:])
    known_days = [value for value in days if value is not None]
    return Played(
        name=policy.name,
        kind=policy.kind,
        cadence=policy.cadence,
        window=policy.window,
        half_life=policy.half_life,
        budget=policy.budget,
        by_window=by_window,
        metric=mean,
        interval=interval,
        mean_of_windows=float(np.mean(metrics)),
        macro_f1=f1,
        labels=len(did.labels),
        new_labels=new_labels,
        retrains=retrains,
        seconds=did.first_seconds + did.new_seconds,
        new_seconds=did.new_seconds,
        staleness=float(np.average(ages_of, weights=scored)),
        staleness_days=float(np.average(known_days, weights=scored)) if known_days else None,
        cost=cost(sums.tolist(), new_labels, retrains, did.new_seconds, at),
        losses=tuple(sums.tolist()),
    )


def _window_score(
    sums: Floats, blocks: Blocks, index: int, age: float, retrained: bool, classification: bool, seed: int
) -> WindowScore:
    cells = np.flatnonzero(np.asarray(blocks.windows) == index)
    if not len(cells):
        return WindowScore(metric=None, interval=None, age=age, retrained=retrained)
    rows, block_of = np.asarray(blocks.rows)[cells].tolist(), np.asarray(blocks.blocks)[cells].tolist()
    mean, interval = mean_with_interval(sums[cells], draw(rows, block_of, _WINDOW_RESAMPLES, seed))
    metric, shown = _shown(mean, interval, classification)
    # One block alone says nothing of its spread.
    return WindowScore(metric=metric, interval=shown if len(cells) > 1 else None, age=age, retrained=retrained)


def _shown(mean: float, interval: Interval, classification: bool) -> tuple[float, Interval]:
    """A mean loss as the metric that people know: the accuracy, or the mean absolute error itself."""
    if not classification:
        return mean, interval
    return 1.0 - mean, (max(0.0, 1.0 - interval[1]), min(1.0, 1.0 - interval[0]))


def _window(timeline: Timeline, index: int, scored: int) -> WindowPlayed:
    window = timeline.windows[timeline.first + index]
    return WindowPlayed(
        number=window.number,
        name=window.name,
        rows=len(window),
        scored=scored,
        labelled=len(timeline.labelled(index)),
    )


def _window_days(timeline: Timeline) -> float | None:
    if timeline.history.clock != "dates":
        return None
    span = timeline.windows[-1].ends - timeline.windows[0].begins
    return float(span / 86_400 / len(timeline.windows))
