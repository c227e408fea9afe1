"""What all policies of a replay share, and what is written down while one is played."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from .tasks import Result, Trajectory
from .timeline import Timeline


@dataclass(frozen=True, eq=False)
class Game:
    """What all policies share.

    Attributes:
        timeline: The history and the replayed windows.
        kind: Of the models.
        incremental_kind: Of the models that are updated.
        trigger_labels: Whether a trigger looks at errors too.
        seed: Of what active learning draws.
        reference: How many windows a trigger compares the latest one with.
        against_first: Whether these are the first that a model has served, or those before the latest one.
    """

    timeline: Timeline
    kind: str
    incremental_kind: str
    trigger_labels: bool
    seed: int
    reference: int = 1
    against_first: bool = True


@dataclass
class Log:
    """What is written down while a policy is played."""

    timeline: Timeline
    predictions: NDArray[Any] | None = None
    retrained: list[bool] = field(default_factory=list)
    newest: list[int] = field(default_factory=list)
    labels: set[int] = field(default_factory=set)
    first_seconds: float = 0.0
    new_seconds: float = 0.0

    def spend(self, seconds: float, *, first: bool = False) -> None:
        """Adds processor time, of the first model or after it."""
        if first:
            self.first_seconds += seconds
        else:
            self.new_seconds += seconds

    def serve(self, index: int, result: Result, first_row: int, newest: int, *, retrained: bool) -> None:
        """Lets a model predict a window; it had predicted the rows from `first_row` on."""
        rows, start = self.timeline.rows(index), self.timeline.start
        if self.predictions is None:
            total = len(self.timeline.history) - start
            self.predictions = np.zeros(total, dtype=result["predictions"].dtype)
        part = result["predictions"][rows.start - first_row : rows.stop - first_row]
        self.predictions[rows.start - start : rows.stop - start] = part
        self.retrained.append(retrained)
        self.newest.append(newest)
        self.spend(float(result["seconds"][1]) * len(rows))

    def closed(self, remarks: Sequence[str] = ()) -> Trajectory:
        """What the policy did, once all windows are served."""
        if self.predictions is None:
            raise ValueError("a policy has predicted nothing")
        return Trajectory(
            predictions=self.predictions,
            retrained=tuple(self.retrained),
            newest=tuple(self.newest),
            labels=np.array(sorted(self.labels), dtype=np.int64),
            first_seconds=self.first_seconds,
            new_seconds=self.new_seconds,
            remarks=tuple(remarks),
        )
