from pathlib import Path

import numpy as np
import pytest

from ...evaluation.abstaining import Threshold
from ...project_base.errors import UserError
from ...registry.version import Version
from ..held_out.confidence import Chosen, abstaining, chosen_for, columns, probability_scores
from ..ladder.calibrating import calibration_of
from ..ladder.digests import digest_of
from ..ladder.results import Outcome, RungResult, write_result

LABELS = ("a", "b", "c")
Rows = np.ndarray[tuple[int, int], np.dtype[np.float32]]
Places = np.ndarray[tuple[int], np.dtype[np.int64]]


def drawn(items: int, sharpness: float, seed: int = 0) -> tuple[Rows, Places]:
    """Probabilities whose truth is drawn from them, then made too sure by `sharpness`."""
    random = np.random.default_rng(seed)
    logits = random.normal(0, 1.5, (items, len(LABELS)))
    honest = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    true = np.array([random.choice(len(LABELS), p=row) for row in honest])
    sharp = np.exp(logits * sharpness)
    return (sharp / sharp.sum(axis=1, keepdims=True)).astype(np.float32), true


def result(rows: Rows, true: Places, **changes: object) -> RungResult:
    outcomes = tuple(
        Outcome(
            id=f"d:{place}", right=bool(row.argmax() == label), expected=LABELS[label], predicted=LABELS[row.argmax()]
        )
        for place, (row, label) in enumerate(zip(rows, true.tolist(), strict=True))
    )
    values: dict[str, object] = {
        "rung": "head",
        "task": "classification",
        "metric": "accuracy",
        "score": 0.5,
        "interval": (0.4, 0.6),
        "folds": 5,
        "trained_on": 10,
        "labels": LABELS,
        "seconds": 1.0,
        "data": "d",
        "key": "k",
        "seed": 0,
        "code": "c",
        "outcomes": outcomes,
    }
    return RungResult.model_validate(values | changes)


def chosen(rows: Rows, true: Places, wanted: float = 0.0) -> Chosen:
    return Chosen.of(calibration_of(result(rows, true), rows, wanted))


def test_a_model_that_is_too_sure_is_cooled_down_and_then_honest_on_other_rows() -> None:
    found = chosen(*drawn(800, 2.0))
    assert found.temperature == pytest.approx(2.0, rel=0.15)
    assert (found.fitted_on, found.threshold, found.rules().threshold) == (800, None, 0.0)
    scores = probability_scores(*drawn(800, 2.0, seed=1), found)
    assert scores.before.error > 2 * scores.after.error
    assert scores.before.error > scores.before.chance_error
    assert scores.after.error <= scores.after.chance_error
    assert scores.after.nll < scores.before.nll


def test_a_label_that_a_fold_did_not_know_has_no_say_in_the_temperature() -> None:
    rows, true = drawn(200, 1.0)
    rows[:20] = (0.5, 0.5, 0.0)
    true[:20] = 2
    found = chosen(rows, true)
    assert found.fitted_on == 180
    assert found.temperature == pytest.approx(1.0, rel=0.3)


def test_the_threshold_of_validation_keeps_its_promise_on_the_test_rows() -> None:
    found = chosen(*drawn(1500, 2.0), wanted=0.8)
    assert found.threshold is not None
    told = abstaining(*drawn(1500, 2.0, seed=1), found)
    assert told is not None
    assert told.accuracy is not None
    assert told.accuracy.value >= 0.8
    assert told.coverage.value == pytest.approx(found.threshold.coverage, abs=0.06)
    assert told.answered == round(told.coverage.value * 1500)
    assert found.rules().threshold == found.threshold.threshold


def test_where_no_threshold_can_promise_it_nothing_is_answered() -> None:
    rows, true = drawn(60, 1.0)
    found = chosen(rows, true, wanted=0.99)
    told = abstaining(rows, true, found)
    assert (found.threshold, found.rules().threshold) == (None, None)
    assert told is not None
    assert (told.chosen, told.answered, told.coverage.value, told.accuracy) == (None, 0, 0.0, None)
    assert abstaining(rows, true, chosen(rows, true)) is None


def test_a_label_that_the_model_cannot_give_has_no_column() -> None:
    assert columns(["b", "z", "a"], LABELS).tolist() == [1, -1, 0]


def version(folder: Path, **about: object) -> Version:
    told = {"rung": "head", "key": digest_of({"result": "mine", "refit": True}), "scored_by": "9 examples in 5 folds"}
    return Version("0001-head", folder, "head", told | about, "")


def test_what_the_model_was_made_with_counts_while_the_same_accuracy_is_wanted(tmp_path: Path) -> None:
    told = calibration_of(result(*drawn(300, 1.0)), drawn(300, 1.0)[0], 0.65)
    found, note = chosen_for(version(tmp_path), told, tmp_path, 0.65, refit=True)
    assert note == ""
    assert isinstance(found.threshold, Threshold)
    assert "each judged by a model that was not trained on it; the version was then trained anew" in found.rests_on
    # Without a promise no file is needed either.
    plain, _ = chosen_for(version(tmp_path, scored_by="9 examples"), told, tmp_path, 0.0, refit=False)
    assert (plain.threshold, plain.wanted, plain.temperature) == (None, 0.0, found.temperature)
    assert plain.rests_on.startswith("9 examples, each judged by a model that was not trained on it; the version was")
    assert "stopped by validation" in plain.rests_on


def test_for_another_accuracy_the_threshold_comes_from_the_result_of_the_very_training(tmp_path: Path) -> None:
    rows, true = drawn(300, 1.0)
    told = calibration_of(result(rows, true), rows, 0.0)
    found, note = chosen_for(version(tmp_path), told, tmp_path, 0.65, refit=True)
    assert (found.wanted, found.temperature) == (0.0, told["temperature"])
    assert note.startswith("the threshold is still that for an accuracy of 0: there is no result")
    write_result(tmp_path / "head", result(rows, true, key="mine"), rows)
    found, note = chosen_for(version(tmp_path), told, tmp_path, 0.65, refit=True)
    assert note == ""
    assert found.threshold is not None
    assert found.wanted == 0.65
    write_result(tmp_path / "head", result(rows, true, key="another"), rows)
    for one, expected in (
        (version(tmp_path), "another training than that of 0001-head"),
        (version(tmp_path, rung=""), "does not say which rung"),
    ):
        assert expected in chosen_for(one, told, tmp_path, 0.65, refit=True)[1]


def test_a_calibration_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="came without a calibration"):
        chosen_for(version(tmp_path), None, tmp_path, 0.0, refit=True)
    for told in ({}, {"temperature": "hot", "calibrated_on": 1, "wanted_accuracy": 0.0, "threshold": None}):
        with pytest.raises(UserError, match="is not what this project writes"):
            chosen_for(version(tmp_path), told, tmp_path, 0.0, refit=True)
