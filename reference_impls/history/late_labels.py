"""From when on the label of each row is known: its own moment, a delay after it, or never yet."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from .durations import duration
from .faults import Tell, some
from .moments import moments_of
from .ordering import Ordering
from .settings import Settings
from .tables import Table

_DAY = 86_400.0


@dataclass(frozen=True)
class Known:
    """From when on labels are known.

    Attributes:
        values: [n] float64, on the scale of the ordering; +inf where no label came.
        wrong: Positions of rows whose label has no moment, with the reason.
    """

    values: NDArray[np.float64]
    wrong: tuple[tuple[int, str], ...] = ()


def known_from(
    table: Table, ordering: Ordering, unlabelled: NDArray[np.bool_], column: str, settings: Settings, tell: Tell
) -> Known:
    """Finds from when on each label is known.

    Args:
        table: The rows.
        ordering: Their moments.
        unlabelled: [n] Whether a row has no label.
        column: With the moment at which each label came; empty for none.
        settings: `label_delay` holds where there is no such column.
        tell: Hears how many rows have no label, and of labels that are older than their rows.

    Raises:
        UserError: The delay or the column does not fit the ordering.
    """
    delay = delay_of(ordering, settings)
    values = ordering.values + delay
    wrong: tuple[tuple[int, str], ...] = ()
    if column:
        values, wrong = _from_column(table, ordering, unlabelled, column, settings, tell)
    if unlabelled.any():
        tell(f"{int(unlabelled.sum()):,} of {len(unlabelled):,} rows have no label yet, and are not learnt from")
    return Known(np.where(unlabelled, np.inf, values), wrong)


def delay_of(ordering: Ordering, settings: Settings) -> float:
    """The delay of labels on the scale of the ordering.

    Raises:
        UserError: It is a duration and the rows have no dates, or a bare number and they have.
    """
    span = duration(settings.label_delay)
    if span is None:
        number = float(settings.label_delay)
        if number and ordering.clock == "dates":
            raise UserError(
                f"history.label_delay is {settings.label_delay}, and the rows are ordered by dates",
                f"write its unit, for example {settings.label_delay}d",
            )
        return number
    if ordering.clock != "dates":
        raise UserError(
            f"history.label_delay is the duration {span.text}, and the rows are ordered by "
            f"{ordering.name or 'their place'}, which is no date",
            f"write it as a number in units of {ordering.name or 'rows'}, or set history.time to a column of dates",
        )
    return span.seconds


def _from_column(
    table: Table, ordering: Ordering, unlabelled: NDArray[np.bool_], column: str, settings: Settings, tell: Tell
) -> tuple[NDArray[np.float64], tuple[tuple[int, str], ...]]:
    came = moments_of(table.columns[column], f"the column {column!r} (history.known)", settings)
    if came.clock != ordering.clock:
        raise UserError(
            f"history.known is the column {column!r} with {came.clock}, and the rows are ordered by "
            f"{ordering.name or 'their place'} ({ordering.clock})",
            "write both moments alike, or set history.known to empty and history.label_delay instead",
        )
    values = came.values
    if came.whole_days and ordering.clock == "dates" and not ordering.whole_days:
        # A label that came on a day is surely known only when the day is over.
        values = values + _DAY
        tell(f"{column} has dates without a time of day; labels count as known when the day is over")
    present = ~unlabelled
    told = dict(came.wrong)
    wrong = tuple(
        (
            row,
            f"{column}: {told[row][:40]!r} is no moment"
            if row in told
            else f"there is a label, and {column} does not say when it came",
        )
        for row in np.flatnonzero(present & np.isnan(values)).tolist()
    )
    early = np.flatnonzero(present & (values < ordering.values))
    if len(early):
        where = some([table.places[row] for row in early[:4].tolist()], 3)
        tell(f"{len(early):,} labels came before their row did by {column} ({where}); they count as known with the row")
    return values, wrong
