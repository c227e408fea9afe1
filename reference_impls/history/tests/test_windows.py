from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from ...project_base.errors import UserError
from ..base import History, shuffled
from ..settings import Settings
from ..windows import Window, cut
from .histories import made


def with_time(time: Sequence[float] | NDArray[Any], **form: str) -> History:
    moments = np.asarray(time, dtype=np.float64)
    values = np.arange(float(len(moments)))
    return made({"x": values}, values, time=moments, **form)  # type: ignore[arg-type]


def day(text: str) -> float:
    return datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()


def sizes(windows: tuple[Window, ...]) -> list[int]:
    return [len(window) for window in windows]


def test_windows_by_rows_end_with_one_that_takes_the_rest() -> None:
    windows = cut(with_time(np.arange(1, 104)), Settings(window="20"))
    assert sizes(windows) == [20, 20, 20, 20, 23]
    assert [window.number for window in windows] == [1, 2, 3, 4, 5]
    assert windows[0].name == "row 1 to row 20"


def test_rows_of_one_moment_stand_in_one_window() -> None:
    windows = cut(with_time([1] * 8 + [2] * 13 + [3] * 9 + [4] * 30), Settings(window="10"))
    assert sizes(windows) == [8, 13, 9, 30]


def test_windows_by_the_values_of_the_ordering_column() -> None:
    history = with_time([1] * 8 + [2] * 13 + [5] * 9, clock="values", ordering="batch")
    windows = cut(history, Settings(window="values"))
    assert sizes(windows) == [8, 13, 9]
    assert [window.name for window in windows] == ["batch 1", "batch 2", "batch 5"]


def test_months_follow_the_calendar_and_empty_ones_are_no_windows() -> None:
    days = [day("2024-01-31"), day("2024-02-01"), day("2024-02-29"), day("2024-05-01")]
    windows = cut(with_time(days, clock="dates"), Settings(window="1mo"))
    assert [window.name for window in windows] == ["2024-01", "2024-02", "2024-05"]
    assert sizes(windows) == [1, 2, 1]
    assert windows[1].ends == day("2024-03-01")


def test_days_begin_in_the_zone_of_the_settings() -> None:
    # Berlin puts its clocks on in the night to 2024-03-31: that day has 23 hours.
    hours = day("2024-03-30T00:00:00") + 3600 * np.arange(72)
    windows = cut(with_time(hours, clock="dates", zone="Europe/Berlin"), Settings(window="1d"))
    assert [window.name for window in windows] == ["2024-03-30", "2024-03-31", "2024-04-01", "2024-04-02"]
    assert sizes(windows) == [23, 23, 24, 2]


def test_a_label_of_the_next_window_is_not_known_at_the_end_of_this_one() -> None:
    history = with_time([day("2024-01-01"), day("2024-01-02"), day("2024-01-03")], clock="dates")
    first = cut(history, Settings(window="1d"))[0]
    assert history.labelled_by(first.ends).tolist() == [0, 1]
    assert history.labelled_by(first.ends, first.stop).tolist() == [0]


def test_automatic_windows_suit_the_history() -> None:
    batches = with_time(np.repeat(np.arange(8.0), 100), clock="values")
    assert len(cut(batches, Settings())) == 8
    year = with_time(day("2023-01-01") + 3600 * np.arange(24 * 365), clock="dates")
    assert [window.name for window in cut(year, Settings())][:2] == ["2023-01", "2023-02"]
    rows = with_time(np.arange(50_000))
    assert len(cut(rows, Settings())) == 12
    assert len(cut(with_time(np.arange(40)), Settings())) == 2


@pytest.mark.parametrize(
    ("window", "clock", "message"),
    [
        ("7d", "rows", "no date"),
        ("1000", "rows", "only one window"),
        ("1s", "dates", "about"),
        ("1y", "dates", "only one"),
    ],
)
def test_windows_that_do_not_fit_are_refused(window: str, clock: str, message: str) -> None:
    history = with_time(day("2024-01-01") + 60.0 * np.arange(1000), clock=clock)
    with pytest.raises(UserError, match=message):
        cut(history, Settings(window=window))


@pytest.mark.parametrize("window", ["0", "-3", "7 parsecs", "1.5mo", ""])
def test_what_is_no_window_is_no_setting(window: str) -> None:
    with pytest.raises(ValueError, match="window"):
        Settings(window=window)


def test_parts_of_a_history() -> None:
    history = with_time(np.arange(1, 11))
    part = history.between(2, 5)
    assert (part.time.tolist(), part.places[0], part.rows.tolist()) == ([3, 4, 5], "made.csv:4", [2, 3, 4])
    taken = history.take(np.array([7, 1]))
    assert (taken.features["x"].tolist(), taken.places) == ([7.0, 1.0], ("made.csv:9", "made.csv:3"))
    assert np.shares_memory(part.time, history.time)


def test_a_shuffled_history_keeps_its_moments_and_deals_its_rows_anew() -> None:
    history = with_time(np.arange(1, 101))
    dealt = shuffled(history, 3)
    assert dealt.time.tolist() == history.time.tolist()
    assert sorted(dealt.features["x"]) == history.features["x"].tolist() != dealt.features["x"].tolist()
    assert dealt.features["x"].tolist() == dealt.target.tolist()
    assert shuffled(history, 3).places == dealt.places != shuffled(history, 4).places
    assert (dealt.known >= dealt.time).all()
