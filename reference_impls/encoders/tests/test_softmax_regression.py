import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression  # type: ignore[import-untyped]  # scikit-learn has no types

from ..softmax_regression import apply, balancing_weights, fit_softmax
from ..sparse_rows import SparseRows


def data(count: int = 200, width: int = 30, labels: int = 4, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Rows of length 1 that are mostly 0 and all lean to one side, with labels that hang on them."""
    chance = np.random.default_rng(seed)
    rows = (chance.random((count, width)) * (chance.random((count, width)) < 0.3)).astype(np.float32)
    rows[:, 0] += 0.5
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    scores = rows @ chance.normal(size=(width, labels)) * 6 + chance.gumbel(size=(count, labels))
    return rows, scores.argmax(axis=1).astype(np.int64)


def sparse(rows: np.ndarray) -> SparseRows:
    places, columns = np.nonzero(rows)
    starts = np.searchsorted(places, np.arange(len(rows) + 1)).astype(np.int64)
    return SparseRows(starts, columns.astype(np.int64), rows[places, columns], rows.shape[1])


@pytest.mark.parametrize("kind", ["dense", "sparse"])
@pytest.mark.parametrize("penalty", [0.5, 30.0])
@pytest.mark.parametrize("balance", [0.0, 1.0])
def test_it_finds_the_weights_that_scikit_learn_finds(kind: str, penalty: float, balance: float) -> None:
    rows, targets = data()
    weights = balancing_weights(targets, 4, balance)
    expected = LogisticRegression(C=penalty, max_iter=2000, tol=1e-6).fit(
        rows.astype(np.float64), targets, sample_weight=None if weights is None else weights[targets]
    )
    features = rows if kind == "dense" else sparse(rows)
    layer = fit_softmax(features, targets, 4, penalty, label_weights=weights, tolerance=1e-5, most_iterations=500)
    np.testing.assert_allclose(layer.weight, expected.coef_, atol=2e-2 * np.abs(expected.coef_).max())
    # A bias may be shifted as a whole without any change.
    bias = layer.bias - layer.bias.mean()
    np.testing.assert_allclose(bias, expected.intercept_ - expected.intercept_.mean(), atol=2e-2 * max(1, penalty**0.5))
    agreeing = apply(layer, features).argmax(axis=1) == expected.predict(rows)
    assert agreeing.mean() > 0.99


@pytest.mark.parametrize("kind", ["dense", "sparse"])
def test_a_start_near_the_solution_leads_to_the_same_one(kind: str) -> None:
    rows, targets = data()
    features = rows if kind == "dense" else sparse(rows)
    strict = fit_softmax(features, targets, 4, 1.0, tolerance=1e-5)
    direct = fit_softmax(features, targets, 4, 10.0, tolerance=1e-5)
    onwards = fit_softmax(features, targets, 4, 10.0, start=strict, tolerance=1e-5)
    np.testing.assert_allclose(onwards.weight, direct.weight, atol=0.02 * np.abs(direct.weight).max())
    # With another C the solution is another one, so the comparison means something.
    assert np.abs(strict.weight - direct.weight).max() > 0.2 * np.abs(direct.weight).max()
    # A start at the solution itself ends there: the way into the coordinates of the search and back loses nothing.
    again = fit_softmax(features, targets, 4, 10.0, start=direct, tolerance=1e-2)
    np.testing.assert_allclose(again.weight, direct.weight, atol=1e-4 * np.abs(direct.weight).max())


@pytest.mark.parametrize("count", [3, 20])
def test_fewer_examples_than_features_are_fitted_exactly(count: int) -> None:
    rows, targets = data(count=count, width=60, labels=2)
    targets[:2] = [0, 1]
    expected = fit_softmax(sparse(rows), targets, 2, 10.0, tolerance=1e-5, most_iterations=500)
    found = fit_softmax(rows, targets, 2, 10.0, tolerance=1e-5, most_iterations=500)
    np.testing.assert_allclose(found.weight, expected.weight, atol=0.01 * np.abs(expected.weight).max())
    # Rows that are all alike tell nothing, and are no error.
    alike = fit_softmax(np.ones((4, 60), dtype=np.float32), np.array([0, 1, 0, 0]), 2, 10.0)
    assert np.isfinite(alike.weight).all()
    assert apply(alike, np.ones((1, 60), dtype=np.float32)).argmax() == 0


def test_sparse_rows_multiply_like_dense_ones() -> None:
    rows, _ = data()
    right = np.random.default_rng(1).normal(size=(rows.shape[1], 3)).astype(np.float32)
    np.testing.assert_allclose(sparse(rows).times(right), rows @ right, atol=1e-5)
    left = np.random.default_rng(2).normal(size=(len(rows), 3)).astype(np.float32)
    np.testing.assert_allclose(sparse(rows).transposed().times(left), rows.T @ left, atol=1e-4)
    some = np.array([5, 0, 199, 5])
    np.testing.assert_allclose(sparse(rows).rows(some).times(right), (rows @ right)[some], atol=1e-5)


def test_balancing_lifts_rare_labels() -> None:
    targets = np.array([0] * 90 + [1] * 10)
    weights = balancing_weights(targets, 2, 1.0)
    assert weights is not None
    assert weights[1] / weights[0] == pytest.approx(9)
    assert weights[targets].mean() == pytest.approx(1)
    half = balancing_weights(targets, 2, 0.5)
    assert half is not None
    assert half[1] / half[0] == pytest.approx(3)
