import numpy as np
import pytest
from sklearn.metrics import f1_score, log_loss  # type: ignore[import-untyped]  # scikit-learn has no types

from ..fitting import fit
from ..scoring import lower_is_better, macro_f1, measure, row_log_scores, row_scores, scores_of
from ..settings import Settings
from .tables import history_of, mixed


def test_scores_of_rows_have_the_metric_as_their_mean() -> None:
    true, given = np.array(["a", "b", "b"], dtype=object), np.array(["a", "a", "b"], dtype=object)
    assert row_scores(true, given).tolist() == [1, 0, 1]
    assert measure("accuracy", true, given) == pytest.approx(2 / 3)
    numbers, forecast = np.array([1.0, 2.0]), np.array([3.0, 2.5])
    assert row_scores(numbers, forecast).tolist() == [-2, -0.5]
    assert measure("mae", numbers, forecast) == 1.25
    assert lower_is_better("mae")
    assert not lower_is_better("accuracy")


def test_macro_f1_and_log_loss_are_those_of_scikit_learn() -> None:
    random = np.random.default_rng(0)
    true, given = (random.choice(["a", "b", "c"], 50, p=[0.7, 0.2, 0.1]).astype(object) for _ in range(2))
    assert macro_f1(true, given) == pytest.approx(f1_score(true.astype(str), given.astype(str), average="macro"))
    shares = random.dirichlet([1, 1, 1], 50)
    expected = log_loss(true.astype(str), shares, labels=["a", "b", "c"])
    assert measure("log_loss", true, given, shares, ("a", "b", "c")) == pytest.approx(expected)
    with pytest.raises(ValueError, match="log_loss needs probabilities"):
        measure("log_loss", true, given)


def test_a_class_that_was_unknown_costs_much_but_not_everything() -> None:
    scores = row_log_scores(np.array(["z", "a"], dtype=object), np.array([[1.0], [1.0]]), ("a",))
    assert scores.tolist() == pytest.approx([np.log(1e-6), 0])


def test_rare_classes_count_where_all_count_alike() -> None:
    random = np.random.default_rng(0)
    rare = random.random(600) < 0.08
    past = history_of({"x": rare * 1.5 + random.normal(size=600)}, np.where(rare, "rare", "usual"), "classification")
    plain, balanced = fit(past, Settings(), kind="linear"), fit(past, Settings(metric="macro_f1"), kind="linear")
    counts = [(model.predict(past.features) == "rare").sum() for model in (plain, balanced)]
    assert counts[1] > 2 * counts[0]
    assert scores_of(balanced, past, "macro_f1").mean() > scores_of(plain, past, "macro_f1").mean()


def test_log_scores_of_a_model() -> None:
    past = mixed(200, "classification")
    model = fit(past, Settings(), kind="linear")
    expected = log_loss(past.target.astype(str), model.probabilities(past.features), labels=list(model.classes))
    assert -scores_of(model, past, "log_loss").mean() == pytest.approx(expected)
