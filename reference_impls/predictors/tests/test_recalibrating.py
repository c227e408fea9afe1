import numpy as np
import pytest

from ...history.base import History
from ...project_base.errors import UserError
from ..fitting import fit
from ..recalibrating import recalibrate
from ..scoring import scores_of
from ..settings import Settings
from .tables import history_of, mixed

QUICK = Settings(trees=20, word_features=512)


@pytest.mark.parametrize("kind", ["linear", "incremental", "boosting", "forest"])
def test_a_forecast_follows_a_target_that_grew(kind: str) -> None:
    past = mixed(600, "regression")
    model = fit(past, QUICK, kind=kind)
    later = mixed(400, "regression", seed=1)
    grown = history_of({name: later.features[name] for name in later.kinds}, 3 * later.target + 10, "regression")
    moved = recalibrate(model, grown.between(0, 200))
    test = grown.between(200, 400)
    assert scores_of(moved, test, "mae").mean() > 0.35 * scores_of(model, test, "mae").mean()
    assert 1.5 < moved.slope < 6
    # The former model stands, and a second recalibration replaces the first.
    assert (model.slope, model.shift) == (1.0, ())
    again = recalibrate(moved, grown.between(0, 200))
    assert (again.slope, again.shift) == (moved.slope, moved.shift)


def test_few_rows_only_shift_a_forecast_and_one_wild_row_moves_nothing() -> None:
    past = history_of({"x": np.arange(100.0)}, np.arange(100.0), "regression")
    model = fit(past, QUICK, kind="linear")
    few = history_of({"x": np.arange(9.0)}, [*np.arange(5.0, 13.0), 1e9], "regression")
    moved = recalibrate(model, few)
    assert moved.slope == 1.0
    assert moved.shift[0] == pytest.approx(5, abs=1)


def test_classes_that_became_common_are_predicted_more_often() -> None:
    random = np.random.default_rng(0)

    def drawn(share: float, rows: int) -> History:
        positive = random.random(rows) < share
        x = positive * 1.0 + random.normal(size=rows)
        return history_of({"x": x}, np.where(positive, "yes", "no"), "classification")

    model = fit(drawn(0.1, 2000), QUICK, kind="linear")
    recent, test = drawn(0.7, 400), drawn(0.7, 2000)
    moved = recalibrate(model, recent)
    before, after = (scores_of(each, test, "accuracy").mean() for each in (model, moved))
    assert after > before + 0.2
    assert scores_of(moved, test, "log_loss").mean() > scores_of(model, test, "log_loss").mean()


def test_few_rows_move_probabilities_little_and_unknown_classes_none() -> None:
    past = mixed(300, "classification")
    model = fit(past, QUICK, kind="linear")
    one = recalibrate(model, past.between(0, 1))
    before, after = model.probabilities(past.features), one.probabilities(past.features)
    assert before is not None
    assert after is not None
    assert np.abs(after - before).max() < 0.2
    strange = history_of({name: past.features[name][:3] for name in past.kinds}, ["new"] * 3, "classification")
    assert recalibrate(model, strange) is model


def test_what_cannot_be_recalibrated_is_refused_or_left() -> None:
    past = mixed(60, "regression")
    model = fit(past, QUICK, kind="linear")
    with pytest.raises(UserError, match="predicts a regression and the rows hold a classification"):
        recalibrate(model, mixed(60, "classification"))
    nothing = history_of({name: past.features[name][:2] for name in past.kinds}, [np.nan] * 2, "regression")
    assert recalibrate(model, nothing) is model
    one = history_of({"x": [1.0, 2.0]}, ["a", "a"], "classification")
    constant = fit(one, QUICK, kind="linear")
    assert recalibrate(constant, one) is constant
