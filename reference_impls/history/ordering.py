"""The moment of each row: from a column, from the files that they lie in, or from the order in which they stand."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from .base import Clock
from .faults import Tell
from .files import moments_of as moments_of_files
from .moments import moments_of
from .settings import Settings
from .tables import Table


@dataclass(frozen=True)
class Ordering:
    """The moments of all rows.

    Attributes:
        values: [n] float64, in the order of the files; NaN where a row has none.
        clock: What they count.
        name: The ordering column, or what files are counted as; empty for the order of the rows.
        wrong: Positions of rows without a moment, with the reason.
        whole_days: They are dates without a time of day.
    """

    values: NDArray[np.float64]
    clock: Clock
    name: str
    wrong: tuple[tuple[int, str], ...] = ()
    whole_days: bool = False


def order_of(files: Sequence[Path], table: Table, time: str, settings: Settings, tell: Tell) -> Ordering:
    """Finds the moment of each row.

    Args:
        files: In natural order.
        table: Their rows.
        time: The ordering column; empty for the order of the files or rows.
        settings: How dates are written, and what files are.
        tell: Hears how moments were found.

    Raises:
        UserError: The column holds no moments.
    """
    if time:
        found = moments_of(table.columns[time], f"the column {time!r} (history.time)", settings)
        for note in found.notes:
            tell(note)
        wrong = dict(found.wrong)
        reasons = tuple(
            (row, f"{time}: {wrong[row][:40]!r} is no moment" if row in wrong else f"{time} is empty")
            for row in np.flatnonzero(np.isnan(found.values)).tolist()
        )
        return Ordering(found.values, found.clock, time, reasons, found.whole_days)
    if len(files) > 1 and settings.files == "moments":
        each = moments_of_files(files)
        tell(f"{each.told}; where the files are pieces of one table, set history.files to pieces")
        return Ordering(np.array(each.values)[table.file], "dates" if each.dates else "values", each.ordering, (), True)
    return Ordering(np.arange(1.0, len(table.places) + 1), "rows", "")
