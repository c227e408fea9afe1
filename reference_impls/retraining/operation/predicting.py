"""Predicts rows of a file with the version in service, and gives them back in their order with all their columns."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from ...history.base import History
from ...history.reading import read_with_table
from ...history.tables import Table
from .project import Champion, Project

Form = Literal["csv", "jsonl"]

_WHOLE = 1e15
"""Larger numbers may have lost their last digits."""


@dataclass(frozen=True)
class Answers:
    """Rows with what was predicted for them.

    Attributes:
        columns: Names: those of the input, then what is added.
        rows: Values by column; JSON values.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[object, ...], ...]

    def told(self, form: Form) -> str:
        """The rows as a file."""
        if form == "jsonl":
            return "".join(
                json.dumps(dict(zip(self.columns, row, strict=True)), ensure_ascii=False) + "\n" for row in self.rows
            )
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\n")
        writer.writerow(self.columns)
        writer.writerows([_cell(value) for value in row] for row in self.rows)
        return text.getvalue()


def predict_file(project: Project, champion: Champion, path: Path) -> Answers:
    """Predicts the rows of a file or folder; labels and moments need not be there.

    Args:
        project: For the form of the files.
        champion: The version that predicts.
        path: Rows with the columns of the training data.

    Raises:
        UserError: The path or a row is wrong, or a column is missing or renamed.
    """
    settings = project.settings.history
    history, table = read_with_table(path, settings, False, project.tell, champion.columns)
    predictions = champion.predictor.predict(history.features)
    shares = champion.predictor.probabilities(history.features)
    added: dict[str, Sequence[Any]] = {"prediction": predictions.tolist()}
    if shares is not None:
        added["probability"] = [round(float(each), 6) for each in shares.max(axis=1)]
    added["version"] = [champion.version] * len(history)
    return with_columns(table, history, added)


def with_columns(table: Table, history: History, added: Mapping[str, Sequence[Any]]) -> Answers:
    """The rows of a history as they stand in its files, in the order of the files, with columns added.

    Args:
        table: The files from which the history was read.
        history: Rows of them.
        added: JSON values, one for each row of the history; a name that is taken is changed.
    """
    names = tuple(_free(name, table.columns) for name in added)
    # The history stands in the order of time; the file's own order is what its owner knows.
    order = np.argsort(history.rows, kind="stable")
    rows = tuple(
        (
            *(_value(cells[history.rows[place]]) for cells in table.columns.values()),
            *(values[place] for values in added.values()),
        )
        for place in order.tolist()
    )
    return Answers((*table.columns, *names), rows)


def _free(name: str, taken: dict[str, Any]) -> str:
    return next(each for each in _names(name) if each not in taken)


def _names(name: str) -> Iterator[str]:
    yield name
    yield f"predicted_{name}"
    number = 2
    while True:
        yield f"predicted_{name}_{number}"
        number += 1


def _value(cell: Any) -> object:
    """A cell as JSON has it: whole numbers without a point, and nothing for a missing one."""
    if isinstance(cell, float | np.floating):
        if not np.isfinite(cell):
            return None
        number = float(cell)
        return int(number) if number.is_integer() and abs(number) < _WHOLE else number
    return cell.item() if isinstance(cell, np.generic) else cell


def _cell(value: object) -> str:
    if value is None:
        return ""
    return str(value).lower() if isinstance(value, bool) else str(value)
