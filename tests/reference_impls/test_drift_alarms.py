"""Over many histories: how often drift is called where there is none, and how soon it is seen where there is some."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pandas as pd  # type: ignore[import-untyped]
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impls.drift.base import Drift
from reference_impls.drift.compare import compare
from reference_impls.drift.settings import Settings
from reference_impls.drift.tests.drifting import drifting, made

ROOT = Path(__file__).resolve().parents[2]

NUMBERS = st.lists(st.floats(width=32) | st.sampled_from([0.0, 1.0]), min_size=40, max_size=90)
NAMES = st.lists(
    st.none() | st.sampled_from(["", "a", "b", "new one", "é"]) | st.text(max_size=4), min_size=40, max_size=90
)


@settings(max_examples=60, deadline=None)
@given(first=NUMBERS, second=NUMBERS, names=NAMES, texts=NAMES)
def test_any_columns_get_a_sound_document(
    first: list[float], second: list[float], names: list[str | None], texts: list[str | None]
) -> None:
    sides = []
    for numbers in (first, second):
        rows = min(len(numbers), len(names), len(texts))
        features = pd.DataFrame(
            {
                "number": np.array(numbers[:rows], dtype=np.float64),
                "name": pd.Series(names[:rows], dtype=object),
                "text": pd.Series(texts[:rows], dtype=object),
            }
        )
        kinds = {"number": "number", "name": "category", "text": "text"}
        sides.append(made(features, kinds, np.arange(rows, dtype=np.float64)))  # type: ignore[arg-type]
    drift = compare(sides[0], sides[1], Settings())
    for shift in drift.columns:
        assert shift.psi >= 0
        assert shift.value >= 0
        assert shift.statistic == "chi-square" or shift.value <= 1
        if shift.p is not None and shift.corrected_p is not None:
            assert 0 < shift.p <= shift.corrected_p <= 1
        assert shift.shifted == (shift.corrected_p is not None and shift.corrected_p <= drift.level)
    assert Drift.model_validate_json(drift.model_dump_json()) == drift


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), scale=st.floats(0.01, 100), shift=st.floats(-100, 100))
def test_units_do_not_matter(seed: int, scale: float, shift: float) -> None:
    history, _ = drifting("sudden", seed, 800, by=0.5)
    quick = Settings(together=False)
    features = history.features.copy()
    features["load"] = features["load"] * scale + shift
    other = made(features, dict(history.kinds), history.target)
    found = [compare(each.between(0, 400), each.between(400, 800), quick) for each in (history, other)]
    assert found[0].columns[0].p == pytest.approx(found[1].columns[0].p, abs=0.02)
    assert found[0].columns[0].psi == pytest.approx(found[1].columns[0].psi, abs=0.02)


def table(*names: str, seeds: int) -> dict[str, list[str]]:
    """The rows of the tables that benchmarks/drift_alarms.py prints, by their first cell."""
    only = [word for name in names for word in ("--only", name)]
    script = ROOT / "benchmarks" / "drift_alarms.py"
    command = [sys.executable, str(script), "--seeds", str(seeds), "--processes", "2", *only]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=True, cwd=ROOT)
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in done.stdout.splitlines() if "|" in line]
    return {row[0]: row[1:] for row in rows if row[0] in names}


def counted(cell: str) -> tuple[int, int]:
    found = re.fullmatch(r"(\d+) of (\d+)", cell)
    assert found
    return int(found[1]), int(found[2])


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("control", ["made, independent", "made, memory .9", "made, memory .99"])
def test_at_most_five_of_a_hundred_histories_without_drift_are_called_drift(control: str) -> None:
    alarms, seeds = counted(table(control, seeds=100)[control][0])
    assert seeds == 100
    assert alarms <= 5


@pytest.mark.soak
@pytest.mark.realdata
@pytest.mark.timeout(3000)
@pytest.mark.parametrize("control", ["gas, rows shuffled", "bikes, rows shuffled", "bikes, days shuffled"])
def test_at_most_five_of_a_hundred_shuffled_real_histories_are_called_drift(control: str) -> None:
    alarms, seeds = counted(table(control, seeds=100)[control][0])
    assert seeds == 100
    assert alarms <= 5


@pytest.mark.soak
@pytest.mark.timeout(3000)
@pytest.mark.parametrize(
    ("change", "delay"), [("sudden", 0), ("gradual", 2), ("recurring", 0), ("relation", 0), ("labels", 0), ("words", 0)]
)
def test_a_known_change_is_found_within_its_delay(change: str, delay: int) -> None:
    name = f"made, {change}"
    row = table(name, seeds=40)[name]
    found, seeds = counted(row[0])
    assert found == seeds
    assert int(row[2]) <= delay
