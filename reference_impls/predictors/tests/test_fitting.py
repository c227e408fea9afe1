import dataclasses
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
import pytest

from ...history.base import Task
from ...project_base.errors import UserError
from ..base import Metric
from ..fitting import fit, update
from ..kinds import KINDS
from ..scoring import scores_of
from ..settings import Settings
from ..table_predictor import TablePredictor
from ..weights import recency_weights
from .tables import NAMES, history_of, mixed

ALL = [(kind, task) for kind in KINDS for task in ("classification", "regression")]
QUICK = Settings(trees=20, passes=5, word_features=512)


def metric(task: Task) -> Metric:
    return "accuracy" if task == "classification" else "mae"


@pytest.mark.parametrize(("kind", "task"), ALL)
def test_every_kind_learns_numbers_categories_and_texts_with_holes(kind: str, task: Task) -> None:
    past, later = mixed(900, task), mixed(300, task, seed=1)
    model = fit(past, QUICK, kind=kind)
    assert scores_of(model, later, metric(task)).mean() > {"accuracy": 0.62, "mae": -0.75}[metric(task)]
    assert model.columns == ("number", "skewed", "category", "text")
    if task == "classification":
        assert model.classes == ("high", "low", "middle")
        shares = model.probabilities(later.features)
        assert shares is not None
        np.testing.assert_allclose(shares.sum(axis=1), 1)
        named = np.array(model.classes, dtype=object)[shares.argmax(axis=1)]
        assert (named == model.predict(later.features)).all()
    else:
        assert model.classes == ()
        assert model.probabilities(later.features) is None


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_counts(kind: str) -> None:
    past, later = mixed(900, "regression"), mixed(300, "regression", seed=1)
    model = fit(past, QUICK, kind=kind)
    whole = scores_of(model, later, "mae").mean()
    for name in model.columns:
        blind = later.features.copy()
        blind[name] = pd.Series([None] * len(blind), dtype=object) if later.kinds[name] != "number" else np.nan
        loss = whole - scores_of(model, dataclasses.replace(later, features=blind), "mae").mean()
        assert loss > 0.02, name


@pytest.mark.parametrize(("kind", "task"), ALL)
def test_the_same_seed_gives_the_same_model(kind: str, task: Task) -> None:
    past = mixed(200, task)
    first, second = (fit(past, QUICK, kind=kind, seed=3) for _ in range(2))
    assert (first.predict(past.features) == second.predict(past.features)).all()


@pytest.mark.parametrize(("kind", "task"), ALL)
def test_what_was_never_seen_is_predicted_as_well(kind: str, task: Task) -> None:
    model = fit(mixed(200, task), QUICK, kind=kind)
    row = pd.DataFrame({"text": ["wholly unheard of"], "category": ["violet"], "skewed": [1e12], "number": [-1e12]})
    predicted = model.predict(row)
    assert len(predicted) == 1
    assert predicted[0] in NAMES if task == "classification" else np.isfinite(predicted[0])
    assert len(model.predict(row[:0])) == 0
    shares = model.probabilities(row[:0])
    assert shares is None or shares.shape == (0, 3)


@pytest.mark.parametrize(("kind", "task"), ALL)
@pytest.mark.parametrize("rows", [1, 2, 3])
def test_a_few_rows_are_enough_to_train(kind: str, task: Task, rows: int) -> None:
    past = mixed(rows, task)
    model = fit(past, QUICK, kind=kind)
    assert len(model.predict(past.features)) == rows


@pytest.mark.parametrize(("kind", "task"), ALL)
def test_columns_that_say_nothing_do_no_harm(kind: str, task: Task) -> None:
    target = ["a", "b"] * 20 if task == "classification" else [1.0, 2.0] * 20
    empty = {"empty": [np.nan] * 40, "constant": [3.0] * 40, "number": [0.0, 1.0] * 20, "one": ["same"] * 40}
    past = history_of(empty, target, task)
    assert scores_of(fit(past, QUICK, kind=kind), past, metric(task)).mean() > (
        0.9 if task == "classification" else -0.3
    )


@pytest.mark.parametrize("kind", KINDS)
def test_without_columns_the_commonest_is_predicted(kind: str) -> None:
    past = history_of({}, ["a", "b", "b"], "classification")
    assert fit(past, QUICK, kind=kind).predict(past.features).tolist() == ["b"] * 3


def test_rows_without_a_label_are_left_out_and_none_is_refused() -> None:
    past = history_of({"x": [0.0, 1.0, 5.0]}, ["a", "b", None], "classification")
    model = fit(past, QUICK, kind="linear")
    assert (model.rows, model.classes) == (2, ("a", "b"))
    with pytest.raises(UserError, match="none of 2 rows has a label"):
        fit(history_of({"x": [0.0, 1.0]}, [None, None], "classification"), QUICK, kind="linear")


@pytest.mark.parametrize("kind", KINDS)
def test_weights_decide_where_old_and_new_rows_contradict(kind: str) -> None:
    x = np.tile([-1.0, 1.0], 200)
    target = np.where(np.arange(400) < 250, x, -x)
    past = history_of({"x": x}, target, "regression")
    asked = pd.DataFrame({"x": [1.0]})
    assert fit(past, QUICK, kind=kind).predict(asked)[0] > 0
    assert fit(past, QUICK, kind=kind, weights=recency_weights(np.arange(400.0)[::-1], 30)).predict(asked)[0] < 0


def test_weights_are_checked() -> None:
    past = history_of({"x": [0.0, 1.0]}, [1.0, 2.0], "regression")
    for wrong in ([1.0], [1.0, -1.0], [0.0, 0.0]):
        with pytest.raises(ValueError, match="weight"):
            fit(past, QUICK, kind="linear", weights=np.array(wrong))
    assert fit(past, QUICK, kind="linear", weights=np.array([0.0, 1.0])).rows == 1
    with pytest.raises(ValueError, match="half-life"):
        recency_weights(np.arange(2.0), 0)


def test_recency_weights_halve_with_age() -> None:
    weights = recency_weights(np.array([20.0, 10.0, 0.0]), 10)
    np.testing.assert_allclose(weights / weights[-1], [0.25, 0.5, 1])
    assert weights.sum() == pytest.approx(3)
    assert recency_weights(np.array([1e9, 0.0]), 1)[0] > 0


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_shares_are_in_double_precision_of_texts_alone_too(kind: str) -> None:
    texts = ["some words", *(f"other words {number % 3}" for number in range(11))]
    history = history_of({"t1": texts}, ["x"] * 7 + ["y"] + ["x"] * 4, "classification")
    found = fit(history, Settings(), kind=kind).probabilities(history.features)
    assert found is not None
    assert found.dtype == np.float64
    np.testing.assert_allclose(found.sum(axis=1), 1)


def test_a_missing_column_is_named_with_the_one_that_it_may_be_now() -> None:
    past = mixed(50, "regression")
    model = fit(past, QUICK, kind="linear")
    with pytest.raises(UserError, match=r"number is missing \(was it renamed to nummer\?\)") as caught:
        model.predict(past.features.rename(columns={"number": "nummer"}))
    assert "skewed" in caught.value.next_step
    with pytest.raises(UserError, match="the column number holds 'many', and numbers in training"):
        model.predict(past.features.astype({"number": object}).assign(number="many"))
    with pytest.raises(UserError, match="the column category holds 3, and category values"):
        model.predict(past.features.assign(category=3))


def test_columns_that_are_not_needed_and_their_order_do_not_matter() -> None:
    past = mixed(50, "regression")
    model = fit(past, QUICK, kind="linear")
    other = past.features.assign(extra=1.0)[["text", "extra", "skewed", "category", "number"]]
    assert (model.predict(other) == model.predict(past.features)).all()


@pytest.mark.parametrize("task", ["classification", "regression"])
def test_an_update_learns_new_rows_and_leaves_the_former_model(task: Task) -> None:
    x = np.random.default_rng(0).normal(size=600)
    value = np.where(np.arange(600) < 300, x, -x)
    target = np.where(value > 0, "up", "down").astype(object) if task == "classification" else value
    both = history_of({"x": x}, target, task)
    model = fit(both.between(0, 300), QUICK, kind="incremental")
    before = model.predict(both.features)
    later = model
    for start in range(300, 600, 60):
        later = update(later, both.between(start, start + 60), QUICK)
    asked = pd.DataFrame({"x": [2.0]})
    assert later.rows == 600
    assert model.predict(asked)[0] == "up" if task == "classification" else model.predict(asked)[0] > 0
    assert later.predict(asked)[0] == "down" if task == "classification" else later.predict(asked)[0] < 0
    assert (model.predict(both.features) == before).all()


@pytest.mark.parametrize("kind", ["incremental", "linear"])
def test_new_classes_are_learnt_and_the_old_ones_kept(kind: str) -> None:
    random = np.random.default_rng(0)
    names = np.array(["a", "c", "b", "d"], dtype=object)
    labels = np.concatenate([random.integers(0, 2, 300), random.integers(0, 4, 400)])
    centres = np.array([[3, 0], [-3, 0], [0, 3], [0, -3]])[labels]
    points = centres + random.normal(size=(700, 2)) * 0.5
    past = history_of({"x": points[:, 0], "y": points[:, 1]}, names[labels], "classification")
    first = fit(past.between(0, 300), QUICK, kind=kind)
    assert first.classes == ("a", "c")
    if kind == "incremental":
        later = update(first, past.between(300, 700), QUICK)
    else:
        later = fit(past, QUICK, kind=kind, start=first)
    assert later.classes == ("a", "b", "c", "d")
    assert scores_of(later, past, "accuracy").mean() > 0.95


def test_new_categories_are_learnt_by_updates() -> None:
    past = history_of({"c": ["old", "odd"] * 100}, [1.0, 2.0] * 100, "regression")
    new = history_of({"c": ["new", "old"] * 100}, [9.0, 1.0] * 100, "regression")
    model = fit(past, QUICK, kind="incremental")
    for _ in range(5):
        model = update(model, new, QUICK)
    assert model.predict(pd.DataFrame({"c": ["new", "old"]})).tolist() == pytest.approx([9, 1], abs=1.0)


def test_only_an_incremental_model_is_updated() -> None:
    past = mixed(50, "regression")
    with pytest.raises(UserError, match="boosting cannot go on learning") as caught:
        update(fit(past, QUICK, kind="boosting"), past, QUICK)
    assert "incremental" in caught.value.next_step
    with pytest.raises(UserError, match="predicts a regression and the new rows hold a classification"):
        update(fit(past, QUICK, kind="incremental"), mixed(50, "classification"), QUICK)
    model = fit(past, QUICK, kind="incremental")
    unlabelled = dataclasses.replace(past, known=np.full(50, np.inf))
    assert update(model, unlabelled, QUICK) is model


def test_a_model_of_one_class_is_updated_to_two() -> None:
    one = history_of({"x": [0.0, 0.1] * 10}, ["a"] * 20, "classification")
    two = history_of({"x": [0.0, 9.0] * 10}, ["a", "b"] * 10, "classification")
    model = fit(one, QUICK, kind="incremental")
    assert model.predict(two.features).tolist() == ["a"] * 20
    assert update(model, two, QUICK).predict(two.features).tolist() == ["a", "b"] * 10


@pytest.mark.parametrize(("kind", "task"), ALL)
def test_a_warm_start_gives_a_model_as_good(kind: str, task: Task) -> None:
    past, later = mixed(900, task), mixed(300, task, seed=1)
    first = fit(past.between(0, 300), QUICK, kind=kind)
    warm, cold = fit(past, QUICK, kind=kind, start=first), fit(past, QUICK, kind=kind)
    assert (warm.preparing is first.preparing) == KINDS[warm.kind].warm
    scores = [scores_of(model, later, metric(task)).mean() for model in (warm, cold, first)]
    # Half of a forest knows the first rows alone.
    assert scores[0] > scores[1] - (0.12 if kind == "forest" else 0.06)
    if kind == "forest":
        assert len(warm.model.estimators_) == QUICK.trees
        assert warm.model.estimators_[-1] is first.model.estimators_[QUICK.trees // 2 - 1]


def test_a_start_of_another_kind_or_with_other_columns_is_left_out() -> None:
    past = mixed(60, "regression")
    start = fit(past, QUICK, kind="forest")
    assert fit(past, QUICK, kind="linear", start=start).kind == "linear"
    fewer = dataclasses.replace(past, features=past.features[["number"]], kinds={"number": "number"})
    assert fit(fewer, QUICK, start=start).columns == ("number",)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(UserError, match="'magic' is no kind of model; there are linear"):
        fit(mixed(20, "regression"), QUICK, kind="magic")


def _predict(model: TablePredictor) -> list[float]:
    return list(model.predict(mixed(20, "regression").features))


def test_models_go_to_another_process() -> None:
    models = [fit(mixed(60, "regression"), Settings(trees=5), kind=kind) for kind in KINDS]
    with ProcessPoolExecutor(1, mp_context=multiprocessing.get_context("spawn")) as pool:
        assert list(pool.map(_predict, models)) == [_predict(model) for model in models]
