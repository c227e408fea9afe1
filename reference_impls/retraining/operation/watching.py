"""What is compared when a version is watched: which rows, with which labels, at which part of the level.

Whoever looks every day must not have the whole level every day. A window is compared when it is full, its labels and
errors when these had time to come, and the parts of the level of all windows sum up to it: so all looks between two
trainings together have one level.
"""

from dataclasses import replace
from itertools import pairwise

import numpy as np

from ...drift.performance import FEWEST
from ...history.base import History
from ...history.windows import Window, cut
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from .picks import not_for_doubt
from .policies import read_replay
from .project import Champion, Project
from .reference import Reference

_FIRST_WINDOWS = 8
_LABELS_COME = 0.95
"""A window's labels count when so many of a hundred have come, by how late they came before the training."""


def first_after(history: History, champion: Champion) -> int:
    """Position of the first row that a version has not learnt from.

    Raises:
        UserError: The history is counted in another way, or ends before.
    """
    if champion.about["clock"] != history.clock or champion.learned_until > history.time[-1]:
        raise UserError(
            f"the history ends at {history.name_of(float(history.time[-1]))}, and {champion.version} learnt from newer "
            "rows, or from rows in another order (history.time)",
            f"bring back the rows that it learnt from, or train anew: {command_line('train')}{champion.other_file}",
        )
    return int(np.searchsorted(history.time, champion.learned_until, "right"))


def first_watched(history: History, first_new: int, reference: Reference | None) -> int:
    """Position of the first row that has come after those that judged the version: these are the measure."""
    if reference is None:
        return first_new
    return max(first_new, int(np.searchsorted(history.time, max(reference.moments), "right")))


def rows_of_window(project: Project, history: History, first: int) -> int:
    """How many rows fill a window: as many as a usual one before a position, which stays the same as others come."""
    if project.settings.history.window == "auto" and read_replay(project.runs) is not None:
        return max(FEWEST, round(project.length.rows))
    try:
        windows = cut(history.between(0, first), project.settings.history)
    except UserError:
        # The first model was made of less than two windows.
        return max(FEWEST, round(project.length.rows))
    return max(FEWEST, round(float(np.median([len(window) for window in windows]))))


def windows_to_watch(
    project: Project, history: History, first: int
) -> tuple[tuple[Window, ...], tuple[Window, ...], tuple[Window, ...]]:
    """Windows of equal numbers of rows: the reference before a position, the full ones from it on, and the open one."""
    rows = rows_of_window(project, history, first)
    before = [first - rows * count for count in range(project.settings.drift.reference, -1, -1)]
    # The oldest window may be shorter, but not so short that nothing can be told from it.
    before = [edge for edge in before if edge >= FEWEST]
    if len(before) <= project.settings.drift.reference:
        before = [0, *before] if before else [0, first]
    edges = [first]
    while len(history) - edges[-1] >= rows:
        edges.append(int(np.searchsorted(history.time, history.time[edges[-1] + rows - 1], "right")))
    spans = [*pairwise(before), *pairwise(edges), (edges[-1], len(history))]
    made = [
        Window(
            number, start, stop, float(history.time[start]), float(history.time[stop - 1]), _name(history, start, stop)
        )
        for number, (start, stop) in enumerate(spans, start=1)
        if stop > start
    ]
    reference, full = len(before) - 1, len(before) + len(edges) - 2
    return tuple(made[:reference]), tuple(made[reference:full]), tuple(made[full:])


def _name(history: History, start: int, stop: int) -> str:
    first, last = (history.name_of(float(history.time[place])) for place in (start, stop - 1))
    return first if first == last else f"{first} to {last}"


def share(number: int) -> int:
    """The part of the level that a window since the training has, as one so-manieth.

    Nobody knows how many windows will come before the next training. So the first eight share half of the level, the
    next sixteen a quarter, and so on: together never more than all of it.

    Args:
        number: Of the window, from 1.
    """
    period = ((number - 1) // _FIRST_WINDOWS + 1).bit_length() - 1
    return int(_FIRST_WINDOWS * 2 ** (2 * period + 1))


def with_fair_labels(project: Project, history: History) -> History:
    """The same rows; labels that were asked for because a version was not sure of them count as missing."""
    fair = not_for_doubt(project, history)
    if fair.all():
        return history
    target = history.target.copy()
    target[~fair] = None if history.task == "classification" else np.nan
    return replace(history, target=target, known=np.where(fair, history.known, np.inf))


def label_delay(history: History, first: int) -> float:
    """How long after its row a label has come, on the scale of the history, by the rows before a position."""
    known = np.isfinite(history.known[:first])
    late = (history.known[:first] - history.time[:first])[known]
    return float(np.quantile(late, _LABELS_COME, method="higher")) if len(late) else 0.0


def labels_count_by(window: Window, delay: float, newest: float) -> float:
    """The moment by which labels of a window must be known to count; none count as long as it has not come."""
    moment = window.ends + delay
    return moment if moment <= newest else -np.inf
