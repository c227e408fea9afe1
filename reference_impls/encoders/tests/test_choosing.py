import numpy as np
import pytest
from sklearn.metrics import f1_score  # type: ignore[import-untyped]  # scikit-learn has no types

from ..base import Choice, Labelled, labelled
from ..head_choice import choose_head
from ..search import SCORES, SMALL, Part, Path, choose_penalty, folds_of, parts_of, parts_of_texts, penalty_path
from ..temperature import best_temperature
from .test_softmax_regression import data
from .tiny import messages


def numbered(numbers: np.ndarray, validation: np.ndarray | None = None, labels: int = 4) -> Labelled:
    checked = np.empty(0, dtype=np.int64) if validation is None else validation
    names = tuple(f"label {number}" for number in range(labels))
    return Labelled(names, [""] * len(numbers), numbers, [""] * len(checked), checked)


def test_folds_hold_every_example_once_and_spread_the_labels() -> None:
    numbers = np.array([0] * 50 + [1] * 7 + [2] * 3)
    parts = folds_of(numbers, 5, seed=3)
    assert sorted(np.concatenate([part.judging for part in parts]).tolist()) == list(range(60))
    for part in parts:
        assert not set(part.fitted) & set(part.judging)
        assert len(part.fitted) + len(part.judging) == 60
        assert np.bincount(numbers[part.judging], minlength=3)[:2].tolist() in ([10, 1], [10, 2])
    assert not np.array_equal(parts[0].judging, folds_of(numbers, 5, seed=4)[0].judging)


def test_few_data_are_cross_validated_and_many_judged_apart() -> None:
    few, many = np.zeros(50, dtype=np.int64), np.zeros(SMALL + 1, dtype=np.int64)
    assert len(parts_of(numbered(few, few), 0)) == 5
    (part,) = parts_of(numbered(many, few), 0)
    assert part.fitted.tolist() == list(range(len(many)))
    assert part.judging.tolist() == list(range(len(many), len(many) + 50))
    (part,) = parts_of(numbered(many), 0)
    assert len(part.judging) == pytest.approx(len(many) / 5, abs=1)
    assert len(part.fitted) + len(part.judging) == len(many)


def test_what_hangs_together_is_never_fitted_on_and_judged_by_at_once() -> None:
    numbers = np.array([0] * 40 + [1] * 20)
    # Copies of one text of each label, pairs, and texts of their own.
    units = ["first"] * 9 + [f"pair {place // 2}" for place in range(9, 25)] + [""] * 15 + ["second"] * 6 + [""] * 14
    parts = folds_of(numbers, 5, 1, units)
    assert sorted(np.concatenate([part.judging for part in parts]).tolist()) == list(range(60))
    names = np.array([unit or str(place) for place, unit in enumerate(units)])
    for part in parts:
        assert not set(names[part.fitted]) & set(names[part.judging])
        assert len(part.judging) == pytest.approx(12, abs=3)
        assert np.bincount(numbers[part.judging])[1] == pytest.approx(4, abs=2)
    assert all(
        np.array_equal(one.judging, other.judging)
        for one, other in zip(folds_of(numbers, 5, 1), folds_of(numbers, 5, 1, [""] * 60), strict=True)
    )
    alone = folds_of(numbers, 5, 1, ["all"] * 60)
    assert [len(part.fitted) for part in alone] == [60]


def test_words_are_held_out_by_whole_texts() -> None:
    sizes = [3, 0, 5, 2, 4, 1, 6, 2]
    (part,) = parts_of_texts(numbered(np.zeros(sum(sizes), dtype=np.int64)), sizes, seed=0)
    owners = np.repeat(np.arange(len(sizes)), sizes)
    assert not set(owners[part.fitted]) & set(owners[part.judging])
    assert len(part.judging)
    (part,) = parts_of_texts(numbered(np.zeros(20, dtype=np.int64)), [2] * 10, 0, ["copy"] * 5 + [""] * 5)
    copies = set(range(10))
    assert not copies & set(part.judging) or not copies & set(part.fitted)
    # One text alone cannot be divided.
    (part,) = parts_of_texts(numbered(np.zeros(4, dtype=np.int64)), [4], seed=0)
    assert len(part.fitted) == len(part.judging) == 4


def test_the_best_temperature_is_found() -> None:
    chance = np.random.default_rng(0)
    true = chance.normal(size=(4000, 5)).astype(np.float32) * 2
    numbers = (true + chance.gumbel(size=true.shape)).argmax(axis=1)
    for factor in (0.2, 1.0, 5.0):
        value, temperature = best_temperature(true * np.float32(factor), numbers)
        assert temperature == pytest.approx(factor, rel=0.1)
        # It judges alike whatever the scale is.
        assert value == pytest.approx(best_temperature(true, numbers)[0], abs=1e-4)
        grid = [SCORES["log_likelihood"](true * np.float32(factor / each), numbers) for each in (0.9, 1, 1.1)]
        assert value >= max(grid) - 1e-6 or temperature != 1


@pytest.mark.parametrize("right", [True, False])
def test_a_temperature_stays_within_its_bounds(right: bool) -> None:
    logits = np.array([[3.0, 0.0], [0.0, 3.0]], dtype=np.float32)
    value, temperature = best_temperature(logits, np.array([0, 1] if right else [1, 0]))
    assert np.isfinite(value)
    assert 0.05 <= temperature <= 20


def test_scores_are_those_of_scikit_learn() -> None:
    chance = np.random.default_rng(0)
    logits = chance.normal(size=(200, 6)).astype(np.float32)
    # Label 5 is neither true nor guessed; label 4 is guessed alone.
    logits[:, 5] = -9
    numbers = chance.integers(0, 4, 200)
    guesses = logits.argmax(axis=1)
    assert SCORES["macro_f1"](logits, numbers) == pytest.approx(f1_score(numbers, guesses, average="macro"))
    assert SCORES["accuracy"](logits, numbers) == pytest.approx((guesses == numbers).mean())


def test_word_counts_weigh_where_they_help_and_only_there() -> None:
    chance = np.random.default_rng(0)
    numbers = chance.integers(0, 4, 400)
    given = numbered(numbers)
    parts = [Part(np.arange(0), np.arange(400))]
    hint = np.eye(4, dtype=np.float32)[numbers]
    noise = chance.normal(size=(400, 4)).astype(np.float32)
    vectors = Path({10.0: 2 * hint + noise, 30.0: hint + noise}, {})
    helpful = Path({10.0: 2 * hint + chance.normal(size=(400, 4)).astype(np.float32)}, {})
    useless = Path({10.0: 4 * chance.normal(size=(400, 4)).astype(np.float32)}, {})
    assert choose_head(given, parts, vectors, helpful).words_weight >= 0.75
    assert choose_head(given, parts, vectors, helpful).inverse_penalty == 10.0
    chosen = choose_head(given, parts, vectors, useless)
    assert (chosen.words_weight, chosen.words_inverse_penalty) == (0.0, None)
    assert choose_head(given, parts, vectors, None).words_weight == 0.0


def test_a_path_remembers_what_was_fitted_on_everything() -> None:
    rows, numbers = data()
    given = numbered(numbers[:150], numbers[150:])
    parts = [Part(np.arange(150), np.arange(150, 200))]
    path = penalty_path(rows, given, parts, (1.0, 10.0), 0.0)
    assert path.judged[1.0].shape == (50, 4)
    assert set(path.layers) == {1.0, 10.0}
    penalty, temperature = choose_penalty(path, given, parts)
    assert penalty in {1.0, 10.0}
    assert temperature > 0
    assert not penalty_path(rows, numbered(numbers), folds_of(numbers, 3, 0), (1.0,), 0.0).layers


def test_labels_are_numbered_in_their_order() -> None:
    found = labelled(messages(9), messages(3, seed=1))
    assert found.labels == ("card", "login", "money")
    assert [found.labels[number] for number in found.numbers] == [example.target for example in messages(9)]
    np.testing.assert_allclose(found.shares, 1 / 3)


def test_a_choice_survives_json() -> None:
    choice = Choice(inverse_penalty=10.0, words_inverse_penalty=None, words_weight=0.5, temperature=1.25)
    assert Choice.model_validate(choice.model_dump(mode="json")) == choice
