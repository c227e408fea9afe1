import math
from collections import Counter
from pathlib import Path

import pytest

from ...labelled_data.base import Example
from ...project_base.config import load_settings
from ..ladder.data import read_data
from ..ladder.results import Outcome
from ..ladder.scoring import difference, digits, metric_of, score
from ..settings import ProjectSettings, Settings
from .projects import config, nonsense, write_csv
from .test_results import made


def examples(*counts: int) -> list[Example]:
    return [Example("t", f"label {number}", "p") for number, count in enumerate(counts) for _ in range(count)]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((10, 10), "accuracy"),
        ((65, 35), "accuracy"),
        ((70, 30), "macro_f1"),
        ((87, 13), "macro_f1"),
        ((5,), "accuracy"),
    ],
)
def test_macro_f1_decides_where_labels_are_unevenly_frequent(counts: tuple[int, ...], expected: str) -> None:
    settings = Settings(examples="x")
    assert metric_of(settings, examples(*counts)) == expected
    assert metric_of(settings.model_copy(update={"metric": "accuracy"}), examples(*counts)) == "accuracy"
    assert metric_of(settings.model_copy(update={"task": "extraction"}), examples(*counts)) == "span_f1"


def test_each_metric_by_hand() -> None:
    outcomes = [
        Outcome(id="1", right=True, expected="a", predicted="a"),
        Outcome(id="2", right=True, expected="a", predicted="a"),
        Outcome(id="3", right=False, expected="b", predicted="a"),
        Outcome(id="4", right=True, expected="b", predicted="b"),
    ]
    assert score("accuracy", outcomes)[0] == 0.75
    # F1 of a: 4 / 5, of b: 2 / 3.
    assert score("macro_f1", outcomes)[0] == pytest.approx((4 / 5 + 2 / 3) / 2)
    spans = [
        Outcome(id="1", right=False, expected=((0, 1, "x"), (2, 3, "x")), predicted=((0, 1, "x"),)),
        Outcome(id="2", right=False, expected=((0, 1, "x"),), predicted=((0, 1, "y"),)),
    ]
    assert score("span_f1", spans)[0] == pytest.approx(2 * 1 / (3 + 2))
    losses = [Outcome(id="1", loss=0.0), Outcome(id="2", loss=math.log(2))]
    assert score("token_likelihood", losses)[0] == pytest.approx(0.75)
    for metric, given in (("macro_f1", outcomes), ("span_f1", spans), ("token_likelihood", losses)):
        value, (low, high) = score(metric, given)  # type: ignore[arg-type]
        assert 0 <= low <= value <= high <= 1


def test_a_difference_is_paired_and_shows_its_p() -> None:
    first, second = made(right="1" * 40 + "0" * 60), made(right="1" * 20 + "0" * 80)
    found = difference("accuracy", first.outcomes, second.outcomes)
    assert (found.won, found.lost, found.verdict) == (20, 0, "better")
    assert found.p == pytest.approx(2 / 2**20)
    assert difference("macro_f1", first.outcomes, second.outcomes).difference > 0


def test_copies_of_one_message_are_one_piece_of_evidence(tmp_path: Path) -> None:
    copies = [
        (f"my card is lost, please help me at once, dear friends of the bank {number}", "lost") for number in range(12)
    ]
    rows = [(nonsense(number), "ab"[number % 2]) for number in range(138)]
    file = write_csv(tmp_path / "rows.csv", [*copies, *rows])
    data = read_data(load_settings(config(tmp_path, fine_tuning__examples=str(file)), ProjectSettings))
    units = Counter(example.unit for example in data.read.examples)
    assert units == {"": 138, "rows.csv:2": 12}
    better = [
        Outcome(id=each.place, right=True, expected=str(each.target), predicted=str(each.target), unit=each.unit)
        for each in data.read.examples
    ]
    worse = [
        each.model_copy(update={"right": not each.unit, "predicted": "a" if each.unit else each.predicted})
        for each in better
    ]
    for metric in ("accuracy", "macro_f1"):
        assert difference(metric, better, worse).verdict in {"not worse", "cannot tell"}
        apart = [[each.model_copy(update={"unit": ""}) for each in side] for side in (better, worse)]
        assert difference(metric, *apart).verdict == "better"
        wide, narrow = score(metric, worse)[1], score(metric, apart[1])[1]
        assert wide[1] - wide[0] > narrow[1] - narrow[0]


def test_outcomes_of_other_examples_are_not_compared() -> None:
    with pytest.raises(ValueError, match="same examples"):
        difference("accuracy", made(right="11").outcomes, made(right="110").outcomes)


def test_a_small_gain_of_likelihood_on_every_response_is_shown() -> None:
    before = [Outcome(id=f"a:{place}", loss=2.0 + place % 5 / 10) for place in range(18)]
    after = [outcome.model_copy(update={"loss": (outcome.loss or 0.0) - 0.3}) for outcome in before]
    found = difference("token_likelihood", after, before)
    assert found.verdict == "better"
    assert 0 < found.difference < 0.1


def test_likelihoods_of_a_model_that_has_learnt_next_to_nothing_get_more_digits() -> None:
    assert digits("token_likelihood", 0.0006) == 5
    assert digits("token_likelihood", 0.2, 0.0006) == 3
    assert digits("accuracy", 0.0006) == 3
