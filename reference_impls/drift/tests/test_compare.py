"""One comparison: what moved is found and named, what did not is left alone, and odd rows do no harm."""

from dataclasses import replace

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
import pytest

from ...history.base import History, Kind
from ...project_base.errors import UserError
from ..base import Drift
from ..compare import compare
from ..performance import fall
from ..settings import Settings
from .drifting import Change, autoregressive, drifting, made

QUICK = Settings(together=False)


def sides(change: Change, seed: int = 0, **more: float) -> tuple[History, History]:
    history, _ = drifting(change, seed, 2400, **more)  # type: ignore[arg-type]  # numbers alone
    return history.between(0, 1200), history.between(1200, 2400)


def moved(drift: Drift) -> set[tuple[str, str]]:
    return {(shift.column, shift.aspect) for shift in drift.columns if shift.shifted}


def test_nothing_is_seen_where_nothing_changed() -> None:
    drift = compare(*sides("none"), Settings())
    assert drift.verdict == "none"
    assert drift.size == "stable"
    assert not moved(drift)
    assert drift.together is not None
    low, high = drift.together.interval
    assert low < 0.5 < high
    assert drift.why.startswith("Nothing differs beyond chance")


@pytest.mark.parametrize(
    ("change", "column", "aspect"),
    [
        ("sudden", "load", "values"),
        ("category", "plan", "values"),
        ("missing", "speed", "values"),
        ("words", "comment", "words"),
    ],
)
def test_the_column_that_moved_is_named(change: Change, column: str, aspect: str) -> None:
    drift = compare(*sides(change), QUICK)
    assert drift.verdict == "drift"
    assert (column, aspect) in moved(drift)
    # Words of other lengths make other lengths of text.
    assert moved(drift) <= {(column, aspect), ("comment", "length")} - (
        {("comment", "length")} if column != "comment" else set()
    )
    assert column in drift.why


def test_how_far_it_moved_is_the_index_and_chance_alone_gives_far_less() -> None:
    drift = compare(*sides("sudden"), QUICK)
    load, noise = (next(shift for shift in drift.columns if shift.column == name) for name in ("load", "noise"))
    # A mean that moves by one standard deviation has an index of 1 without bins, and a little less with ten of them.
    assert 0.6 < load.psi < 1.1
    assert load.size == "major"
    assert load.psi_chance is not None
    assert noise.psi_chance is not None
    # (bins - 1) (1/n + 1/m) times the 95 % quantile of chi-square over its mean.
    assert noise.psi_chance == pytest.approx(9 * (2 / 1200) * 16.92 / 9, rel=0.25)
    assert noise.psi < 2 * noise.psi_chance
    assert load.value == pytest.approx(0.38, abs=0.06)


def test_the_level_covers_all_comparisons() -> None:
    reference, current = sides("sudden", by=0.08)
    alone = compare(reference, current, QUICK)
    one_of_many = compare(reference, current, QUICK, comparisons=4)
    ps = [
        next(shift.corrected_p for shift in drift.columns if shift.column == "load") for drift in (alone, one_of_many)
    ]
    assert ps[0] is not None
    assert 0.005 < ps[0] < 0.2
    # Both are shares of random exchanges.
    assert ps[1] == pytest.approx(4 * ps[0], rel=0.5)


def test_thresholds_and_the_smallest_change_that_counts_are_settings() -> None:
    reference, current = sides("sudden", by=0.4)
    drift = compare(reference, current, QUICK)
    assert drift.verdict == "drift"
    assert drift.size == "moderate"
    assert compare(reference, current, QUICK.model_copy(update={"major": 0.11})).size == "major"
    too_small = compare(reference, current, QUICK.model_copy(update={"smallest": "major"}))
    assert too_small.verdict == "none"
    assert "smaller than drift.smallest asks for" in too_small.why


def test_a_classifier_sees_what_no_single_column_shows() -> None:
    draw = np.random.default_rng(13)
    first, second = draw.normal(size=(2, 2000, 3))
    second[:, 1] = 0.8 * second[:, 0] + 0.6 * second[:, 1]
    kinds: dict[str, Kind] = {"a": "number", "b": "number", "c": "number"}
    rows = [made(pd.DataFrame(side, columns=list(kinds)), kinds, np.zeros(2000)) for side in (first, second)]
    drift = compare(rows[0], rows[1], Settings())
    assert not moved(drift)
    assert drift.together is not None
    assert drift.together.shifted
    assert drift.together.interval[0] > 0.5
    assert drift.verdict == "drift"
    assert "a classifier tells the rows apart" in drift.why.lower()


def test_labels_that_move_are_seen_without_any_prediction() -> None:
    drift = compare(*sides("labels"), QUICK)
    assert not moved(drift)
    assert drift.labels is not None
    assert drift.labels.shifted
    assert drift.predictions is None
    assert drift.performance is None


@pytest.mark.parametrize("task", ["regression", "classification"])
def test_a_relation_that_changed_is_seen_in_the_errors_alone(task: str) -> None:
    history, predictions = drifting("relation", 3, 2400, task=task)  # type: ignore[arg-type]  # one of the two
    drift = compare(
        history.between(0, 1200), history.between(1200, 2400), QUICK, predictions[:1200], predictions[1200:]
    )
    assert not moved(drift)
    assert drift.performance is not None
    assert drift.performance.shifted
    assert drift.performance.lost > 0.3
    assert drift.predictions is not None
    assert not drift.predictions.shifted
    worse = drift.performance.current - drift.performance.reference
    assert worse > 0 if task == "regression" else worse < 0


def test_predictions_that_become_better_are_no_alarm() -> None:
    history, predictions = drifting("relation", 4, 2400)
    drift = compare(
        history.between(1200, 2400), history.between(0, 1200), QUICK, predictions[1200:], predictions[:1200]
    )
    assert drift.performance is not None
    assert not drift.performance.shifted
    assert drift.performance.lost == 0


def test_a_label_counts_from_the_moment_it_is_known() -> None:
    history, predictions = drifting("relation", 5, 2400)
    late = replace(history, known=history.time + 1000)
    reference, current = late.between(0, 1200), late.between(1200, 2400)
    early = compare(reference, current, QUICK, predictions[:1200], predictions[1200:], now=2200.0)
    assert early.labels is None
    assert early.performance is None
    assert early.predictions is not None
    in_time = compare(reference, current, QUICK, predictions[:1200], predictions[1200:], now=2900.0)
    assert in_time.performance is not None
    assert in_time.performance.current_rows == 700
    assert in_time.performance.shifted


def test_rows_of_one_moment_have_no_order() -> None:
    history, _ = drifting("none", 6, 2400, task="classification")
    moments = np.repeat([1.0, 2.0], 1200)
    in_batches = replace(history, time=moments, known=moments, clock="values")
    order = np.concatenate(
        [
            np.argsort(history.target[side], kind="stable") + start
            for start, side in ((0, slice(0, 1200)), (1200, slice(1200, 2400)))
        ]
    )
    by_label = replace(in_batches.take(order), time=moments, known=moments)
    drift = compare(by_label.between(0, 1200), by_label.between(1200, 2400), QUICK)
    assert drift.labels is not None
    assert drift.labels.memory < 3
    assert drift.labels.p is not None


def test_a_column_that_changes_too_slowly_is_named_and_not_judged() -> None:
    reference, current = sides("none")
    slow: dict[str, Kind] = {**reference.kinds, "month": "category"}
    months = [np.repeat([str(first), str(first + 1)], 600).astype(object) for first in (1, 3)]
    sides_of = [
        replace(side, features=side.features.reset_index(drop=True).assign(month=month), kinds=slow)
        for side, month in zip((reference, current), months, strict=True)
    ]
    drift = compare(sides_of[0], sides_of[1], Settings())
    month = next(shift for shift in drift.columns if shift.column == "month")
    assert month.p is None
    assert month.psi > 1
    assert month.p_if_independent < 1e-9
    assert drift.verdict == "none"
    assert drift.together is not None
    assert drift.together.left_out == ("month",)
    assert any("month cannot be judged" in remark for remark in drift.remarks)


def test_a_new_value_is_named() -> None:
    drift = compare(*sides("category"), QUICK)
    plan = next(shift for shift in drift.columns if shift.column == "plan")
    assert plan.unseen == ("gold",)
    assert 150 < plan.unseen_rows < 330
    assert any("plan:" in remark and "gold" in remark for remark in drift.remarks)


def test_errors_that_rise_far_are_seen_though_they_hang_together_for_long() -> None:
    draw = np.random.default_rng(16)
    reference, current = autoregressive(2400, 1, 0.97, draw)[:, 0].reshape(2, 1200)
    near = fall(reference, current, "regression", 40, QUICK, 0)
    far = fall(reference, current - 4, "regression", 40, QUICK, 0)
    assert near.p is not None
    assert not near.shifted
    assert far.shifted
    assert far.lost == pytest.approx(4, abs=1)


def test_odd_columns_do_no_harm() -> None:
    reference, current = sides("none")
    count = len(reference)
    draw = np.random.default_rng(14)
    odd: dict[str, Kind] = {
        "constant": "number", "absent": "number", "infinite": "number", "no text": "text", "one level": "category",
        "names": "category",
    }  # fmt: skip
    changed = []
    for side in (reference, current):
        features = pd.DataFrame(
            {
                "constant": np.full(count, 3.0),
                "absent": np.full(count, np.nan),
                "infinite": np.where(draw.random(count) < 0.1, np.inf, draw.normal(size=count)),
                "no text": pd.Series([None] * count, dtype=object),
                "one level": pd.Series(["x"] * count, dtype=object),
                "names": pd.Series([f"row {number}" for number in draw.integers(0, 10**9, count)], dtype=object),
            }
        )
        changed.append(replace(side, features=features, kinds=odd))
    drift = compare(changed[0], changed[1], Settings())
    assert drift.verdict == "none"
    assert all(np.isfinite(shift.psi) for shift in drift.columns)
    assert Drift.model_validate_json(drift.model_dump_json()) == drift


def test_a_constant_that_changes_is_drift() -> None:
    reference, current = sides("none")
    kinds: dict[str, Kind] = {"version": "category"}
    versions = [pd.DataFrame({"version": pd.Series([name] * 1200, dtype=object)}) for name in ("v1", "v2")]
    changed = [
        replace(side, features=features, kinds=kinds)
        for side, features in zip((reference, current), versions, strict=True)
    ]
    assert moved(compare(changed[0], changed[1], QUICK)) == {("version", "values")}


def test_too_few_rows_tell_nothing() -> None:
    reference, current = sides("sudden")
    drift = compare(reference.between(0, 20), current.between(0, 20), Settings())
    assert drift.verdict == "cannot be told"
    assert drift.columns == ()
    assert drift.why == "Too few rows to tell whether anything has changed."
    empty = compare(reference, current.between(0, 0), Settings())
    assert empty.verdict == "cannot be told"


def test_a_short_window_is_compared_with_a_long_reference() -> None:
    history, _ = drifting("sudden", 8, 20_000)
    drift = compare(history.between(0, 9000), history.between(12_000, 12_120), QUICK)
    assert moved(drift) == {("load", "values")}
    assert drift.current_rows == 120


def test_other_columns_cannot_be_compared() -> None:
    reference, current = sides("none")
    other = replace(current, features=current.features.drop(columns="speed"), kinds={"load": "number"})
    with pytest.raises(UserError, match="differ in their columns"):
        compare(reference, other, QUICK)


def test_the_same_rows_and_seed_give_the_same_document() -> None:
    reference, current = sides("gradual")
    assert compare(reference, current, Settings()) == compare(reference, current, Settings())
