import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
import pytest

from ...drift.settings import Settings as DriftSettings
from ...predictors.settings import Settings as PredictorSettings
from ...predictors.settings import WithEmbedding, embedding_of
from ...predictors.vectors import accept
from ...project_base.errors import UserError
from ..base import Policy
from ..choice import choose
from ..game import Game
from ..playing import play
from ..replay import replay
from ..results import Replayed
from ..settings import Settings
from ..tasks import Look
from ..timeline import timeline
from .histories import ROWS, WINDOWS, turning, windows_of

SETTINGS = Settings(
    cadences="1, 3", sliding_windows="2", half_lives="1", label_budgets="0.25", resamples=999, freshness_blocks=8
)
LINEAR = PredictorSettings(kind="linear")
# The classifier among the tests of drift takes most of the time, and one look is like another.
DRIFT = DriftSettings(together=False)
QUICK = (Policy("never", "never", 0), Policy("each", "scheduled"), Policy("asks", "active_learning", 1, budget=0.25))


@pytest.fixture(scope="module")
def turned() -> Replayed:
    history = turning()
    return replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, processes=1)


def same(replayed: Replayed) -> dict[str, object]:
    """All of a replay but what the clock says."""
    found = replayed.model_dump(exclude={"seconds", "processes"})
    for policy in found["policies"]:
        del policy["seconds"], policy["new_seconds"], policy["cost"]["compute"]
    return found


def test_what_turns_is_followed_by_those_who_retrain(turned: Replayed) -> None:
    metric = {each.kind: each.metric for each in turned.policies}
    assert metric["never"] < 0.7
    for kind in ("sliding_window", "recency_weighted", "active_learning"):
        assert metric[kind] > metric["never"] + 0.05, kind
    assert metric["sliding_window"] > turned.played("scheduled every window").metric
    assert turned.freshness.fades
    found = choose(turned)
    assert not found.do_not_retrain
    assert found.kind in {"sliding_window", "recency_weighted", "incremental"}


def test_an_alarm_retrains_once_errors_rise_and_is_silent_without_drift() -> None:
    triggered = (QUICK[0], Policy("alarm", "drift_triggered"))
    found = []
    for degrees in (25.0, 0.0):
        history = turning(degrees=degrees, rows=300)
        replayed = replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, triggered, processes=1)
        found.append((replayed.played("alarm").retrains, replayed.played("alarm").metric - replayed.policies[0].metric))
    (retrains, gain), still = found
    assert retrains >= 1
    assert gain > 0.05
    assert still == (0, 0.0)


def test_what_a_policy_used_is_counted(turned: Replayed) -> None:
    assert turned.first_rows == ROWS
    never = turned.played("never")
    assert (never.labels, never.new_labels, never.retrains) == (ROWS, 0, 0)
    each = turned.played("scheduled every window")
    assert (each.new_labels, each.retrains, each.staleness) == ((WINDOWS - 2) * ROWS, WINDOWS - 2, 0.0)
    third = turned.played("scheduled every 3 windows")
    assert (third.retrains, third.new_labels) == (2, 6 * ROWS)
    asks = turned.played("active learning 25 %")
    assert asks.new_labels == (WINDOWS - 2) * ROWS // 4
    assert never.staleness == pytest.approx((WINDOWS - 2) / 2)
    assert all(each.seconds > each.new_seconds >= 0 for each in turned.policies)


def test_all_policies_begin_with_the_same_model(turned: Replayed) -> None:
    first = {each.by_window[0].metric for each in turned.policies if each.kind != "incremental"}
    assert len(first) == 1


def test_nothing_of_a_window_or_of_later_ones_reaches_its_predictions() -> None:
    history = turning()
    changed = replace(history, target=history.target.copy())
    later = slice(5 * ROWS, None)
    changed.target[later] = np.where(history.target[later] == "up", "down", "up")
    settings = SETTINGS.model_copy(update={"seed": 3})
    before, after = (
        replay(each, windows_of(each), settings, LINEAR, DRIFT, processes=1) for each in (history, changed)
    )
    for one, other in zip(before.policies, after.policies, strict=True):
        # Four windows have their own labels; the fifth has the same predictions, and labels turned round.
        assert [score.metric for score in one.by_window[:4]] == [score.metric for score in other.by_window[:4]]
        right, wrong = one.by_window[4].metric, other.by_window[4].metric
        assert right is not None
        assert wrong is not None
        assert right + wrong == pytest.approx(1.0), one.name


def test_late_labels_make_models_older() -> None:
    history = turning(delay=1.5 * ROWS)
    found = replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, QUICK, processes=1)
    assert found.windows[0].number == 3
    assert [note for note in found.notes if "labels come so late" in note]
    each = found.played("each")
    assert {score.age for score in each.by_window} == {1.0}
    # A label that is asked for when a window is over comes a delay later.
    asks = found.played("asks")
    assert asks.retrains < each.retrains


def test_labels_that_never_come_are_neither_used_nor_judged() -> None:
    history = turning()
    gone = np.arange(len(history)) % 4 == 0
    history.known[gone] = np.inf
    history.target[gone] = None
    found = replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, QUICK, processes=1)
    assert sum(window.scored for window in found.windows) == (WINDOWS - 1) * ROWS * 3 // 4
    assert found.played("each").labels == (WINDOWS - 1) * ROWS * 3 // 4
    assert found.played("asks").new_labels == (WINDOWS - 2) * ROWS // 4


def test_a_still_history_ends_in_no_retraining() -> None:
    history = turning(degrees=0.0)
    found = replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, processes=1)
    assert not found.freshness.fades
    assert choose(found).do_not_retrain


def test_numbers_are_replayed_too_and_a_turned_one_is_followed() -> None:
    history = turning(task="regression")
    found = replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, processes=1)
    assert found.metric == "mae"
    assert found.played("sliding window of 2").metric < 0.7 * found.played("never").metric
    assert all(each.macro_f1 is None for each in found.policies)
    assert not choose(found).do_not_retrain


def test_a_second_replay_goes_on_from_the_work_of_the_first(tmp_path: Path) -> None:
    history = turning()

    def again() -> Replayed:
        return replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, QUICK, processes=1, folder=tmp_path)

    first = again()
    kept = sorted(tmp_path.rglob("*.npz"))
    assert len(kept) > WINDOWS
    before = {path: path.stat().st_mtime_ns for path in kept}
    # One result is lost and one is damaged: these two are made again, and the outcome is the same, to the second.
    kept[0].unlink()
    kept[1].write_bytes(b"half a fi")
    second = again()
    after = {path: path.stat().st_mtime_ns for path in sorted(tmp_path.rglob("*.npz"))}
    assert after.keys() == before.keys()
    assert [path for path in kept if after[path] != before[path]] == kept[:2]
    assert same(first) == same(second)


def test_work_on_another_history_is_not_taken(tmp_path: Path) -> None:
    for seed in (0, 1):
        history = turning(seed=seed)
        found = replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, QUICK[:2], processes=1, folder=tmp_path)
        assert same(found) == same(
            replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, QUICK[:2], processes=1)
        )
        kept = list((tmp_path / "replay").iterdir())
        assert len(kept) == seed + 1
    # What a replay that runs now may need stays; what nobody has worked on since yesterday goes.
    old = kept[0].stat().st_mtime - 90_000
    for folder in kept:
        os.utime(folder, (old, old))
    history = turning(seed=2)
    replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, QUICK[:1], processes=1, folder=tmp_path)
    (left,) = (tmp_path / "replay").iterdir()
    assert left not in kept


def test_other_processes_compute_no_vectors_again(tmp_path: Path) -> None:
    history = turning(rows=40)
    comments = ["high" if up else "low" for up in (history.target == "up").tolist()]
    texts = replace(
        history, features=pd.DataFrame({"comment": pd.Series(comments, dtype=object)}), kinds={"comment": "text"}
    )
    # There is no such model: whoever had to compute a vector would fail.
    own = {"kind": "linear", "texts": "vectors", "embedding": {"model": str(tmp_path / "none")}}
    settings = WithEmbedding.model_validate(own)
    known = np.eye(2, 8, dtype=np.float32)
    accept({embedding_of(settings).model_dump_json(): {"high": known[0], "low": known[1]}})
    found = replay(texts, windows_of(texts), SETTINGS, settings, DRIFT, QUICK[:2], processes=2)
    assert found.processes == 2
    assert found.played("never").metric == 1.0


@pytest.mark.parametrize(
    ("against", "windows", "expected"),
    [
        ("first", 1, [(0, 1, 1, False), (1, 2, 2, True), (1, 2, 3, True)]),
        ("previous", 1, [(0, 1, 1, False), (1, 2, 2, True), (2, 3, 3, True)]),
        ("first", 2, [(0, 1, 1, False), (1, 2, 2, True), (1, 3, 3, True)]),
        ("previous", 2, [(0, 1, 1, False), (0, 2, 2, False), (1, 3, 3, True)]),
    ],
)
def test_an_alarm_compares_with_the_windows_that_the_settings_of_drift_name(
    against: str, windows: int, expected: list[tuple[int, int, int, bool]]
) -> None:
    history = turning(rows=40)
    found = timeline(history, windows_of(history), 1)
    game = Game(found, "linear", "incremental", True, 0, windows, against == "first")
    playing = play(Policy("alarm", "drift_triggered"), game)
    next(playing)
    none = {"predictions": np.zeros(len(history) - found.start, dtype=np.int64), "seconds": np.zeros(2)}
    (task,) = playing.send([none])
    looks = []
    for _ in expected:
        assert isinstance(task, Look)
        compared = task.reference.start // 40, task.reference.stop // 40, task.current.start // 40
        looks.append((*compared, task.predictions is not None))
        (task,) = playing.send([{"alarm": np.zeros(1), "seconds": np.zeros(1)}])
    assert looks == expected


def test_the_earlier_test_of_freshness_knows_what_was_known_then() -> None:
    found = []
    for seed in (0, 1):
        history = turning(rows=120)
        later = np.arange(len(history)) >= 5 * 120
        draw = np.random.default_rng(seed)
        history.target[later] = draw.choice(["up", "down"], int(later.sum()))
        found.append(replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, QUICK[:2], processes=1))
    # Seven windows are replayed from the second on; four of them are the earlier ones.
    assert found[0].freshness_earlier == found[1].freshness_earlier
    assert found[0].freshness_earlier.p is not None
    assert found[0].freshness != found[1].freshness


def test_a_kind_that_cannot_start_warm_says_so() -> None:
    history = turning(rows=40)
    policies = (QUICK[0], Policy("warm", "warm_start"))
    few = PredictorSettings(kind="boosting", trees=3)
    found = replay(history, windows_of(history), SETTINGS, few, DRIFT, policies, processes=1)
    assert [each.name for each in found.policies] == ["never"]
    assert "always begin anew" in found.notes[0]


def test_policies_without_never_or_of_one_name_are_refused() -> None:
    history = turning(rows=40)
    for policies, message in (((QUICK[1],), "lacks the policy never"), ((QUICK[0], QUICK[0]), "same name")):
        with pytest.raises(UserError, match=message):
            replay(history, windows_of(history), SETTINGS, LINEAR, DRIFT, policies, processes=1)
