"""Reads items and examples: JSON lines, csv or tsv; all that is wrong is told at once, with its line."""

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ...language_models.chat import whole
from ...project_base.errors import UserError
from .base import Fields, Item

_FORM = 'one JSON object a line: {"id": "1", "input": "...", "output": "..."}, where output is a text or an object'
_KEYS = frozenset({"id", "input", "output", "accepted"})
_MOST_TOLD = 10
_LONGEST_CELL = 32_000_000
_SEPARATORS = {".csv": ",", ".tsv": "\t"}


def read_items(path: Path) -> list[Item]:
    """Reads an evaluation set or a file of examples.

    Args:
        path: A .jsonl, .csv or .tsv file with `input`, `output` and, where wanted, `id` and `accepted`. An output that
            is an object (in a table: text that is a JSON object) holds the wanted fields. Without ids, items are
            numbered by their lines.

    Raises:
        UserError: The file is missing or empty, or lines in it are wrong; up to ten are named.
    """
    items: list[Item] = []
    problems: list[str] = []
    seen: dict[str, str] = {}
    table = path.suffix.lower() in _SEPARATORS
    for number, row in read_rows(path, read_text(path), problems):
        place = f"{path}:{number}"
        # A table holds texts alone: an empty cell is no output.
        given = {key: value for key, value in row.items() if key and value != ""} if table else row
        try:
            item = _item(given, number, place)
        except ValueError as error:
            problems.append(f"{place}: {error}")
            continue
        if item.id in seen:
            problems.append(f"{place}: the id {item.id} stands at {seen[item.id]} already")
        seen[item.id] = place
        items.append(item)
    refuse(problems)
    if not items:
        raise UserError(f"{path} holds no item", f"write {_FORM}")
    return items


def refuse(problems: Sequence[str]) -> None:
    """Tells up to ten problems of a file, each with its line.

    Raises:
        UserError: There are any.
    """
    if problems:
        more = f"\n       and {len(problems) - _MOST_TOLD} more" if len(problems) > _MOST_TOLD else ""
        raise UserError("\n       ".join(problems[:_MOST_TOLD]) + more, f"write {_FORM}")


def read_text(path: Path, next_step: str = "check its path in config.yaml, below prompting") -> str:
    """The text of a file in UTF-8.

    Args:
        path: Of the file.
        next_step: What to do where it cannot be read; by default, for the files that the settings name.

    Raises:
        UserError: It cannot be read, or is no UTF-8.
    """
    try:
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text (byte {error.start})", "save the file as UTF-8") from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}", next_step) from error


def read_rows(path: Path, text: str, problems: list[str]) -> Iterator[tuple[int, Mapping[str, Any]]]:
    """The rows of a .jsonl, .csv or .tsv file with their lines; of a table, a row has a text for each column.

    Args:
        path: Of the file, for its suffix and for messages.
        text: Its content.
        problems: Gets a message for each line that is no row.

    Raises:
        UserError: The file is none of these.
    """
    suffix = path.suffix.lower()
    if suffix in _SEPARATORS:
        yield from _table_rows(path, text, problems)
        return
    if suffix != ".jsonl":
        raise UserError(f"{path} is no .jsonl, .csv or .tsv file", f"write {_FORM}")
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            row = _of_whole_texts(json.loads(line, parse_constant=_no_number))
        except (ValueError, RecursionError) as error:
            problems.append(f"{path}:{number}: not JSON: {error}")
            continue
        if not isinstance(row, dict):
            problems.append(f"{path}:{number}: not an object")
            continue
        yield number, row


def _table_rows(path: Path, text: str, problems: list[str]) -> Iterator[tuple[int, Mapping[str, str]]]:
    # The limit of the csv module holds for the whole process; a document may stand in one cell.
    csv.field_size_limit(_LONGEST_CELL)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_SEPARATORS[path.suffix.lower()], strict=True)
    columns: list[str] = []
    try:
        for cells in reader:
            if not any(cell.strip() for cell in cells):
                continue
            if not columns:
                columns = cells
                if twice := [name for name in columns if columns.count(name) > 1]:
                    problems.append(f"{path}:{reader.line_num}: two columns are called {twice[0]}")
                    return
            elif len(cells) == len(columns):
                yield reader.line_num, dict(zip(columns, cells, strict=True))
            else:
                problems.append(
                    f"{path}:{reader.line_num}: {len(cells)} cells, where there are {len(columns)} columns "
                    f"({', '.join(columns[:_MOST_TOLD])}); put a cell that holds the separator between quotes"
                )
    except csv.Error as error:
        problems.append(f"{path}:{reader.line_num}: {error}")


def _of_whole_texts(value: Any) -> Any:
    """The same value of JSON, once it is known that UTF-8 can hold its texts: they are sent, and written to files."""
    plain = json.dumps(value, ensure_ascii=False)
    if whole(plain) != plain:
        raise ValueError("half of a character (a lone surrogate), which no UTF-8 can hold")
    return value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _item(row: Mapping[str, Any], number: int, place: str) -> Item:
    if unknown := sorted(row.keys() - _KEYS):
        raise ValueError(f"unknown key {unknown[0]}; allowed are {', '.join(sorted(_KEYS))}")
    given = row.get("input")
    if not isinstance(given, str) or not given.strip():
        raise ValueError("input must be a text that is not empty")
    output, fields = wanted_of(row.get("output"))
    name = row.get("id", str(number))
    if isinstance(name, bool) or not isinstance(name, str | int) or not str(name).strip():
        raise ValueError("id must be a text or a number")
    return Item(str(name).strip(), given, output, fields, _accepted(row.get("accepted")), place)


def wanted_of(output: object) -> tuple[str | None, Fields | None]:
    """A wanted output as text or as fields; both None where there is none.

    Raises:
        ValueError: It is neither.
    """
    if isinstance(output, str) and output.lstrip().startswith("{"):
        try:
            output = _of_whole_texts(json.loads(output))
        except (ValueError, RecursionError):
            return str(output), None
    if output is None:
        return None, None
    if isinstance(output, dict):
        return None, {str(name): _value(str(name), value) for name, value in output.items()}
    if isinstance(output, str):
        if not output.strip():
            return None, None
        return output, None
    raise ValueError("output must be a text, or an object of fields")


def _value(name: str, value: object) -> str | int | float | bool | tuple[str, ...] | None:
    if value is None or isinstance(value, str | int | float | bool):
        return value
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return tuple(value)
    raise ValueError(f"output.{name} must be a text, a number, true or false, null or a list of texts")


def _accepted(value: object) -> tuple[str, ...]:
    if value is None:
        return ()
    if isinstance(value, str):
        # In a table, several texts stand in one cell.
        return tuple(part.strip() for part in value.split("|") if part.strip())
    if isinstance(value, list) and all(isinstance(each, str) and each.strip() for each in value):
        return tuple(value)
    raise ValueError("accepted must be a list of texts")
