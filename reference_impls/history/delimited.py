"""Tables as text: csv, tsv and the like, with or without a header."""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from .faults import Fault
from .names import folded
from .raw import Raw, text_of
from .settings import Settings, listed

_DELIMITERS = {"tab": "\t", "semicolon": ";", "pipe": "|", "comma": ",", "space": " "}
"""Those that stand in numbers, dates and texts come last: 1,5;2,5 is cut by both."""
_LOOKED_AT = 200
_LONGEST_CELL = 32_000_000
_NUMBER = re.compile(r"\s*[-+]?(\d[\d.,' ]*|\.\d+)([eE][-+]?\d+)?\s*%?\s*")


def read_delimited(path: Path, settings: Settings, wanted: tuple[str, ...], first: Raw | None) -> Raw:
    """Reads a file of one row a line; quotes may enclose cells with delimiters and line ends.

    Args:
        path: The file.
        settings: Header, names, delimiter, encoding.
        wanted: Names of columns that the settings mention; they tell a header from data.
        first: The first file of several: a file without a header that is as wide takes its names.

    Raises:
        UserError: The file cannot be read as a whole.
    """
    text = text_of(path, settings)
    delimiter = _delimiter(path, text, settings)
    rows = _rows(text, delimiter)
    cells: list[list[str]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    columns: list[str] = []
    headed = True
    for line, row in rows:
        if isinstance(row, str):
            faults.append(Fault(-1, f"{path.name}:{line}", row))
            continue
        if not columns:
            if not any(cell.strip() for cell in row):
                continue
            columns, headed = _columns(path, row, settings, wanted, first)
            if headed:
                continue
        if len(row) == len(columns):
            cells.append(row)
            lines.append(line)
        elif any(cell.strip() for cell in row):
            reason = f"{len(row)} cells, where there are {len(columns)} columns"
            if breaks := sum(cell.count("\n") for cell in row):
                reason += f"; perhaps a quote is not closed, which takes lines {line} to {line + breaks}"
            faults.append(Fault(-1, f"{path.name}:{line}", reason))
    if not cells and not faults:
        raise UserError(f"{path} holds no rows beside the names of its columns", "give a file with at least one row")
    table, notes = _by_column(path, columns, cells)
    return Raw(table, lines, tuple(faults), notes, headed)


def _rows(text: str, delimiter: str) -> Iterator[tuple[int, list[str] | str]]:
    """Each row with the line at which it begins; a text where it is none."""
    if delimiter == " ":
        yield from ((number, line.split()) for number, line in enumerate(text.splitlines(), start=1))
        return
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    before = 0
    while True:
        try:
            row = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield before + 1, f"no row of a table: {error}"
            before = reader.line_num
            continue
        yield before + 1, row
        before = reader.line_num


def _delimiter(path: Path, text: str, settings: Settings) -> str:
    if settings.delimiter != "auto":
        return _DELIMITERS[settings.delimiter]
    if path.suffix.lower() in {".tsv", ".tab"}:
        return "\t"
    head = text[: 1 << 20].splitlines(keepends=True)[:_LOOKED_AT]
    if len(text) > 1 << 20 and len(head) > 1:
        head.pop()
    regular = {delimiter: _regularity(head, delimiter) for delimiter in _DELIMITERS.values()}
    best = max(regular.values())
    # Spaces divide only what nothing else does: they stand in texts and between date and time.
    return next((delimiter for delimiter, share in regular.items() if share >= best - 1e-9 and share), ",")


def _regularity(lines: Iterable[str], delimiter: str) -> float:
    """The share of rows that have the commonest number of cells; 0 where that is one cell."""
    try:
        rows = [line.split() for line in lines] if delimiter == " " else list(csv.reader(lines, delimiter=delimiter))
    except csv.Error:
        return 0.0
    counts = Counter(len(row) for row in rows if row)
    cells, alike = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
    return alike / max(1, counts.total()) if cells > 1 else 0.0


def _columns(
    path: Path, row: Sequence[str], settings: Settings, wanted: tuple[str, ...], first: Raw | None
) -> tuple[list[str], bool]:
    """The names of the columns, and whether they stand in the row."""
    cells = [" ".join(cell.split()) for cell in row]
    given = listed(settings.names)
    if settings.header == "yes" or (settings.header == "auto" and _is_header(cells, given, wanted)):
        return [cell or f"column {number}" for number, cell in enumerate(cells, start=1)], True
    if len(given) > len(cells):
        raise UserError(
            f"{path} has {len(cells)} cells in its first row, and history.names has {len(given)} names",
            "name no more columns than there are, or set history.header to yes if the first row names them",
        )
    if first is not None and first.headed and not given and len(first.columns) == len(cells):
        return list(first.columns), False
    return [*given, *(f"column {number}" for number in range(len(given) + 1, len(cells) + 1))], False


def _is_header(cells: Sequence[str], given: Sequence[str], wanted: tuple[str, ...]) -> bool:
    known = {folded(cell) for cell in cells}
    if given:
        return {folded(name) for name in given} <= known
    if known & {folded(name) for name in wanted}:
        return True
    return not any(_NUMBER.fullmatch(cell) for cell in cells)


def _by_column(
    path: Path, columns: Sequence[str], rows: list[list[str]]
) -> tuple[dict[str, NDArray[Any]], tuple[str, ...]]:
    table: dict[str, NDArray[Any]] = {}
    notes = []
    cells = np.empty((len(rows), len(columns)), dtype=object)
    if rows:
        cells[:] = rows
    for place, name in enumerate(columns):
        column = cells[:, place].copy()
        if name not in table:
            table[name] = column
        elif np.array_equal(table[name], column):
            notes.append(f"{path.name} has the column {name!r} twice with the same cells; one is kept")
        else:
            raise UserError(
                f"{path} has two columns {name!r} with different cells",
                "rename one of them, or delete it",
            )
    return table, tuple(notes)
