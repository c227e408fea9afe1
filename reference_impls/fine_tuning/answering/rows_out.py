"""Rows as the bytes of a csv, tsv or jsonl file: what stood in the input, and what was predicted beside it."""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Literal

from ...labelled_data.base import Task
from ...labelled_data.files import rows_of
from ...labelled_data.settings import Settings
from ...project_base.errors import UserError

Form = Literal["csv", "tsv", "jsonl"]

FORMS: Mapping[str, Form] = {".csv": "csv", ".tsv": "tsv", ".jsonl": "jsonl", ".ndjson": "jsonl"}
"""The format that the end of a file's name means."""

ADDED: Mapping[Task, tuple[str, ...]] = {
    "classification": ("label", "probability", "abstained", "error"),
    "extraction": ("spans", "error"),
    "generation": ("response", "error"),
}
"""What is added to each row, in order; `error` says why nothing was predicted, and is empty elsewhere."""

_DELIMITERS: Mapping[Form, str] = {"csv": ",", "tsv": "\t"}
_MOST_COLUMNS = 10_000


class Table:
    """Writes the rows of one file.

    Args:
        form: Of the file.
        columns: Those of the input, in order.
        task: Says which columns are added. One whose name the input uses for something else gets `predicted_` before
            it, so that nothing of the input is lost.
    """

    def __init__(self, form: Form, columns: Sequence[str], task: Task) -> None:
        self.form = form
        self.columns = tuple(columns)
        self.added = _free_names(ADDED[task], self.columns)

    def head(self) -> bytes:
        """What stands above the rows: the names of the columns; nothing in jsonl."""
        return b"" if self.form == "jsonl" else self._line((*self.columns, *self.added))

    def row(self, values: Mapping[str, object], added: Sequence[object]) -> bytes:
        """One row, with its line end.

        Args:
            values: Of the input by column; a row that could not be read has none.
            added: One value for each added column; lists and objects are written as JSON.
        """
        if self.form == "jsonl":
            return _json({**values, **dict(zip(self.added, added, strict=True))}) + b"\n"
        return self._line([_cell(values.get(column)) for column in self.columns] + [_cell(value) for value in added])

    def _line(self, cells: Iterable[str]) -> bytes:
        delimiter = _DELIMITERS[self.form]
        line = delimiter.join(_quoted(cell, delimiter) for cell in cells)
        return line.encode("utf-8", "replace") + b"\n"


def columns_of_input(path: Path, task: Task, settings: Settings) -> list[str]:
    """All columns of a file or folder, in the order of their first use.

    A table is known by its first rows; JSON lines are read once for it, since any of them may bring a new name.

    Raises:
        UserError: There is nothing to read, or there are more columns than a table can have.
    """
    found: dict[str, None] = {}
    for name, rows in rows_of(path, task, settings):
        every_row = FORMS.get(Path(name).suffix.lower()) == "jsonl"
        for row in rows:
            found.update(dict.fromkeys(row.values))
            if len(found) > _MOST_COLUMNS:
                raise UserError(
                    f"{row.place}: up to here there are more than {_MOST_COLUMNS:,} different names of columns",
                    "give rows that have the same columns",
                )
            if row.values and not every_row:
                break
    return list(found)


def _free_names(wanted: Sequence[str], taken: Iterable[str]) -> tuple[str, ...]:
    used = set(taken)
    names = []
    for name in wanted:
        free = name if name not in used else f"predicted_{name}"
        number = 2
        while free in used:
            free = f"predicted_{name}_{number}"
            number += 1
        used.add(free)
        names.append(free)
    return tuple(names)


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case str():
            return value
        case bool():
            return str(value).lower()
        case int() | float():
            return str(value)
    return json.dumps(value, ensure_ascii=False)


def _quoted(cell: str, delimiter: str) -> str:
    """The cell in quotes where its own characters would end it, as RFC 4180 has it."""
    if not any(sign in cell for sign in (delimiter, '"', "\n", "\r")):
        return cell
    return '"' + cell.replace('"', '""') + '"'


def _json(value: object) -> bytes:
    try:
        return json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        # Half a surrogate pair can be written as an escape alone.
        return json.dumps(value).encode()
