"""Plays each policy through the windows: asks for work, and goes on when it is done."""

from collections.abc import Generator, Sequence

import numpy as np
from numpy.typing import NDArray

from ..predictors.weights import recency_weights
from .asking import rows_to_ask
from .base import Policy
from .game import Game, Log
from .policies import trains_at
from .tasks import Chain, Fit, Look, Mode, Positions, Result, Task, Trajectory
from .timeline import Timeline

Playing = Generator[Sequence[Task], Sequence[Result], Trajectory]
"""Yields work that can be done at once, is sent the results in the same order, and returns what the policy did."""

_NO_ROWS: Positions = np.zeros(0, dtype=np.int64)


def play(policy: Policy, game: Game) -> Playing:
    """The game of one policy."""
    if policy.kind == "active_learning":
        return _asking(policy, game)
    if policy.kind == "drift_triggered":
        return _triggered(policy, game)
    if policy.kind in _MODES:
        return _chained(policy, game, _MODES[policy.kind])
    return _planned(policy, game)


_MODES: dict[str, Mode] = {
    "incremental": "incremental",
    "warm_start": "warm_start",
    "recalibration": "recalibration",
}


def _planned(policy: Policy, game: Game) -> Playing:
    """Policies whose trainings are known before anything is predicted."""
    timeline = game.timeline
    trained = [index for index in range(len(timeline)) if trains_at(policy, index)]
    fits = [_fit_at(policy, game, index) for index in trained]
    results = yield fits
    log = Log(timeline)
    for position, index in enumerate(trained):
        fit, result = fits[position], results[position]
        log.labels.update(fit.positions.tolist())
        log.spend(float(result["seconds"][0]), first=index == 0)
        until = trained[position + 1] if position + 1 < len(trained) else len(timeline)
        for served in range(index, until):
            log.serve(served, result, fit.first_row, int(fit.positions[-1]), retrained=served == index)
    return log.closed()


def _fit_at(policy: Policy, game: Game, index: int) -> Fit:
    """The training of a policy before a window. The first model is the same for all: it has all rows, all equal."""
    timeline = game.timeline
    positions, weights = timeline.labelled(index), None
    if index and policy.kind == "sliding_window":
        positions = _latest_windows(timeline, positions, policy.window)
    if index and policy.kind == "recency_weighted":
        age = timeline.window_of[positions[-1]] - timeline.window_of[positions]
        weights = recency_weights(age.astype(np.float64), policy.half_life)
    return Fit(positions, game.kind, timeline.rows(index).start, weights)


def _latest_windows(timeline: Timeline, labelled: Positions, windows: int) -> Positions:
    """The rows of the latest windows that have labels; more of them where they hold a single class."""
    of_rows = timeline.window_of[labelled]
    for oldest in np.unique(of_rows)[::-1][windows - 1 :]:
        chosen: Positions = labelled[of_rows >= oldest]
        if timeline.history.task == "regression" or len(set(timeline.history.target[chosen].tolist())) > 1:
            return chosen
    return labelled


def _chained(policy: Policy, game: Game, mode: Mode) -> Playing:
    """Policies whose next model is made from the former one."""
    timeline = game.timeline
    learnt = first = timeline.labelled(0)
    steps = [learnt]
    for index in range(1, len(timeline)):
        known = timeline.labelled(index)
        new = np.setdiff1d(known, learnt, assume_unique=True)
        if not trains_at(policy, index) or not len(new):
            steps.append(_NO_ROWS)
            continue
        # Updating has the new rows alone, a new training all of them, and recalibration the latest, as many as a window
        # has: never those of the first model, on which it is better than on any later ones.
        unseen = np.setdiff1d(known, first, assume_unique=True)
        latest = unseen[-max(len(new), len(timeline.history) // len(timeline.windows)) :]
        steps.append({"incremental": new, "recalibration": latest, "warm_start": known}[mode])
        learnt = known
    kind = game.incremental_kind if mode == "incremental" else game.kind
    chain = Chain(mode, kind, tuple(steps), tuple(timeline.rows(index) for index in range(len(timeline))))
    (result,) = yield [chain]
    log = Log(timeline)
    newest = 0
    for index, step in enumerate(steps):
        if len(step):
            newest = int(step[-1])
            log.labels.update(step.tolist())
        log.spend(float(result["seconds"][index]), first=index == 0)
        # The seconds of a step hold those of its predictions.
        served = {"predictions": result["predictions"], "seconds": np.zeros(2)}
        log.serve(index, served, timeline.start, newest, retrained=bool(len(step)))
    return log.closed()


def _triggered(policy: Policy, game: Game) -> Playing:
    """Retrains on all the past when the latest window has drifted from the rows that the model in service began with.

    The first look compares the first window that a model has served with those before it, from which it had learnt;
    later ones compare the latest window with the first ones (or those before it, as the settings of drift say),
    predictions and errors too where the model had learnt from none of them.
    """
    timeline = game.timeline
    fit = _fit_at(policy, game, 0)
    (model,) = yield [fit]
    log = Log(timeline)
    log.labels.update(fit.positions.tolist())
    log.spend(float(model["seconds"][0]), first=True)
    log.serve(0, model, fit.first_row, int(fit.positions[-1]), retrained=True)
    since = 0
    for index in range(1, len(timeline)):
        retrained = False
        if trains_at(policy, index):
            look = _look(game, fit, model, since, index)
            (found,) = yield [look]
            log.spend(float(found["seconds"][0]))
            if game.trigger_labels:
                log.labels.update(timeline.labelled(index).tolist())
            retrained = bool(found["alarm"][0])
        if retrained:
            fit, since = _fit_at(policy, game, index), index
            (model,) = yield [fit]
            log.labels.update(fit.positions.tolist())
            log.spend(float(model["seconds"][0]))
        log.serve(index, model, fit.first_row, int(fit.positions[-1]), retrained=retrained)
    return log.closed()


def _look(game: Game, fit: Fit, model: Result, since: int, index: int) -> Look:
    timeline, latest = game.timeline, index - 1
    first, behind = since, min(since + game.reference, latest)
    if not game.against_first or latest == since:
        first, behind = max(latest - game.reference, -timeline.first), latest
    reference, current = range(timeline.rows(first).start, timeline.rows(behind - 1).stop), timeline.rows(latest)
    parts = None
    if first >= since:
        parts = tuple(
            model["predictions"][rows.start - fit.first_row : rows.stop - fit.first_row]
            for rows in (reference, current)
        )
    given = None if parts is None else (parts[0], parts[1])
    return Look(reference, current, timeline.moment(index), game.trigger_labels, given, len(timeline) - 1)


def _asking(policy: Policy, game: Game) -> Playing:
    """Asks for labels of some rows of each window once it is over, and learns from those that came, and no others."""
    timeline = game.timeline
    history = timeline.history
    classification = history.task == "classification"
    fit = Fit(timeline.labelled(0), game.kind, timeline.start, unsure=classification)
    (model,) = yield [fit]
    log = Log(timeline)
    log.labels.update(fit.positions.tolist())
    log.spend(float(model["seconds"][0]), first=True)
    log.serve(0, model, fit.first_row, int(fit.positions[-1]), retrained=True)
    generator = np.random.default_rng(game.seed)
    asked, arrives = _NO_ROWS, np.zeros(0)
    for index in range(1, len(timeline)):
        rows, moment = timeline.rows(index - 1), timeline.moment(index)
        unsure = model["unsure"][rows.start - fit.first_row : rows.stop - fit.first_row] if classification else None
        new = _asked(np.arange(rows.start, rows.stop), unsure, policy.budget, generator, history.known)
        asked = np.concatenate([asked, new])
        # Asking begins when the window is over; then a label takes as long as it took in the history.
        arrives = np.concatenate([arrives, moment + history.known[new] - history.time[new]])
        known = np.union1d(timeline.labelled(0), asked[arrives <= moment])
        retrained = trains_at(policy, index) and len(known) > len(fit.positions)
        if retrained:
            fit = Fit(known, game.kind, timeline.rows(index).start, unsure=classification)
            (model,) = yield [fit]
            log.spend(float(model["seconds"][0]))
        log.labels.update(new.tolist())
        log.serve(index, model, fit.first_row, int(fit.positions[-1]), retrained=retrained)
    return log.closed()


def _asked(
    rows: Positions,
    unsure: NDArray[np.float64] | None,
    budget: float,
    generator: np.random.Generator,
    known: NDArray[np.float64],
) -> Positions:
    """The rows of a window whose labels are asked for, ascending; a label that never came cannot be asked for."""
    can = np.flatnonzero(np.isfinite(known[rows]))
    count = min(len(can), max(1, round(budget * len(rows))))
    chosen = rows_to_ask(len(can), None if unsure is None else unsure[can], count, generator)
    return np.sort(rows[can[np.concatenate(chosen)]])
