"""Scores of labels and spans: as scikit-learn has them, and as sure as they claim to be."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import (  # type: ignore[import-untyped]
    accuracy_score,
    brier_score_loss,
    confusion_matrix,
    f1_score,
    log_loss,
    precision_recall_fscore_support,
)

from reference_impls.evaluation.calibration import at_temperature, calibration, fit_temperature
from reference_impls.evaluation.classification import classification_scores
from reference_impls.evaluation.paired_f1 import compare_macro_f1

Labels = NDArray[np.int64]


def named(numbers: Labels) -> list[str]:
    return [f"label {number:02}" for number in numbers]


def systems(
    draw: np.random.Generator, shares: list[float], items: int, accuracy: tuple[float, float]
) -> tuple[Labels, Labels, Labels]:
    """True labels and those of two systems that often err on the same items."""
    size = len(shares)
    true = draw.choice(size, items, p=np.array(shares) / sum(shares))
    luck = draw.random((3, items))
    both = luck[2] < 0.5
    given = []
    for number, share in enumerate(accuracy):
        wrong = np.where(both, luck[0], luck[number]) > share
        given.append(np.where(wrong, (true + draw.integers(1, size, items)) % size, true))
    return true, given[0], given[1]


@pytest.mark.parametrize("seed", range(12))
def test_scores_are_those_of_scikit_learn(seed: int) -> None:
    draw = np.random.default_rng(seed)
    size, items = int(draw.integers(2, 20)), int(draw.integers(1, 300))
    true, given = draw.integers(0, size, items), draw.integers(0, size, items)
    given = np.where(draw.random(items) < draw.random(), true, given)
    found = classification_scores(named(true), named(given), confusions=1000)
    assert found.accuracy == pytest.approx(accuracy_score(true, given))
    assert found.macro_f1 == pytest.approx(f1_score(true, given, average="macro", zero_division=0))
    labels = [each.label for each in found.classes]
    precision, recall, f1, support = precision_recall_fscore_support(
        named(true), named(given), labels=labels, zero_division=0
    )
    assert [each.precision or 0 for each in found.classes] == pytest.approx(precision)
    assert [each.recall or 0 for each in found.classes] == pytest.approx(recall)
    assert [each.f1 for each in found.classes] == pytest.approx(f1)
    assert [each.support for each in found.classes] == support.tolist()
    matrix = confusion_matrix(named(true), named(given), labels=labels)
    np.fill_diagonal(matrix, 0)
    pairs = {(labels.index(each.true), labels.index(each.predicted)): each.count for each in found.confusions}
    assert pairs == {(int(one), int(two)): int(matrix[one, two]) for one, two in zip(*np.nonzero(matrix), strict=True)}


def test_brier_and_likelihood_are_those_of_scikit_learn() -> None:
    draw = np.random.default_rng(1)
    given = draw.dirichlet(np.ones(4), 200)
    true = draw.integers(0, 4, 200)
    found = calibration(given, true)
    assert found.nll == pytest.approx(log_loss(true, given, labels=range(4)))
    assert found.brier == pytest.approx(brier_score_loss(true, given, labels=range(4), scale_by_half=False))


@pytest.mark.parametrize(
    ("shares", "items", "accuracy"),
    [
        ([1.0] * 5, 100, 0.85),
        ([0.87, 0.13], 200, 0.97),
        ([1 / (rank + 1) for rank in range(10)], 300, 0.85),
        ([0.95, 0.05], 60, 0.9),
    ],
)
def test_equal_systems_are_seldom_told_apart(shares: list[float], items: int, accuracy: float) -> None:
    told = 0
    for seed in range(100):
        true, first, second = systems(np.random.default_rng(seed), shares, items, (accuracy, accuracy))
        told += compare_macro_f1("F1", named(true), named(first), named(second)).verdict in {"better", "worse"}
    assert told <= 11, "5 are allowed; more than 11 of 100 would come about once in 200 times"


def test_systems_that_differ_are_told_apart() -> None:
    told = 0
    for seed in range(30):
        true, first, second = systems(np.random.default_rng(seed), [1.0] * 5, 600, (0.9, 0.8))
        told += compare_macro_f1("F1", named(true), named(first), named(second)).verdict == "better"
    assert told >= 28


@pytest.mark.parametrize(
    ("shares", "items"), [([1.0] * 4, 80), ([0.9, 0.1], 150), ([1 / (rank + 1) for rank in range(8)], 400)]
)
def test_the_interval_of_macro_f1_holds_the_truth(shares: list[float], items: int) -> None:
    """The truth is the macro-F1 of a sample so large that it does not matter."""
    many, answers, _ = systems(np.random.default_rng(999), shares, 200_000, (0.85, 0.85))
    truth = classification_scores(named(many), named(answers)).macro_f1
    held = 0
    for seed in range(100):
        true, given, _ = systems(np.random.default_rng(seed), shares, items, (0.85, 0.85))
        low, high = classification_scores(named(true), named(given)).macro_f1_interval
        held += low <= truth <= high
    assert held >= 89, "95 of 100 should; fewer than 89 would come about once in 200 times"


@pytest.mark.parametrize("gap", [0.0, 0.05, 0.15])
def test_the_interval_of_the_calibration_error_holds_the_truth(gap: float) -> None:
    """A model that is `gap` too sure, whatever its confidence."""
    held = 0
    for seed in range(40):
        draw = np.random.default_rng(seed)
        confidence = draw.uniform(0.6, 0.95, 500)
        true = (draw.random(500) > confidence - gap).astype(np.int64)
        low, high = calibration(np.stack([confidence, 1 - confidence], axis=1), true).error_interval
        held += low <= gap + 1e-12 and gap <= high
    assert held >= 34, "38 of 40 should; fewer than 34 would come about once in 200 times"


def test_a_fitted_temperature_makes_new_probabilities_honest() -> None:
    draw = np.random.default_rng(5)
    logits = draw.normal(0, 2, (4000, 6))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    true = (honest.cumsum(axis=1) < draw.random((4000, 1))).sum(axis=1).clip(max=5)
    sure = np.exp(3 * logits) / np.exp(3 * logits).sum(axis=1, keepdims=True)
    temperature = fit_temperature(sure[:2000], true[:2000])
    before = calibration(sure[2000:], true[2000:])
    after = calibration(at_temperature(sure[2000:], temperature), true[2000:])
    assert before.error > 4 * before.chance_error
    assert after.error < 1.5 * after.chance_error
    assert after.nll < before.nll
    assert after.brier < before.brier
