"""Work of a replay that can be done in any process, is done once, and is kept."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]
Floats = NDArray[np.float64]
Result = Mapping[str, NDArray[Any]]
"""What a task gives: arrays by name, all of numbers."""

Mode = Literal["incremental", "warm_start", "recalibration"]


class Task(Protocol):
    """One piece of work."""

    @property
    def key(self) -> str:
        """Tells it from every other on the same history and settings; equal work has equal keys."""
        ...

    @property
    def size(self) -> float:
        """About how long it takes, in any unit: the longest are begun first."""
        ...


@dataclass(frozen=True, eq=False)
class Fit:
    """Trains a model, and predicts all rows from a position on.

    Result: `predictions` [n - first_row] (int64 codes of labels, or float64), `unsure` float64 of the same length where
    asked for, `seconds` [2]: processor time of the training and of the predictions of one row.

    Attributes:
        positions: Rows that it learns from, ascending.
        weights: Of them; None for equal ones.
        kind: Of the model.
        first_row: Position of the first predicted row.
        unsure: Whether to tell how unsure the model is of each row.
    """

    positions: Positions
    kind: str
    first_row: int
    weights: Floats | None = None
    unsure: bool = False

    @property
    def key(self) -> str:
        """See `Task`."""
        weights = b"" if self.weights is None else self.weights.tobytes()
        return digest("fit", self.kind, self.first_row, self.unsure, self.positions.tobytes(), weights)

    @property
    def size(self) -> float:
        """See `Task`."""
        return float(len(self.positions))


@dataclass(frozen=True, eq=False)
class Chain:
    """Goes from model to model, each made from the former one; every step predicts the window behind it.

    Result: `predictions` of all rows from the first window on, and `seconds` [steps], processor time of each step.

    Attributes:
        mode: How the next model is made.
        kind: Of the models.
        steps: Rows that each step learns from; an empty step keeps the model. The first trains.
        windows: Rows that are predicted after each step.
    """

    mode: Mode
    kind: str
    steps: tuple[Positions, ...]
    windows: tuple[range, ...]

    @property
    def key(self) -> str:
        """See `Task`."""
        spans = [(window.start, window.stop) for window in self.windows]
        return digest("chain", self.mode, self.kind, spans, *(step.tobytes() + b"|" for step in self.steps))

    @property
    def size(self) -> float:
        """See `Task`."""
        return float(sum(len(step) for step in self.steps)) * 2.0


@dataclass(frozen=True, eq=False)
class Look:
    """Looks whether some rows have drifted from others.

    Result: `alarm` [1] (0 or 1), `seconds` [1].

    Attributes:
        reference: Rows that are the measure.
        current: Rows that are compared with them.
        moment: Labels that are known later count as missing.
        with_labels: Whether labels are looked at, and so must be paid.
        predictions: Of the reference and the current rows, as in `Fit`; None where there are none.
        looks: How many looks the whole replay of the policy may have, which share the level.
    """

    reference: range
    current: range
    moment: float
    with_labels: bool
    predictions: tuple[NDArray[Any], NDArray[Any]] | None
    looks: int

    @property
    def key(self) -> str:
        """See `Task`."""
        spans = [self.reference.start, self.reference.stop, self.current.start, self.current.stop]
        given = b"".join(part.tobytes() for part in self.predictions) if self.predictions is not None else b""
        return digest("look", spans, self.moment, self.with_labels, self.looks, given)

    @property
    def size(self) -> float:
        """See `Task`."""
        return float(len(self.reference) + len(self.current))


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What a policy did, window by window.

    Attributes:
        predictions: Of all rows from the first replayed window on.
        retrained: Of each window, whether a training (or update) preceded it; the first model counts.
        newest: Of each window, the position of the newest row that its model had learnt from.
        labels: Positions of all rows whose label was used.
        first_seconds: Processor time up to the first model.
        new_seconds: Processor time after it.
    """

    predictions: NDArray[Any]
    retrained: tuple[bool, ...]
    newest: tuple[int, ...]
    labels: Positions
    first_seconds: float
    new_seconds: float
    remarks: tuple[str, ...] = field(default=())


def digest(*parts: object) -> str:
    """A sha256 over parts that are bytes or have a faithful `repr`."""
    found = hashlib.sha256()
    for part in parts:
        given = part if isinstance(part, bytes) else repr(part).encode()
        found.update(len(given).to_bytes(8, "little") + given)
    return found.hexdigest()
