"""Whether a training is due follows from the policy and from what has come."""

from dataclasses import replace

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types
import pytest

from ...history.base import Clock, History
from ...history.settings import Settings as HistorySettings
from ...history.windows import cut
from ...replay.base import Policy
from ..operation.due import Waiting, due, look_for_drift
from ..operation.since import DAY, length_of, windows_since

EVERY_TWO = Policy("every two", "scheduled", 2)
ALARM = Policy("alarm", "drift_triggered", 1)
NEVER = Policy("never", "never", 0)
MUCH = Waiting(windows=2.0, labelled=500, drift=None, champion=True)
TRIED = replace(MUCH, tried="0002-linear", fresh=60)


def test_the_first_model_is_always_due() -> None:
    for policy in (NEVER, EVERY_TWO, ALARM):
        assert due(policy, replace(MUCH, champion=False), 50).due
    assert not look_for_drift(ALARM, replace(MUCH, champion=False))


@pytest.mark.parametrize(
    ("policy", "waiting", "answer", "why"),
    [
        (NEVER, MUCH, False, "never to retrain"),
        (EVERY_TWO, MUCH, True, "2.0 windows have passed"),
        (EVERY_TWO, replace(MUCH, windows=1.99), False, "2.0 of 2 windows"),
        (EVERY_TWO, replace(MUCH, labelled=49), False, "49 new rows have a label, and 50 are needed"),
        (ALARM, replace(MUCH, drift=True), True, "have drifted"),
        (ALARM, replace(MUCH, drift=False), False, "no drift"),
        (ALARM, replace(MUCH, drift=True, labelled=3), False, "3 new rows"),
        (EVERY_TWO, TRIED, True, "since 0002-linear was tried"),
        (EVERY_TWO, replace(TRIED, windows=1.0), False, "1.0 of 2 windows have passed since 0002-linear was tried"),
        (EVERY_TWO, replace(TRIED, fresh=49), False, "49 labels have come since 0002-linear was tried, and 50 are"),
        (ALARM, replace(TRIED, fresh=0, drift=True), False, "0 labels have come"),
        (NEVER, replace(TRIED, champion=False), True, "no version is in service yet, and 60 labels have come"),
        (NEVER, replace(TRIED, champion=False, fresh=0), False, "0 labels have come"),
        (EVERY_TWO, replace(TRIED, champion=False, windows=1.0), False, "1.0 of 2 windows"),
    ],
)
def test_the_answer_and_its_reason(policy: Policy, waiting: Waiting, answer: bool, why: str) -> None:
    found = due(policy, waiting, 50)
    assert (found.due, why in found.why) == (answer, True), found


def test_drift_is_looked_for_only_where_the_answer_depends_on_it() -> None:
    assert look_for_drift(ALARM, MUCH)
    assert not look_for_drift(EVERY_TWO, MUCH)
    assert not look_for_drift(ALARM, replace(MUCH, windows=0.5))


def made(times: list[float], clock: Clock) -> History:
    count = len(times)
    return History(
        features=pd.DataFrame({"x": np.arange(count, dtype=float)}),
        kinds={"x": "number"},
        time=np.array(times),
        known=np.array(times),
        target=np.zeros(count),
        places=tuple(f"a.csv:{row}" for row in range(count)),
        task="regression",
        clock=clock,
    )


@pytest.mark.parametrize(
    ("times", "clock", "window", "moment", "expected"),
    [
        ([DAY * day for day in range(101)], "dates", "10d", 80 * DAY, 2.0),
        # More rows a day do not make a window pass sooner.
        ([DAY * (day // 2) for day in range(202)], "dates", "10d", 80 * DAY, 2.0),
        ([float(batch) for batch in range(8) for _ in range(5 + batch)], "values", "values", 5.0, 2.0),
        ([float(row) for row in range(1, 101)], "rows", "10", 75.0, 2.5),
        ([float(row) for row in range(1, 101)], "rows", "10", 100.0, 0.0),
    ],
)
def test_time_is_counted_in_windows(
    times: list[float], clock: Clock, window: str, moment: float, expected: float
) -> None:
    history = made(times, clock)
    length = length_of(history, cut(history, HistorySettings(window=window)))
    assert windows_since(history, moment, length) == pytest.approx(expected, rel=0.1)
