"""Predictors take whatever table a history can hold."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from reference_impls.history.base import Task
from reference_impls.predictors.fitting import fit, update
from reference_impls.predictors.kinds import KINDS
from reference_impls.predictors.recalibrating import recalibrate
from reference_impls.predictors.settings import Settings
from reference_impls.predictors.tests.tables import history_of

SETTINGS = Settings(trees=4, passes=1, word_features=256)
NUMBERS = st.one_of(
    st.just(float("nan")), st.sampled_from([0.0, 1.0, float("inf"), -float("inf")]), st.floats(-1e300, 1e300)
)
CATEGORIES = st.one_of(st.none(), st.sampled_from(["a", "b", "", "\x00", "\n"]), st.text(max_size=3))
TEXTS = st.one_of(st.none(), st.text(max_size=20).map(lambda text: f"{text} {text}"))


@st.composite
def tables(draw: st.DrawFn) -> tuple[dict[str, Any], list[Any], Task]:
    """Columns, a target and its task."""
    rows = draw(st.integers(1, 30))
    columns: dict[str, Any] = {}
    for name in draw(st.lists(st.sampled_from(["n1", "n2", "c1", "c2", "t1"]), unique=True)):
        values = {"n": NUMBERS, "c": CATEGORIES, "t": TEXTS}[name[0]]
        columns[name] = draw(st.lists(values, min_size=rows, max_size=rows))
        if name[0] == "c":
            # A column of holes alone would be one of numbers.
            columns[name][0] = "a"
            columns[name] = [value.replace(" ", "") if value else value for value in columns[name]]
        if name[0] == "t":
            columns[name][0] = "some words"
    task: Task = draw(st.sampled_from(["classification", "regression"]))
    target = st.sampled_from(["x", "y", "z"]) if task == "classification" else st.floats(-1e6, 1e6)
    return columns, draw(st.lists(target, min_size=rows, max_size=rows)), task


@pytest.mark.parametrize("kind", KINDS)
@settings(max_examples=40, deadline=None)
@given(tables(), st.data())
def test_any_table_is_learnt_and_predicted(kind: str, table: tuple[dict[str, Any], list[Any], Task], data: Any) -> None:
    columns, target, task = table
    history = history_of(columns, target, task)
    weights = np.array(data.draw(st.lists(st.floats(0.01, 100), min_size=len(target), max_size=len(target))))
    first = fit(history, SETTINGS, kind=kind, weights=weights)
    half = history.between(0, (len(history) + 1) // 2)
    models = [first, recalibrate(first, half), fit(half, SETTINGS, kind=kind, start=first)]
    if KINDS[first.kind].incremental:
        models.append(update(first, half, SETTINGS))
    for model in models:
        predicted = model.predict(history.features)
        shares = model.probabilities(history.features)
        assert len(predicted) == len(history)
        if task == "regression":
            assert np.isfinite(predicted.astype(np.float64)).all()
        else:
            assert shares is not None
            assert set(predicted) <= set(target)
            np.testing.assert_allclose(shares.sum(axis=1), 1)
