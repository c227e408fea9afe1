"""Tables as documents: every row of a CSV file, and every line of a JSON Lines file, is a document of its own.

Rows are counted as a spreadsheet shows them and RFC 7111 names them: the first is row 1, the header included. In JSON
Lines a row is a line.
"""

import csv
import io
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePosixPath
from typing import NoReturn

from .documents import Block, Document, Metadata, Skipped, Unreadable
from .metadata import scalars
from .settings import Settings

_DELIMITERS = {".csv": ",;\t|", ".tsv": "\t"}
_LARGEST_CELL = 10_000_000


@dataclass(frozen=True)
class Row:
    """One row as it stands in the file: its values by column, or why it has none."""

    number: int
    values: Metadata | None
    fault: str = ""


def read_records(name: str, text: str, settings: Settings) -> tuple[list[Document], list[Skipped]]:
    """Makes one document of each row.

    Its text is the columns of `corpus.record_text`, by default all, as lines `column: value`; a single column stands
    without its name. Its title is that of `corpus.record_title`, by default the file's name. Empty columns are left
    out, and so are rows without any.

    Args:
        name: Path of the file below the corpus folder.
        text: The decoded file.
        settings: Which columns are text, title and metadata.

    Returns:
        The documents, and the rows that cannot be used.

    Raises:
        Unreadable: The file as a whole is no table, or has none of the columns that make the text.
    """
    rows = list(ROW_FORMATS[PurePosixPath(name).suffix.lower()](text, PurePosixPath(name).suffix.lower()))
    known = dict.fromkeys(column for row in rows for column in row.values or ())
    wanted = columns(settings.record_text)
    if known and wanted and not known.keys() & set(wanted):
        shown = ", ".join(list(known)[:20])
        raise Unreadable(f"has no column {' or '.join(wanted)} (corpus.record_text); its columns: {shown}")
    documents: list[Document] = []
    skipped: list[Skipped] = []
    for row in rows:
        path = f"{name}#row={row.number}"
        if row.values is None:
            skipped.append(Skipped(path, row.fault))
            continue
        document = _document(path, name, row.values, settings)
        if document is not None:
            documents.append(document)
        elif any(_shown(value) for value in row.values.values()):
            skipped.append(Skipped(path, "has no text in the columns of corpus.record_text"))
    if not documents and not skipped:
        raise Unreadable("the table has no rows with text")
    return documents, skipped


def columns(setting: str) -> list[str]:
    """The names in a setting that lists columns."""
    return [name.strip() for name in setting.split(",") if name.strip()]


def _document(path: str, name: str, values: Metadata, settings: Settings) -> Document | None:
    shown = {column: _shown(value) for column, value in values.items()}
    wanted = columns(settings.record_text) or list(shown)
    filled = [column for column in wanted if shown.get(column)]
    if not filled:
        return None
    lines = [f"{column}: {shown[column]}" for column in filled]
    text = shown[filled[0]] if len(wanted) == 1 else "\n".join(lines)
    table = PurePosixPath(name).stem
    title = " ".join(shown.get(settings.record_title, "").split())
    kept = {column: values[column] for column in columns(settings.record_metadata) if column in values}
    # A title of the row's own leaves the table's name as the heading over it.
    headings = (table,) if title else ()
    block = Block(0, headings, 0, len(text))
    return Document(path, title or table, text, (block,), sha256(text.encode()).hexdigest(), kept, record_of=name)


def _shown(value: str | float) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value).strip()


def _csv_rows(text: str, suffix: str) -> Iterator[Row]:
    csv.field_size_limit(_LARGEST_CELL)
    delimiter = _delimiter(text, _DELIMITERS[suffix])
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    number = 0
    header: list[str] | None = None
    while True:
        number += 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            if header is None:
                raise Unreadable(f"is no CSV table: {error} (line {reader.line_num})") from error
            # After a quote that is never closed there is no telling where the next row begins.
            yield Row(number, None, f"no CSV from here to the end of the file, which is left out: {error}")
            return
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        if header is None:
            header = _header(cells)
        elif len(cells) != len(header):
            yield Row(number, None, f"{len(cells)} cells, where the header has {len(header)}")
        else:
            yield Row(number, dict(zip(header, cells, strict=True)))


def _delimiter(text: str, candidates: str) -> str:
    """The delimiter that cuts the first line into the most columns."""
    first = text.lstrip().partition("\n")[0]
    return max(candidates, key=lambda each: len(next(csv.reader([first], delimiter=each), [])))


def _header(cells: list[str]) -> list[str]:
    names = [" ".join(cell.split()) or f"column {number}" for number, cell in enumerate(cells, start=1)]
    twice = [name for name in dict.fromkeys(names) if names.count(name) > 1]
    if twice:
        raise Unreadable(f"has two columns {twice[0]!r}; rename one")
    return names


def _json_rows(text: str, _suffix: str) -> Iterator[Row]:
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line, object_pairs_hook=_once, parse_constant=_no_number)
        except (ValueError, RecursionError) as error:
            yield Row(number, None, f"no JSON: {str(error) if isinstance(error, ValueError) else 'nested too deep'}")
            continue
        if isinstance(found, dict):
            yield Row(number, scalars(found))
        else:
            yield Row(number, None, "no JSON object ({...})")


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _no_number(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")


ROW_FORMATS: dict[str, Callable[[str, str], Iterator[Row]]] = {
    ".csv": _csv_rows,
    ".tsv": _csv_rows,
    ".jsonl": _json_rows,
}
