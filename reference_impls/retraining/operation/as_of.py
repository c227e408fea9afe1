"""The history as it stood at an earlier moment: what had come by then, with the labels that were known by then."""

from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np

from ...history.base import History
from ...project_base.errors import UserError


def as_of(history: History, moment: str) -> History:
    """The rows up to a moment; later labels are missing.

    Args:
        history: All rows.
        moment: A date (`2024-09-30`, to its end) or date and time where the rows have dates, else a number.

    Raises:
        UserError: It is no moment of this history, or nothing was labelled by then.
    """
    until = _moment(history, moment)
    part = history.between(0, int(np.searchsorted(history.time, until, "right")))
    late = part.known > until
    if not len(part) or late.all():
        raise UserError(
            f"by {moment} no row had a label; the history begins at {history.name_of(float(history.time[0]))}",
            "give a later moment to --as-of",
        )
    target = part.target.copy()
    target[late] = None if part.task == "classification" else np.nan
    return replace(part, target=target, known=np.where(late, np.inf, part.known))


def _moment(history: History, told: str) -> float:
    try:
        if history.clock != "dates":
            return float(told)
        found = datetime.fromisoformat(told)
    except ValueError as error:
        wanted = "a date, as in 2024-09-30" if history.clock == "dates" else "a number, as the ordering column has it"
        raise UserError(f"{told!r} is no moment of this history", f"give --as-of {wanted}") from error
    if len(told) <= len("2024-09-30"):
        found = found.replace(hour=23, minute=59, second=59)
    return (found if found.tzinfo else found.replace(tzinfo=ZoneInfo(history.zone))).timestamp()
