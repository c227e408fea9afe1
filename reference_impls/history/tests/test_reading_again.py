"""Rows that come later are read as those before them were: dates, the task, the names of columns."""

from pathlib import Path

import numpy as np
import pytest

from ...project_base.errors import UserError
from ..base import Columns, History
from ..reading import read_history, read_with_table
from ..settings import Settings

ROWS = "when,signed,x,y\n2024-01-05,2024-01-01,1,a\n2024-01-09,2024-01-07,2,b\n2024-01-10,2024-01-01,3,a\n"
WITH_TIME, WITHOUT = Settings(target="y", time="when"), Settings(target="y", ignore="when")


def written(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def as_read(history: History) -> Columns:
    return Columns(dict(history.kinds), dict(history.dates), history.task)


def test_days_are_counted_from_where_they_were(tmp_path: Path) -> None:
    path = written(tmp_path, "a.csv", ROWS)
    before_row, since_1970 = (read_history(path, settings) for settings in (WITH_TIME, WITHOUT))
    assert before_row.features["signed"].tolist() == [4.0, 2.0, 9.0]
    assert (before_row.dates, since_1970.dates) == ({"signed": "before its row"}, {"signed": "since 1970"})
    again = read_history(path, WITH_TIME, with_target=False, columns=as_read(before_row))
    assert again.features["signed"].tolist() == [4.0, 2.0, 9.0]
    # Since the training somebody has named a column of time.
    later = read_history(path, WITH_TIME, with_target=False, columns=as_read(since_1970))
    assert later.features["signed"].tolist() == since_1970.features["signed"].tolist()


def test_days_before_a_row_need_the_date_of_the_row(tmp_path: Path) -> None:
    before = as_read(read_history(written(tmp_path, "a.csv", ROWS), WITH_TIME))
    without_time = written(tmp_path, "b.csv", "signed,x\n2024-01-01,1\n2024-01-07,2\n")
    with pytest.raises(UserError, match=r"'signed' counts the days before its row.*give the column 'when'"):
        read_history(without_time, WITH_TIME, with_target=False, columns=before)
    numbered = written(tmp_path, "c.csv", "when,signed,x\n1,2024-01-01,1\n2,2024-01-07,2\n")
    with pytest.raises(UserError, match="no dates of their own"):
        read_history(numbered, WITH_TIME, with_target=False, columns=before)
    # What the model does not need, or what is not there, is no reason to refuse.
    unneeded = Columns({"x": "number"}, {}, "classification")
    assert read_history(without_time, WITH_TIME, with_target=False, columns=unneeded).features["x"].tolist() == [1, 2]
    empty = written(tmp_path, "d.csv", "signed,x\n,1\n,2\n")
    assert np.isnan(read_history(empty, WITH_TIME, with_target=False, columns=before).features["signed"]).all()


def test_dates_do_not_become_numbers_nor_numbers_dates(tmp_path: Path) -> None:
    was = Columns({"signed": "number", "x": "number"}, {"signed": "since 1970"}, "classification")
    for text, name in (
        ("signed,x\n4,1\n2,2\n", "signed"),
        ("signed,x\n2024-01-01,2024-01-01\n2024-01-07,2024-01-02\n", "x"),
    ):
        with pytest.raises(UserError, match=f"column '{name}' held (dates|numbers) .* now"):
            read_history(written(tmp_path, "a.csv", text), Settings(), with_target=False, columns=was)
        unknown = Columns(was.kinds)
        read_history(tmp_path / "a.csv", Settings(), with_target=False, columns=unknown)


def test_an_eleventh_number_makes_no_other_task_of_labels(tmp_path: Path) -> None:
    ten = written(tmp_path, "ten.csv", "x,y\n" + "".join(f"{row},{row % 10}\n" for row in range(40)))
    eleven = written(tmp_path, "eleven.csv", "x,y\n" + "".join(f"{row},{row % 11}\n" for row in range(40)))
    settings = Settings(target="y")
    first = read_history(ten, settings)
    assert (first.task, read_history(eleven, settings).task) == ("classification", "regression")
    told: list[str] = []
    again = read_history(eleven, settings, tell=told.append, columns=as_read(first))
    assert again.task == "classification"
    assert set(again.target) == {str(number) for number in range(11)}
    assert any("11 different values of 'y' are taken as labels; if not, set history.task" in line for line in told)
    other = Settings(target="y", task="regression")
    with pytest.raises(UserError, match=r"history.task is regression, and the model .* was made for classification"):
        read_history(eleven, other, columns=as_read(first))
    assert read_history(eleven, other, with_target=False, columns=as_read(first)).task == "classification"


def test_the_table_is_the_one_that_the_history_was_read_from(tmp_path: Path) -> None:
    """The names of settings tell a header from data; a second reading with other names would count other rows."""
    path = written(tmp_path, "a.csv", "site,2022,2023\nnorth,1,2\nsouth,3,4\n")
    settings = Settings(target="2023", ignore="site")
    history, table = read_with_table(path, settings)
    assert list(table.columns) == ["site", "2022", "2023"]
    assert len(table.places) == len(history) == 2
    assert [table.columns["site"][row] for row in history.rows] == ["north", "south"]
