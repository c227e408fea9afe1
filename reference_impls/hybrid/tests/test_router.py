"""The router: fixed answers, the threshold that keeps a promise, and the way of each request."""

from pathlib import Path

import numpy as np
import pytest

from ...fine_tuning.ladder.results import Outcome, RungResult
from ...labelled_data.base import Probabilities
from ...project_base.errors import UserError
from ...registry.version import model_digest
from ..router.deciding import decide, unknown_labels
from ..router.handling import Handling, read_handling
from ..router.limits import choose_limits, coverage_table, limits_file, read_limits, write_limits
from ..router.promise import promise_accuracy
from .projects import HANDLING, SAMPLE

LABELS = ("delivery", "invoice", "question")


def handling(tmp_path: Path, text: str = HANDLING) -> Handling:
    file = tmp_path / "handling.yaml"
    file.write_text(text, encoding="utf-8")
    return read_handling(file)


def test_the_sample_can_be_read_and_its_labels_are_those_of_the_requests() -> None:
    found = read_handling(SAMPLE / "handling.yaml")
    rows = (SAMPLE / "requests.csv").read_text(encoding="utf-8").splitlines()[1:]
    labels = sorted({row.rpartition(",")[2] for row in rows})
    assert unknown_labels(found, labels) == ([], [])


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "the file is empty"),
        ("fixed: {}\n", "no label has a fixed answer"),
        ("fixed: {a: {answer: ''}}\n", "fixed.a.answer"),
        ("fixed: {a: {answer: x}}\nretrieval: [a]\n", "both under fixed and under retrieval"),
        ("fixed: {a: {answer: x, document: [y]}}\n", "did you mean documents"),
        ("fixed: {a: {answer: x}, a: {answer: y}}\n", "written twice"),
        ("fixed: {a: &x {answer: x}, b: *x}\n", "anchors and aliases"),
    ],
)
def test_a_wrong_file_of_fixed_answers_is_refused_with_its_reason(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        handling(tmp_path, text)


def test_a_missing_file_of_fixed_answers_is_told(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="cannot be read") as caught:
        read_handling(tmp_path / "none.yaml")
    assert "hybrid.handling" in caught.value.next_step


def test_in_doubt_the_documents_are_searched(tmp_path: Path) -> None:
    known = handling(tmp_path)
    assert decide("delivery", 0.9, 0.9, known).way == "fixed"
    assert decide("delivery", 0.9, 0.9, known).text == "The parcel is on its way."
    assert decide("delivery", 0.89, 0.9, known).way == "retrieval"
    assert decide("delivery", 1.0, None, known).way == "retrieval"
    assert decide("question", 1.0, 0.0, known).way == "retrieval"
    assert decide("weather", 1.0, 0.0, known).way == "retrieval"
    assert "no handling is written" in decide("weather", 1.0, 0.0, known).why


def result(predicted: list[str], expected: list[str]) -> RungResult:
    outcomes = [
        Outcome(id=f"r:{place}", right=one == other, expected=other, predicted=one)
        for place, (one, other) in enumerate(zip(predicted, expected, strict=True))
    ]
    return RungResult.model_construct(outcomes=tuple(outcomes), labels=LABELS)


def rows(predicted: list[str], confidence: list[float]) -> Probabilities:
    made = np.zeros((len(predicted), len(LABELS)), dtype=np.float32)
    for place, (label, value) in enumerate(zip(predicted, confidence, strict=True)):
        made[place] = (1 - value) / 2
        made[place, LABELS.index(label)] = value
    return made


def test_easy_requests_for_retrieval_do_not_buy_accuracy_for_those_that_are_kept() -> None:
    # 300 questions are always right; of 100 parcels, one in four is wrong whatever the confidence.
    predicted = ["question"] * 300 + ["delivery"] * 100
    expected = ["question"] * 300 + ["invoice" if place % 4 == 0 else "delivery" for place in range(100)]
    confidence = [0.99] * 300 + [0.6 + place / 400 for place in range(100)]
    found = choose_limits(result(predicted, expected), rows(predicted, confidence), ["delivery", "invoice"], 0.9, "x")
    assert found.threshold is None
    assert found.taken == 100
    assert "everything goes to retrieval" in found.in_words


def test_the_threshold_keeps_the_promise_on_what_is_kept() -> None:
    predicted = ["question"] * 100 + ["delivery"] * 300
    expected = (
        ["question"] * 100 + ["delivery"] * 200 + ["invoice" if place % 2 else "delivery" for place in range(100)]
    )
    confidence = [0.9] * 100 + [0.9] * 200 + [0.5] * 100
    found = choose_limits(result(predicted, expected), rows(predicted, confidence), ["delivery", "invoice"], 0.9, "x")
    assert found.threshold is not None
    assert found.threshold.answered == 200
    assert found.threshold.accuracy == 1.0


def test_limits_of_another_model_file_or_wish_are_refused(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}", encoding="utf-8")

    found = choose_limits(
        result(["delivery"], ["delivery"]), rows(["delivery"], [0.9]), ["delivery"], 0.9, model_digest(tmp_path)
    )
    write_limits(tmp_path, found)
    assert read_limits(tmp_path, ["delivery"], 0.9) == found
    with pytest.raises(UserError, match="labels with a fixed answer changed since the threshold was chosen: invoice"):
        read_limits(tmp_path, ["delivery", "invoice"], 0.9)
    with pytest.raises(UserError, match=r"wanted_accuracy is 0\.95"):
        read_limits(tmp_path, ["delivery"], 0.95)
    (tmp_path / "model.json").write_text("{ }", encoding="utf-8")
    with pytest.raises(UserError, match="belongs to another model"):
        read_limits(tmp_path, ["delivery"], 0.9)
    file = limits_file(tmp_path, ["delivery"], 0.9)
    file.write_text("{", encoding="utf-8")
    with pytest.raises(UserError, match="damaged"):
        read_limits(tmp_path, ["delivery"], 0.9)
    file.unlink()
    with pytest.raises(UserError, match="was not made for a router"):
        read_limits(tmp_path, ["delivery"], 0.9)


def test_a_new_choice_leaves_the_former_one_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "model.json").write_text("{}", encoding="utf-8")
    outcome, judged, digest = result(["delivery"], ["delivery"]), rows(["delivery"], [0.9]), model_digest(tmp_path)
    first = choose_limits(outcome, judged, ["delivery"], 0.9, digest)
    write_limits(tmp_path, first)
    write_limits(tmp_path, choose_limits(outcome, judged, ["delivery", "misspelt"], 0.9, digest))
    assert read_limits(tmp_path, ["delivery"], 0.9) == first


def test_the_curve_counts_coverage_over_all_requests_and_accuracy_over_those_kept() -> None:
    confidence = np.array([0.9, 0.8, 0.8, 0.7, 0.99])
    right = np.array([True, True, False, True, True])
    taken = np.array([True, True, True, True, False])
    found = coverage_table(confidence, right, taken)
    assert found.rows == ((0.9, 0.2, 1.0), (0.8, 0.6, 0.6667), (0.7, 0.8, 0.75))
    assert coverage_table(confidence, right, np.zeros(5, dtype=bool)).rows == ()


def test_a_promise_is_broken_no_more_often_than_its_risk_says() -> None:
    # Right with a probability that grows with confidence; wanted is more than all of them together reach.
    draw = np.random.default_rng(11)
    wanted, broken, made = 0.9, 0, 0
    for _ in range(400):
        confidence = draw.uniform(0.5, 1, 200)
        right = draw.uniform(size=200) < confidence
        found = promise_accuracy(confidence, right, wanted)
        if found is not None:
            made += 1
            # The accuracy of new items from a threshold t on is the mean of the confidence there: (t + 1) / 2.
            broken += (found.threshold + 1) / 2 < wanted
    assert made > 20
    assert broken <= 400 * 0.05


def test_forty_two_right_ones_promise_nine_in_ten_and_forty_one_do_not() -> None:
    confidence = np.linspace(0.99, 0.6, 42)
    found = promise_accuracy(confidence, np.ones(42, dtype=bool), 0.9)
    assert found is not None
    assert found.answered == 42
    assert promise_accuracy(confidence[:41], np.ones(41, dtype=bool), 0.9) is None


def test_one_early_error_does_not_end_all_chains() -> None:
    right = np.ones(200, dtype=bool)
    right[3] = False
    found = promise_accuracy(np.linspace(0.99, 0.6, 200), right, 0.9)
    assert found is not None
    assert found.answered == 200


def test_equal_confidences_are_kept_together() -> None:
    confidence = np.array([0.9] * 80 + [0.7] * 80)
    right = np.array([True] * 80 + [False] * 80)
    found = promise_accuracy(confidence, right, 0.9)
    assert found is not None
    assert (found.threshold, found.answered) == (0.9, 80)
