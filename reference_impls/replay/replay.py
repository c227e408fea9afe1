"""Replays policies of retraining on a history: every window is predicted before anything of it is learnt."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from ..drift.settings import Settings as DriftSettings
from ..history.base import History
from ..history.windows import Window
from ..predictors.choosing import choose_kind
from ..predictors.kinds import KINDS, checked_kind
from ..predictors.settings import Settings as PredictorSettings
from ..predictors.vectors import share
from ..project_base.errors import UserError
from ..project_base.progress import Progress, silent
from .base import Policy
from .blocks import earlier_half
from .digests import replay_digest, sha256_of_history
from .driving import drive, workers
from .freshness import cut_for_test, judge_freshness, too_short
from .game import Game
from .judging import judge
from .playing import play
from .policies import standard_policies
from .results import Freshness, Replayed
from .settings import Settings
from .stored import Store
from .tasks import Fit, Result
from .timeline import Timeline, timeline
from .working import Bench, losses

_INCREMENTAL = "incremental"


def replay(
    history: History,
    windows: Sequence[Window],
    settings: Settings,
    predictors: PredictorSettings,
    drift: DriftSettings,
    policies: Sequence[Policy] | None = None,
    *,
    processes: int | None = None,
    folder: Path | None = None,
    progress: Progress = silent,
    tell: Callable[[str], object] = lambda _: None,
) -> Replayed:
    """Replays policies.

    Before each window, a policy may learn from the earlier rows whose label is known when the window begins; then its
    model predicts the whole window. The first model is the same for all. Its kind is chosen on its own rows alone.

    Args:
        history: In the order of time.
        windows: Of the whole history.
        settings: Of the replay.
        predictors: Of the models.
        drift: Of the looks of a trigger.
        policies: What is compared; None takes `standard_policies(settings)`.
        processes: How many; None takes those of the settings.
        folder: Where finished work is kept, so that a replay that was killed goes on; None keeps nothing.
        progress: Opens the bar.
        tell: Hears what was chosen and left out.

    Returns:
        The same for any number of processes, but for seconds.

    Raises:
        UserError: The history is too short, labels come too late, or a model cannot be trained.
    """
    begun = time.perf_counter()
    notes: list[str] = []
    found = timeline(history, windows, settings.first_windows)
    if found.first > settings.first_windows:
        notes.append(
            f"labels come so late that {found.windows[found.first].name} is the first window that a model can predict"
        )
    first_rows = found.labelled(0)
    kind = checked_kind(_kind(history, first_rows, predictors, settings.seed, tell))
    wanted = tuple(standard_policies(settings) if policies is None else policies)
    _check_names(wanted)
    if not KINDS[kind].warm and any(policy.kind == "warm_start" for policy in wanted):
        wanted = tuple(policy for policy in wanted if policy.kind != "warm_start")
        notes.append(f"warm start is left out: models of the kind {kind} always begin anew")
    for note in notes:
        tell(note)
    bench = Bench(found, predictors, drift, settings.seed)
    draws = _blocks_for_test(found, settings)
    draws_earlier = _blocks_for_test(found, settings, earlier_half(len(found)))
    fresh = [Fit(block, kind, 0) for blocks in draws for block in blocks]
    fresh_earlier = [Fit(block, kind, 0) for blocks in draws_earlier for block in blocks]
    game = Game(
        found,
        kind,
        _INCREMENTAL,
        settings.trigger == "rows_and_errors",
        settings.seed,
        reference=drift.reference,
        against_first=drift.against == "first",
    )
    data_sha256 = sha256_of_history(history)
    store = None
    if folder is not None:
        store = Store(folder, replay_digest(data_sha256, windows, predictors, drift, settings.seed))
    count = (settings.processes if processes is None else processes) or _cores()
    others = [*fresh, *fresh_earlier]
    # Other processes are given the vectors of the texts: each of them would compute them all.
    with workers(bench, count, share(history, predictors) if count > 1 else {}) as hands:
        advance = progress("replaying policies", _steps(wanted, found, len(others)))
        played, tested = drive({policy.name: play(policy, game) for policy in wanted}, others, hands, store, advance)
    result = judge(
        bench=bench,
        policies=wanted,
        played=played,
        settings=settings,
        model=kind,
        first_rows=len(first_rows),
        data_sha256=data_sha256,
        freshness=_freshness(bench, draws, tested[: len(fresh)], settings),
        freshness_earlier=_freshness(bench, draws_earlier, tested[len(fresh) :], settings, earlier_half(len(found))),
        notes=(*notes, *(remark for each in played.values() for remark in each.remarks)),
        processes=count,
        seconds=time.perf_counter() - begun,
    )
    if store is not None:
        store.forget_old_others()
    return result


def freshness_of(
    history: History, windows: Sequence[Window], settings: Settings, predictors: PredictorSettings
) -> Freshness:
    """The test of freshness alone, in this process; see `judge_freshness`.

    Args:
        history: In the order of time.
        windows: Of the whole history.
        settings: Of the replay.
        predictors: Of the models; the kind is chosen on the first windows, where they say auto.

    Raises:
        UserError: As of a replay.
    """
    found = timeline(history, windows, settings.first_windows)
    kind = _kind(history, found.labelled(0), predictors, settings.seed, lambda _: None)
    bench = Bench(found, predictors, DriftSettings(), settings.seed)
    draws = _blocks_for_test(found, settings)
    tested = [bench.do(Fit(block, kind, 0)) for blocks in draws for block in blocks]
    return _freshness(bench, draws, tested, settings)


def _kind(
    history: History,
    first_rows: NDArray[np.int64],
    predictors: PredictorSettings,
    seed: int,
    tell: Callable[[str], object],
) -> str:
    if predictors.kind != "auto":
        return predictors.kind
    chosen = choose_kind(history.take(first_rows), predictors, tell, seed=seed)
    tell(f"models of the kind {chosen.kind}: {chosen.why}")
    return chosen.kind


def _cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _check_names(policies: Sequence[Policy]) -> None:
    names = [policy.name for policy in policies]
    if len(set(names)) < len(names):
        raise UserError("two policies of the replay have the same name", "give each of them a name of its own")
    if not any(policy.kind == "never" for policy in policies):
        raise UserError("the replay lacks the policy never, by which all others are judged", "add it to the policies")


def _steps(policies: Sequence[Policy], found: Timeline, others: int) -> int:
    """About how many tasks there are: trainings that are shared count once."""
    windows = len(found)
    trainings = {"never": 1, "recalibration": 1, "incremental": 1, "warm_start": 1, "scheduled": 0}
    schedules = windows if any(policy.kind in {"scheduled", "drift_triggered"} for policy in policies) else 0
    looks = windows * any(policy.kind == "drift_triggered" for policy in policies)
    return (
        others
        + schedules
        + looks
        + sum(trainings.get(policy.kind, windows) for policy in policies if policy.kind != "drift_triggered")
    )


def _blocks_for_test(found: Timeline, settings: Settings, until: int | None = None) -> list[list[NDArray[np.int64]]]:
    """The blocks of the test of freshness, by all labels or by those known when a replayed window begins."""
    return cut_for_test(
        found.history.time,
        _labels_for_test(found, until),
        found.window_of,
        settings.freshness_blocks,
        settings.seed,
        settings.level,
    )


def _labels_for_test(found: Timeline, until: int | None) -> NDArray[np.int64]:
    if until is None or until >= len(found):
        return np.flatnonzero(np.isfinite(found.history.known))
    return found.labelled(until)


def _freshness(
    bench: Bench,
    draws: Sequence[Sequence[NDArray[np.int64]]],
    tested: Sequence[Result],
    settings: Settings,
    until: int | None = None,
) -> Freshness:
    if not draws:
        return too_short(len(_labels_for_test(bench.timeline, until)), settings.level)
    target = bench.encoded(bench.history.target)
    classification = bench.history.task == "classification"
    results, count = iter(tested), len(draws[0])
    scores = np.full((count, count), 1.0 if classification else 0.0)
    for blocks in draws:
        for model in range(count):
            loss = losses(target, next(results)["predictions"], classification)
            scores[model] -= [float(loss[block].mean()) / len(draws) for block in blocks]
    return judge_freshness(scores, len(draws[0][0]), settings.level, settings.resamples, settings.seed)
