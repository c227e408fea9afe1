"""Parquet files: their columns have types already, which are kept where a model can use them."""

from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from ..project_base.optional import require
from .raw import Raw


def read_parquet(path: Path) -> Raw:
    """Reads a whole file; its rows are counted from 1.

    Numbers come out as float64, moments as ISO 8601 text, yes and no as bool; lists and the like are left out.

    Raises:
        UserError: The library is missing, or the file is none of this format.
    """
    pq: Any = require("pyarrow.parquet", "pyarrow>=16")
    pa: Any = require("pyarrow", "pyarrow>=16")
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError, ValueError) as error:
        raise UserError(
            f"{path} cannot be read as parquet: {error}", "write the file again, or give another"
        ) from error
    if not table.num_rows:
        raise UserError(f"{path} holds no rows", "give a file with at least one row")
    columns: dict[str, NDArray[Any]] = {}
    notes = []
    for name, column in zip(table.column_names, table.columns, strict=True):
        if name.startswith("__index_level_"):
            # What pandas writes beside the columns.
            continue
        if name in columns:
            raise UserError(f"{path} has two columns {name!r}", "rename one of them, or delete it")
        cells = _cells(column, pa)
        if cells is None:
            notes.append(f"the column {name!r} of {path.name} holds {column.type}, and is left out")
        else:
            columns[str(name)] = cells
    return Raw(columns, list(range(1, table.num_rows + 1)), (), tuple(notes))


def _cells(column: Any, pa: Any) -> NDArray[Any] | None:
    types = pa.types
    if types.is_dictionary(column.type):
        column = column.cast(column.type.value_type)
    kind = column.type
    if types.is_floating(kind) or types.is_integer(kind):
        values: NDArray[Any] = column.cast(pa.float64(), safe=False).to_numpy().astype(np.float64)
        return values
    if types.is_timestamp(kind):
        column = column.cast(pa.timestamp("us", kind.tz), safe=False)
    elif not any(
        fits(kind)
        for fits in (types.is_null, types.is_decimal, types.is_boolean, types.is_string, types.is_large_string)
    ) and not types.is_date(kind):
        return None
    cells = np.empty(len(column), dtype=object)
    cells[:] = [_plain(cell) for cell in column.to_pylist()]
    return cells


def _plain(cell: object) -> object:
    if isinstance(cell, date):
        return cell.isoformat()
    return float(cell) if isinstance(cell, Decimal) else cell
