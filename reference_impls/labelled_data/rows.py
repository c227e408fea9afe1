"""Rows of csv, tsv and jsonl files, one after another: their values by column, or why they have none."""

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import NoReturn

from ..project_base.errors import UserError
from .lines import Line, read_lines
from .settings import Settings
from .tables import columns_of, delimiter_of, quotes_enclose
from .usual_names import shown_columns

SUFFIXES = (".csv", ".tsv", ".txt", ".jsonl", ".ndjson")
_JSON = (".jsonl", ".ndjson")
_LONGEST_ROW = 32_000_000
_LOOKED_AT = 2000
_LONGEST_SAMPLE = 4_000_000


@dataclass(frozen=True)
class Row:
    """One row as it stands in the file.

    Attributes:
        place: File and line where it begins: `messages.csv:12`.
        values: By column; strings in csv and tsv files, JSON values in jsonl files. Empty where there is a fault.
        fault: Why it cannot be used; empty where it can.
        encoding: The encoding of its lines.
    """

    place: str
    values: Mapping[str, object] = field(hash=False)
    fault: str = ""
    encoding: str = "utf-8"


def read_rows(path: Path, name: str, settings: Settings) -> Iterator[Row]:
    """Yields the rows of a file; blank ones are passed over, and only the present one is in memory.

    Args:
        path: The file; its suffix tells its format, and one without a known suffix is read as a table.
        name: What stands before the line number in messages.
        settings: Header, delimiter, quotes and encoding.

    Raises:
        UserError: The file as a whole cannot be read, or its columns cannot be told.
    """
    if path.suffix.lower() in _JSON:
        return _json_rows(path, name, settings)
    return _table_rows(path, name, settings)


def _json_rows(path: Path, name: str, settings: Settings) -> Iterator[Row]:
    for line in read_lines(path, settings.encoding):
        place = f"{name}:{line.number}"
        if line.fault:
            yield Row(place, {}, line.fault)
            continue
        if not line.text.strip():
            continue
        try:
            found = json.loads(line.text, object_pairs_hook=_once, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            yield Row(place, {}, f"no JSON: {error if isinstance(error, ValueError) else 'nested too deep'}")
            continue
        if isinstance(found, dict):
            yield Row(place, found, encoding=line.encoding)
        else:
            yield Row(place, {}, "no JSON object ({...}); each line must be one")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


class _Feed:
    """Gives the lines of a file to the csv reader, and remembers what it must know of the present row."""

    def __init__(self, lines: Iterator[Line]) -> None:
        self._lines = lines
        self.begin()

    def begin(self) -> None:
        """A new row begins with the next line."""
        self.first = 0
        self.last = 0
        self.fault = ""
        self.encoding = "utf-8"
        self._length = 0

    def __iter__(self) -> Iterator[str]:
        for line in self._lines:
            self.first = self.first or line.number
            self.last = line.number
            self.fault = self.fault or line.fault
            self.encoding = line.encoding if line.encoding != "utf-8" else self.encoding
            self._length += len(line.text)
            if self._length > _LONGEST_ROW:
                raise _NeverClosed
            yield line.text


class _NeverClosed(Exception):
    """A row grew past everything that a row can be: a quote in it is never closed."""


def _not_csv(error: csv.Error, feed: _Feed, hint: str) -> str:
    if feed.last > feed.first:
        return f"a quote is not closed where it should be, and takes lines {feed.first} to {feed.last}; {hint}"
    return f"no CSV row: {error}; {hint}"


def _first_lines(path: Path, encoding: str) -> list[str]:
    """The first lines that are not blank: 2000, or fewer where they are long."""
    lines: list[str] = []
    length = 0
    for line in islice(read_lines(path, encoding), _LOOKED_AT):
        lines += [line.text] if line.text.strip() else []
        length += len(line.text)
        if length > _LONGEST_SAMPLE:
            break
    return lines


def _table_rows(path: Path, name: str, settings: Settings) -> Iterator[Row]:
    sample = _first_lines(path, settings.encoding)
    if not sample:
        raise UserError(f"{path} is empty", "give a file with at least one row")
    delimiter = delimiter_of(path.suffix.lower(), sample, settings)
    quoted = quotes_enclose(delimiter, sample, settings)
    hint = f"{'where quotes are plain text' if quoted else 'where quotes enclose cells'}, set labelled_data.quotes to "
    hint += "no" if quoted else "yes"
    feed = _Feed(read_lines(path, settings.encoding))
    # The limit of the csv module holds for the whole process; that of the feed is for this file alone.
    csv.field_size_limit(_LONGEST_ROW)
    reader = csv.reader(
        iter(feed), delimiter=delimiter, strict=True, quoting=csv.QUOTE_MINIMAL if quoted else csv.QUOTE_NONE
    )
    columns: list[str] = []
    while True:
        feed.begin()
        try:
            cells, fault = next(reader, None), feed.fault
        except csv.Error as error:
            cells, fault = [], _not_csv(error, feed, hint)
        except _NeverClosed:
            lost = f"a quote is never closed; line {feed.first} and all behind it are not read"
            yield Row(f"{name}:{feed.first}", {}, f"{lost}; {hint}")
            return
        if cells is None:
            return
        place = f"{name}:{feed.first}"
        if not columns:
            if fault:
                raise UserError(f"{place}: {fault}", "mend the first row")
            if any(cell.strip() for cell in cells):
                columns, is_header = columns_of(path, cells, settings)
                if is_header:
                    continue
        if fault:
            yield Row(place, {}, fault)
        elif len(cells) == len(columns):
            yield Row(place, dict(zip(columns, cells, strict=True)), encoding=feed.encoding)
        elif any(cell.strip() for cell in cells):
            many = f"{len(cells)} cells, where there are {len(columns)} columns ({shown_columns(columns)})"
            yield Row(place, {}, many + (f"; {hint}" if any('"' in cell for cell in cells) else ""))
