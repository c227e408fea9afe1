import numpy as np
import pytest

from ...history.base import History
from ...project_base.errors import UserError
from ..choosing import choose_kind, time_ordered
from ..fitting import fit
from ..settings import Settings
from .tables import history_of

QUICK = Settings(trees=30)


def line(rows: int, seed: int = 0) -> History:
    random = np.random.default_rng(seed)
    x = random.normal(size=(rows, 3))
    return history_of(
        {"a": x[:, 0], "b": x[:, 1], "c": x[:, 2]}, x.sum(axis=1) + random.normal(size=rows), "regression"
    )


def corners(rows: int) -> History:
    random = np.random.default_rng(0)
    x = random.normal(size=(rows, 2))
    names = np.where(x[:, 0] * x[:, 1] > 0, "same", "other").astype(object)
    return history_of({"a": x[:, 0], "b": x[:, 1]}, names, "classification")


def test_a_linear_relation_gets_the_linear_kind() -> None:
    told: list[str] = []
    chosen = choose_kind(line(400), QUICK, told.append)
    assert chosen.kind in {"linear", "incremental"}
    assert chosen.metric == "mae"
    assert {score.kind for score in chosen.scores} == {"linear", "incremental", "boosting", "forest"}
    assert [score.score for score in chosen.scores] == sorted((score.score for score in chosen.scores), reverse=True)
    assert len(told) == 4
    assert chosen.kind in chosen.why


def test_a_relation_of_two_columns_together_gets_trees() -> None:
    chosen = choose_kind(corners(600), QUICK, print)
    assert chosen.kind in {"boosting", "forest"}
    assert chosen.scores[0].score > 0.85


def test_each_block_is_predicted_from_what_was_known_before_it() -> None:
    past = history_of({"x": np.zeros(100)}, np.zeros(100), "regression", time=np.repeat(np.arange(25), 4))
    late = past.known + 3
    object.__setattr__(past, "known", late)
    splits = time_ordered(past, 3)
    assert len(splits) == 3
    for train, test in splits:
        assert (past.known[train] <= past.time[test].min()).all()
        assert past.time[train].max() < past.time[test].min()
    tested = np.concatenate([test for _, test in splits])
    assert tested.tolist() == list(range(tested[0], 100))
    assert 45 <= tested[0] <= 55


def test_rows_of_one_moment_are_dealt_and_those_of_two_are_not_divided() -> None:
    one = history_of({"x": np.zeros(40)}, np.zeros(40), "regression", time=np.ones(40))
    for train, test in time_ordered(one, 3):
        assert sorted([*train, *test]) == list(range(40))
    two = history_of({"x": np.zeros(40)}, np.zeros(40), "regression", time=np.repeat([1, 2], 20))
    ((train, test),) = time_ordered(two, 3)
    assert (train.tolist(), test.tolist()) == (list(range(20)), list(range(20, 40)))
    assert time_ordered(two.between(0, 19), 3) == []


def test_with_too_few_rows_the_simplest_is_taken_and_a_named_kind_is_not_tried() -> None:
    few = choose_kind(line(10), QUICK, print)
    assert (few.kind, few.scores) == ("linear", ())
    assert "10 labelled rows" in few.why
    assert choose_kind(line(10), Settings(kind="forest"), print).kind == "forest"


def test_training_chooses_where_the_settings_say_auto() -> None:
    model = fit(corners(300), QUICK)
    assert model.kind in {"boosting", "forest"}
    assert fit(corners(300), QUICK, start=fit(corners(300), QUICK, kind="linear")).kind == "linear"


def test_a_metric_of_the_other_task_is_refused() -> None:
    with pytest.raises(UserError, match="metric is accuracy, but the task is a regression"):
        choose_kind(line(10), Settings(metric="accuracy"), print)
