import numpy as np
import pytest

from ...project_base.errors import UserError
from ..timeline import timeline
from .histories import ROWS, WINDOWS, turning, windows_of


def test_labels_count_from_the_moment_they_are_known() -> None:
    history = turning(delay=100.0)
    found = timeline(history, windows_of(history), 1)
    # With 80 rows a window, labels that are 100 rows late leave none at the beginning of the second one, and most of
    # the first at the beginning of the third.
    assert found.first == 2
    for index in range(len(found)):
        labelled = found.labelled(index)
        assert (history.known[labelled] <= found.moment(index)).all()
        assert len(labelled) == found.rows(index).start - 99
        assert found.age(index, int(labelled[-1])) == 1.0


def test_at_once_all_earlier_rows_are_known_and_none_of_the_window() -> None:
    history = turning()
    found = timeline(history, windows_of(history), 3)
    assert len(found) == WINDOWS - 3
    assert found.labelled(0).tolist() == list(range(3 * ROWS))
    assert found.age(0, 3 * ROWS - 1) == 0.0


def test_a_row_of_the_very_moment_at_which_a_window_begins_is_not_known_before_it() -> None:
    history = turning()
    history.time[:] = np.repeat(np.arange(1.0, WINDOWS + 1), ROWS)
    history.known[:] = history.time
    found = timeline(history, windows_of(history), 1)
    assert found.labelled(0).tolist() == list(range(ROWS))


def test_too_few_windows_and_labels_that_never_come_are_said() -> None:
    history = turning()
    with pytest.raises(UserError, match="leave none to replay"):
        timeline(history, windows_of(history, 2), 2)
    late = turning(delay=1e9)
    with pytest.raises(UserError, match="no window can be replayed") as found:
        timeline(late, windows_of(late), 1)
    assert "history.known" in found.value.next_step


def test_a_first_model_waits_for_a_second_class() -> None:
    history = turning()
    history.target[: 2 * ROWS] = "up"
    assert timeline(history, windows_of(history), 1).first == 3
