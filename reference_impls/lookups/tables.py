"""What a source gives back, whichever kind it is."""

import datetime
import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Value = str | int | float | bool | None
"""One cell; dates are ISO text, and numbers of exact precision are the text that writes them in full."""

LARGEST_CELL = 20_000
"""Characters of one cell."""


@dataclass(frozen=True)
class Table:
    """Rows of an answer.

    Attributes:
        columns: Their names, each once.
        rows: As many cells each as there are columns.
        complete: False where the source held more rows than were asked for.
    """

    columns: tuple[str, ...]
    rows: tuple[tuple[Value, ...], ...]
    complete: bool


def table(columns: Sequence[str], rows: Iterable[Sequence[object]], most_rows: int) -> Table:
    """Makes a table of at most `most_rows` rows; one more shows that there would be others."""
    taken = [tuple(_plain(cell) for cell in row) for row in rows]
    return Table(tuple(columns), tuple(taken[:most_rows]), len(taken) <= most_rows)


def _plain(cell: object) -> Value:
    if cell is None or isinstance(cell, bool | int):
        return cell
    if isinstance(cell, float):
        # JSON has no word for infinity and for what is not a number.
        return cell if math.isfinite(cell) else str(cell)
    if isinstance(cell, bytes | bytearray | memoryview):
        return "(binary data)"
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    written = json.dumps(cell, ensure_ascii=False, default=str) if isinstance(cell, dict | list) else str(cell)
    text = written.encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= LARGEST_CELL else text[:LARGEST_CELL] + " ..."
