"""One JSON object a line; objects inside are columns of their own (`customer.age`)."""

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn

import numpy as np
from numpy.typing import NDArray

from .faults import Fault
from .raw import Raw, text_of
from .settings import Settings

_DEEPEST = 5


def read_json_lines(path: Path, settings: Settings) -> Raw:
    """Reads a file of JSON lines; a name that an object lacks is missing in its row.

    Raises:
        UserError: The file cannot be read as a whole.
    """
    rows: list[Mapping[str, object]] = []
    lines: list[int] = []
    faults: list[Fault] = []
    for number, line in enumerate(text_of(path, settings).split("\n"), start=1):
        if not line.strip():
            continue
        try:
            found = json.loads(line, object_pairs_hook=_once, parse_constant=_constant)
        except (ValueError, RecursionError) as error:
            reason = f"no JSON: {error if isinstance(error, ValueError) else 'nested too deep'}"
            faults.append(Fault(-1, f"{path.name}:{number}", reason))
            continue
        if not isinstance(found, dict):
            faults.append(Fault(-1, f"{path.name}:{number}", "no JSON object ({...}); each line must be one"))
            continue
        rows.append(dict(_flat(found, "", 0)) if any(isinstance(value, dict) for value in found.values()) else found)
        lines.append(number)
    columns = {
        name: _column([row.get(name) for row in rows]) for name in dict.fromkeys(name for row in rows for name in row)
    }
    notes = []
    for name in [name for name, cells in columns.items() if any(isinstance(cell, list | dict) for cell in cells)]:
        del columns[name]
        notes.append(f"the column {name!r} of {path.name} holds lists, and is left out")
    return Raw(columns, lines, tuple(faults), tuple(notes))


def _column(cells: list[object]) -> NDArray[Any]:
    column = np.empty(len(cells), dtype=object)
    column[:] = cells
    return column


def _flat(values: Mapping[str, object], before: str, depth: int) -> Iterator[tuple[str, object]]:
    for name, value in values.items():
        if isinstance(value, dict) and depth < _DEEPEST:
            yield from _flat(value, f"{before}{name}.", depth + 1)
        else:
            yield before + name, value


def _once(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("a name stands twice in one object")
    return found


def _constant(constant: str) -> None:
    # Python and pandas write missing numbers as NaN; an infinite one is no value that a model could use.
    return _refused(constant) if constant != "NaN" else None


def _refused(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON number")
