"""The shape of a table: what divides its cells, whether quotes enclose them, and how its columns are called."""

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from ..project_base.errors import UserError
from .settings import Settings, listed
from .usual_names import USUAL, is_known, likely_column, no_set_columns, set_but_missing, shown_columns

_DELIMITERS = {"comma": ",", "semicolon": ";", "tab": "\t", "pipe": "|"}
_LOOKED_AT = 200
_SHOWN = 40


def delimiter_of(suffix: str, lines: Sequence[str], settings: Settings) -> str:
    """What divides the cells: as set, a tab in .tsv files, else what cuts most rows into the same several cells.

    Args:
        suffix: Of the file, in lower case.
        lines: The first lines of the file.
        settings: May name the delimiter.
    """
    if settings.delimiter != "auto":
        return _DELIMITERS[settings.delimiter]
    if suffix == ".tsv":
        return "\t"

    def regularity(delimiter: str) -> tuple[float, int]:
        try:
            rows = list(_reader(lines[:_LOOKED_AT], delimiter))
        except csv.Error:
            return 0.0, 0
        counts = Counter(len(row) for row in rows if row)
        cells, rows_alike = max(counts.items(), key=lambda item: (item[1], item[0]), default=(0, 0))
        return (rows_alike / len(rows), cells) if cells > 1 else (0.0, 0)

    return max(_DELIMITERS.values(), key=regularity)


def quotes_enclose(delimiter: str, lines: Sequence[str], settings: Settings) -> bool:
    """Whether quotes enclose cells: as set; else yes, but where tabs divide them only if all quotes do.

    Messages in tab files often begin with a quotation, which would swallow everything up to the next quote.
    """
    if settings.quotes != "auto":
        return settings.quotes == "yes"
    if delimiter != "\t":
        return True
    cells = [cell for line in lines for cell in line.rstrip("\r\n").split("\t") if '"' in cell]
    return bool(cells) and all(
        len(cell) > 1 and cell.startswith('"') and cell.endswith('"') and '"' not in cell[1:-1].replace('""', "")
        for cell in cells
    )


def columns_of(path: Path, first: Sequence[str], settings: Settings) -> tuple[list[str], bool]:
    """The names of the columns, and whether the first row is a header.

    Raises:
        UserError: Nobody can tell, a name stands twice, or there are not as many names as cells.
    """
    cells = [" ".join(cell.split()) for cell in first]
    given = listed(settings.names)
    is_data = bool(given) and cells != given and not all(is_known(cell, settings) for cell in cells)
    if settings.header == "no" or (settings.header == "auto" and is_data):
        if len(given) != len(cells):
            raise UserError(
                f"{path} has {len(cells)} cells in its first row, and labelled_data.names has {len(given)} names "
                f"({', '.join(given)})",
                "name every column, in order, or set labelled_data.header to yes if the first row names them",
            )
        return given, False
    if settings.header == "auto" and not any(is_known(cell, settings) for cell in cells):
        raise _unknown_header(path, cells, settings)
    names = [cell or f"column {number}" for number, cell in enumerate(cells, start=1)]
    twice = [name for name in names if names.count(name) > 1]
    if twice:
        raise UserError(f"{path} has two columns {twice[0]!r}: {shown_columns(names)}", "rename one of them")
    return names, True


def _unknown_header(path: Path, cells: Sequence[str], settings: Settings) -> UserError:
    """What is told where the first row has no name that is set or usual: wrong settings, or a row of data."""
    is_data = (
        "if the first row is data already, set labelled_data.header to no and labelled_data.names to the columns, for "
        "example label, text"
    )
    if wrong := set_but_missing(USUAL, cells, settings):
        told = no_set_columns(wrong, cells, settings, str(path))
        return UserError(told.message, f"{told.next_step}; {is_data}")
    row = " | ".join(cell[:_SHOWN] for cell in cells[:6])
    likely = {part: likely_column(part, cells) for part in ("text", "label")}
    named = [f"{name} for labelled_data.{part}" for part, name in likely.items() if name is not None]
    hint = f"; did you mean {' and '.join(named)}?" if named else ""
    return UserError(
        f"{path}: the first row names no column that is known: {row}{hint}",
        "if it names the columns, set labelled_data.text, labelled_data.label and the like in config.yaml to the right "
        f"ones; {is_data}",
    )


def _reader(lines: Iterable[str], delimiter: str) -> Iterator[list[str]]:
    if delimiter == "\t":
        return csv.reader(lines, delimiter=delimiter, quoting=csv.QUOTE_NONE)
    return csv.reader(lines, delimiter=delimiter)
