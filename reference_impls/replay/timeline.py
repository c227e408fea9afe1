"""Which rows and labels stand at the beginning of each replayed window."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from ..history.base import History
from ..history.windows import Window
from ..project_base.errors import UserError

Positions = NDArray[np.int64]

_SHARE_LABELLED = 0.5
_FEWEST_LABELLED = 10
_DAY = 86_400.0


@dataclass(frozen=True, eq=False)
class Timeline:
    """A history, and the windows of it that are replayed; these are counted from 0 here.

    Attributes:
        history: All rows.
        windows: All windows, those before the first replayed one as well.
        first: Index of the first replayed window in `windows`.
    """

    history: History
    windows: tuple[Window, ...]
    first: int

    def __len__(self) -> int:
        return len(self.windows) - self.first

    def rows(self, index: int) -> range:
        """Positions of the rows of a replayed window."""
        window = self.windows[self.first + index]
        return range(window.start, window.stop)

    @property
    def start(self) -> int:
        """Position of the first replayed row."""
        return self.windows[self.first].start

    def moment(self, index: int) -> float:
        """When a replayed window begins: what is known by then may be learnt before it is predicted."""
        return self.windows[self.first + index].begins

    def labelled(self, index: int) -> Positions:
        """Positions, ascending, of the earlier rows whose label is known when a replayed window begins."""
        return self.history.labelled_by(self.moment(index), self.rows(index).start)

    @cached_property
    def window_of(self) -> Positions:
        """Index in `windows` of each row, [n]."""
        return np.repeat(np.arange(len(self.windows)), [len(window) for window in self.windows])

    @cached_property
    def judged(self) -> NDArray[np.bool_]:
        """Of each replayed row, [n - start], whether its label is known by the end of the history or later."""
        return np.isfinite(self.history.known[self.start :])

    def age(self, index: int, newest: int) -> float:
        """Windows between the newest row that a model learnt from, at position `newest`, and a replayed window."""
        return float(self.first + index - self.window_of[newest] - 1)

    def age_days(self, index: int, newest: int) -> float | None:
        """The same in days; None without dates."""
        if self.history.clock != "dates":
            return None
        return float(self.moment(index) - self.history.time[newest]) / _DAY


def timeline(history: History, windows: Sequence[Window], first_windows: int) -> Timeline:
    """Finds the first window that can be predicted.

    Args:
        history: All rows.
        windows: Of all rows, in order.
        first_windows: So many windows make the first model; it waits until half of their rows are labelled.

    Raises:
        UserError: The history leaves nothing to replay, or its labels come too late or never.
    """
    if len(windows) <= first_windows:
        raise UserError(
            f"{len(windows)} windows leave none to replay after the {first_windows} that make the first model",
            "set history.window to shorter windows, or replay.first_windows lower",
        )
    wanted = max(_FEWEST_LABELLED, _SHARE_LABELLED * windows[first_windows - 1].stop)
    for first in range(first_windows, len(windows)):
        found = Timeline(history, tuple(windows), first)
        labelled = found.labelled(0)
        if len(labelled) < wanted:
            continue
        if history.task == "classification" and len(set(history.target[labelled].tolist())) < 2:
            continue
        if not found.judged.any():
            break
        return found
    raise UserError(
        f"no window can be replayed: before none of them are {wanted:,.0f} labels known"
        + (" of at least two classes" if history.task == "classification" else "")
        + ", or none of its rows is ever labelled",
        "give a longer history, or look at history.known and history.label_delay",
    )
