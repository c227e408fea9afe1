"""The replay of policies: what must hold for every history, and what a kill leaves."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impls.replay.blocks import above_zero, block_length, cut_blocks, draw, mean_with_interval, sums_by_cell
from reference_impls.replay.choice import choose
from reference_impls.replay.freshness import judge_freshness
from reference_impls.replay.results import Prices
from reference_impls.replay.tests.made import EACH, NEVER, WARM, WINDOWS, made, rates

REPLAY = """
import sys
from pathlib import Path
from reference_impls.drift.settings import Settings as DriftSettings
from reference_impls.predictors.settings import Settings as PredictorSettings
from reference_impls.replay.base import Policy
from reference_impls.replay.replay import replay
from reference_impls.replay.settings import Settings
from reference_impls.replay.tests.histories import turning, windows_of

if __name__ == "__main__":
    history = turning(rows=150)
    policies = (
        Policy("never", "never", 0), Policy("each", "scheduled"), Policy("warm", "warm_start"),
        Policy("recent", "recency_weighted", 1, half_life=2.0), Policy("asks", "active_learning", 1, budget=0.2),
    )
    found = replay(
        history, windows_of(history), Settings(resamples=999), PredictorSettings(kind="forest", trees=5),
        DriftSettings(), policies, processes=int(sys.argv[2]), folder=Path(sys.argv[1]),
    )
    print([(each.name, each.losses, each.labels, each.retrains) for each in found.policies])
"""


def started(folder: Path, processes: int) -> subprocess.Popen[str]:
    script = folder.parent / "replaying.py"
    script.write_text(REPLAY)
    root = Path(__file__).resolve().parents[2]
    return subprocess.Popen(
        [sys.executable, str(script), str(folder), str(processes)],
        env={**os.environ, "PYTHONPATH": str(root)},
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )


def killed_once_it_has_kept(folder: Path, results: int, processes: int) -> None:
    """Kills a replay, and the processes that it has started, at the moment at which so many results are there."""
    running = started(folder, processes)
    while running.poll() is None and len(list(folder.rglob("*.npz"))) < results:
        time.sleep(0.005)
    # The process may have ended by itself in between, which a later kill of it shows.
    os.killpg(running.pid, signal.SIGKILL)
    assert running.wait() == -signal.SIGKILL, "it ended before it was killed"
    assert running.stdout is not None
    running.stdout.close()


def outcome(folder: Path, processes: int) -> str:
    running = started(folder, processes)
    said, _ = running.communicate(timeout=200)
    assert running.returncode == 0
    return said


@pytest.mark.parametrize("kills", [1, pytest.param(12, marks=pytest.mark.soak)])
def test_a_replay_that_was_killed_goes_on_and_ends_in_the_same_in_any_number_of_processes(
    tmp_path: Path, kills: int
) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    undisturbed = outcome(tmp_path / "a", processes=1)
    for kill in range(kills):
        killed_once_it_has_kept(tmp_path / "b", 2 * kill + 2, processes=2 - kill % 2)
        assert all(path.stat().st_size for path in (tmp_path / "b").rglob("*.npz"))
    assert outcome(tmp_path / "b", processes=2) == undisturbed


@given(
    st.lists(st.integers(0, 60), min_size=1, max_size=12).filter(lambda rows: sum(rows) > 0),
    st.integers(1, 40),
    st.integers(0, 2**31),
)
@settings(max_examples=100, deadline=None)
def test_no_row_is_lost_or_counted_twice(rows: list[int], length: int, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=sum(rows))
    blocks = cut_blocks(rows, length, "")
    sums = sums_by_cell(values, blocks)
    assert np.bincount(blocks.windows, weights=blocks.rows, minlength=len(rows)).tolist() == rows
    assert sums.sum() == pytest.approx(values.sum(), abs=1e-9)
    mean, (low, high) = mean_with_interval(sums, draw(blocks.rows, blocks.blocks, 99, 0))
    assert mean == pytest.approx(values.mean(), abs=1e-9)
    assert low <= high


@given(st.integers(20, 400), st.floats(0.0, 0.95), st.integers(0, 2**31))
@settings(max_examples=50, deadline=None)
def test_a_test_turns_round_with_its_sign_and_keeps_to_the_unit(rows: int, memory: float, seed: int) -> None:
    values = np.random.default_rng(seed).normal(size=rows)
    for row in range(1, rows):
        values[row] += memory * values[row - 1]
    length, _ = block_length([values])
    assert block_length([1000.0 * values])[0] == length
    blocks = cut_blocks([rows], length, "")
    drawn = draw(blocks.rows, blocks.blocks, 499, 0)
    sums = sums_by_cell(values, blocks)
    one, other, large = (above_zero(factor * sums, 0.0, drawn) for factor in (1.0, -1.0, 1000.0))
    assert one.p == pytest.approx(large.p, abs=0.003)
    assert one.total == pytest.approx(-other.total, abs=1e-9)
    assert min(one.p, other.p) <= 0.6
    assert max(one.p, other.p) >= 0.4


@given(st.integers(6, 12), st.integers(0, 2**31))
@settings(max_examples=50, deadline=None)
def test_freshness_does_not_depend_on_how_hard_blocks_or_how_good_models_are(count: int, seed: int) -> None:
    generator = np.random.default_rng(seed)
    scores = generator.normal(size=(count, count))
    moved = scores + generator.normal(size=(count, 1)) * 5 + generator.normal(size=(1, count)) * 5
    one, other = (judge_freshness(each, 100, 0.01, 499, 0) for each in (scores, moved))
    assert one.p == pytest.approx(other.p, abs=1e-9)
    assert one.gain == pytest.approx(other.gain, abs=1e-9)


@given(st.floats(0.0, 0.3), st.floats(0.0, 500.0), st.floats(0.0, 2.0), st.integers(0, 1000))
@settings(max_examples=40, deadline=None)
def test_a_dearer_retrain_never_speaks_for_more_retraining(rise: float, price: float, label: float, seed: int) -> None:
    stale = rates(*(min(1.0, 0.1 + rise * age) for age in range(WINDOWS)), seed=seed)
    replayed = made({NEVER: stale, EACH: rates(*[0.1] * WINDOWS, seed=seed)})
    cheap, dear = (
        choose(replayed, Prices(error=1.0, label=label, retrain=each, compute_hour=0.0), resamples=999)
        for each in (price, price + 50.0)
    )
    assert dear.cadence == 0 or cheap.cadence > 0
    # What is taken is never dearer than doing nothing.
    assert cheap.do_not_retrain or cheap.against_never[0].saved > 0


def test_what_is_chosen_among_policies_without_a_difference_is_seldom_more_than_nothing() -> None:
    chosen = []
    for seed in range(100):
        policies = {NEVER: rates(*[0.2] * WINDOWS, seed=3 * seed)}
        policies |= {each: rates(*[0.2] * WINDOWS, seed=3 * seed + place) for place, each in ((1, EACH), (2, WARM))}
        chosen.append(choose(made(policies), resamples=999).do_not_retrain)
    assert sum(chosen) >= 96
