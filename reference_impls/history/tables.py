"""One file as a table: cells by column, the line of each row, and the lines that gave no row."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .delimited import read_delimited
from .faults import Fault
from .files import JSON_LINES, PARQUET
from .json_lines import read_json_lines
from .parquet import read_parquet
from .raw import Raw
from .settings import Settings


@dataclass(frozen=True)
class Table:
    """The rows of all files.

    Attributes:
        columns: [n] cells each: float64 (NaN missing), or object: str, int, float, bool or None.
        places: [n] Where each row stands.
        file: [n] int64: from which file, from 0.
        faults: Lines that gave no row.
        notes: What was decided while reading.
    """

    columns: dict[str, NDArray[Any]]
    places: tuple[str, ...]
    file: NDArray[np.int64]
    faults: tuple[Fault, ...]
    notes: tuple[str, ...]


def read_tables(files: list[Path], settings: Settings, wanted: tuple[str, ...]) -> Table:
    """Reads files one below the other; a column that a file lacks is missing in its rows.

    Args:
        files: In the order of their rows.
        settings: The form of the files.
        wanted: Names of columns that the settings mention; they tell a header from data.

    Raises:
        UserError: A file cannot be read as a whole.
    """
    raws: list[Raw] = []
    for path in files:
        raws.append(_read(path, settings, wanted, raws[0] if raws else None))
    names = list(dict.fromkeys(name for raw in raws for name in raw.columns))
    lengths = [len(raw.lines) for raw in raws]
    columns = {name: _joined([raw.columns.get(name) for raw in raws], lengths) for name in names}
    notes = [note for raw in raws for note in raw.notes]
    for name in names:
        without = [file.name for file, raw in zip(files, raws, strict=True) if name not in raw.columns and raw.lines]
        if without:
            notes.append(f"{', '.join(without[:3])} {'and others have' if without[3:] else 'has'} no column {name!r}")
    return Table(
        columns,
        tuple(f"{path.name}:{line}" for path, raw in zip(files, raws, strict=True) for line in raw.lines),
        np.repeat(np.arange(len(files)), lengths),
        tuple(fault for raw in raws for fault in raw.faults),
        tuple(dict.fromkeys(notes)),
    )


def _read(path: Path, settings: Settings, wanted: tuple[str, ...], first: Raw | None) -> Raw:
    suffix = path.suffix.lower()
    if suffix in PARQUET:
        return read_parquet(path)
    if suffix in JSON_LINES:
        return read_json_lines(path, settings)
    return read_delimited(path, settings, wanted, first)


def _joined(parts: list[NDArray[Any] | None], lengths: list[int]) -> NDArray[Any]:
    filled = [
        part if part is not None else np.full(length, None, dtype=object)
        for part, length in zip(parts, lengths, strict=True)
    ]
    if len(filled) == 1:
        return filled[0]
    if all(part.dtype == np.float64 for part in filled):
        return np.concatenate(filled)
    return np.concatenate([_as_objects(part) for part in filled])


def _as_objects(part: NDArray[Any]) -> NDArray[Any]:
    if part.dtype == object:
        return part
    cells = part.astype(object)
    cells[np.isnan(part)] = None
    return cells
