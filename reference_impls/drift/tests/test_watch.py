"""A history of windows: since when, which windows, and no alarm where nothing changes."""

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..performance import interval_of, performance
from ..settings import Settings
from ..watch import watch
from .drifting import CHANGES, Change, autoregressive, cut, drifting

QUICK = Settings(together=False)


def alarms(change: Change, seed: int, rows: int = 3000, memory: float = 0.0) -> tuple[int, ...]:
    history, predictions = drifting(change, seed, rows, memory=memory)
    watched = watch(history, cut(rows), QUICK, predictions)
    return tuple(each.window for each in watched.windows if each.drift.verdict == "drift")


@pytest.mark.parametrize("seed", range(2))
def test_a_sudden_change_is_seen_in_its_first_window_and_after(seed: int) -> None:
    assert alarms("sudden", seed) == (6, 7, 8, 9, 10)


@pytest.mark.parametrize("seed", range(2))
def test_a_gradual_change_is_seen_within_three_windows(seed: int) -> None:
    first, *_ = found = alarms("gradual", seed)
    assert CHANGES + 1 <= first <= CHANGES + 3
    assert found == tuple(range(first, 11))


@pytest.mark.parametrize("seed", range(2))
def test_a_change_that_comes_back_is_seen_each_time_and_not_between(seed: int) -> None:
    assert alarms("recurring", seed) == (6, 7, 10)


@pytest.mark.parametrize("seed", range(2))
def test_a_changed_relation_is_seen_in_the_errors(seed: int) -> None:
    assert alarms("relation", seed) == (6, 7, 8, 9, 10)


@pytest.mark.parametrize("memory", [0.0, 0.9, 0.99])
def test_no_change_is_no_alarm_however_alike_neighbouring_rows_are(memory: float) -> None:
    # A level of .01 over each whole history makes more than one in five an accident of one in 1,000.
    assert sum(bool(alarms("none", seed, 2000, memory)) for seed in range(5)) <= 1


def test_a_change_is_seen_though_neighbouring_rows_are_alike() -> None:
    assert alarms("sudden", 1, 10_000, 0.8)[0] == 6


def test_what_moved_since_when_and_how_far() -> None:
    history, predictions = drifting("sudden", 2)
    watched = watch(history, cut(len(history)), QUICK, predictions)
    assert watched.verdict == "drift"
    assert watched.first == 6
    load = next(entry for entry in watched.since if entry.what == "load")
    assert (load.first, load.since, load.windows) == (6, "window 6", (6, 7, 8, 9, 10))
    assert load.size == "major"
    assert load.largest_psi > 0.6
    assert {entry.what for entry in watched.since} == {"load", "target", "prediction"}
    assert watched.why.startswith("Drift in 5 of 9 windows, first in window 6: ")


def test_a_jump_is_seen_once_against_the_window_before() -> None:
    history, _ = drifting("sudden", 3)
    settings = QUICK.model_copy(update={"against": "previous"})
    watched = watch(history, cut(len(history)), settings)
    assert [each.window for each in watched.windows if each.drift.verdict == "drift"] == [6]


def test_predictions_are_compared_with_the_first_window_that_has_some() -> None:
    history, predictions = drifting("none", 4)
    seen = predictions.copy()
    seen[:500] = np.nan
    watched = watch(history, cut(len(history)), QUICK, seen)
    assert watched.windows[0].drift.performance is None
    second = watched.windows[1].drift.performance
    assert second is not None
    assert second.reference_rows == second.current_rows == 500
    assert watched.verdict == "none"


def test_too_few_windows_are_refused() -> None:
    history, _ = drifting("none", 5)
    with pytest.raises(UserError, match=r"drift\.reference"):
        watch(history, cut(len(history), 3), QUICK.model_copy(update={"reference": 3}))


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_performance_by_window_has_intervals(task: str) -> None:
    history, predictions = drifting("relation", 6, task=task)  # type: ignore[arg-type]  # one of the two
    measured = performance(history, cut(len(history)), predictions)
    assert [each.rows for each in measured] == [500] * 10
    before, after = measured[0], measured[-1]
    assert before.interval is not None
    assert after.interval is not None
    assert before.value is not None
    assert before.interval[0] < before.value < before.interval[1]
    apart = after.interval[0] - before.interval[1] if task == "regression" else before.interval[0] - after.interval[1]
    assert apart > 0


def test_a_window_without_labels_has_no_value() -> None:
    history, predictions = drifting("none", 7)
    measured = performance(history, cut(len(history)), predictions, now=2250.0)
    assert [each.labelled for each in measured] == [1, 1, 1, 1, 0.5, 0, 0, 0, 0, 0]
    assert measured[-1].value is None
    assert measured[-1].interval is None


def test_intervals_hold_what_they_promise_where_rows_are_alike() -> None:
    covered = 0
    for seed in range(200):
        errors = np.abs(autoregressive(1000, 1, 0.8, np.random.default_rng([15, seed]))[:, 0])
        interval = interval_of(errors, "regression")
        assert interval is not None
        # The mean of |N(0, 1)|.
        covered += interval[0] <= np.sqrt(2 / np.pi) <= interval[1]
    assert 0.9 <= covered / 200 <= 0.985


def test_all_right_answers_are_no_certainty() -> None:
    interval = interval_of(np.ones(50), "classification")
    assert interval is not None
    assert interval[0] == pytest.approx(0.929, abs=0.002)
    assert interval[1] == 1


def test_a_part_of_the_level_that_no_draw_can_reach_is_told() -> None:
    history, _ = drifting("sudden", 8, 2000)
    near = watch(history, cut(2000, 4), QUICK, share=lambda _: 100_000)
    assert near.verdict == "cannot be told"
    assert "history.window" in " ".join(near.remarks)
    assert all(shift.p is None for each in near.windows for shift in each.drift.columns)
    assert near.why.startswith("window 4 and 2 more: Whether anything has changed cannot be told")


def test_errors_that_cannot_be_judged_are_not_called_none() -> None:
    history, predictions = drifting("none", 9, 400)
    # In the middle of the first window the errors become ten times as large, and stay so.
    wrong = predictions.astype(np.float64) + np.where(np.arange(400) > 60, 10.0, 0.0)
    found = watch(history, cut(400, 4), QUICK, wrong)
    untold = [each for each in found.windows if each.drift.performance and each.drift.performance.p is None]
    assert untold
    assert found.verdict == "cannot be told"
    assert "mae" in found.why


def test_labels_that_count_by_a_moment_of_each_window() -> None:
    history, predictions = drifting("labels", 10, 2000)
    found = watch(
        history, cut(2000), QUICK, predictions, now=lambda window: window.ends if window.number < 7 else -np.inf
    )
    judged = [each.window for each in found.windows if each.drift.performance is not None]
    assert judged == [2, 3, 4, 5, 6]
