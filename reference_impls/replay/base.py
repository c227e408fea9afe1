"""Policies of retraining."""

from dataclasses import dataclass
from typing import Literal

PolicyKind = Literal[
    "never",
    "recalibration",
    "scheduled",
    "sliding_window",
    "recency_weighted",
    "incremental",
    "warm_start",
    "drift_triggered",
    "active_learning",
]

SIMPLEST_FIRST: tuple[PolicyKind, ...] = (
    "never",
    "recalibration",
    "scheduled",
    "sliding_window",
    "recency_weighted",
    "incremental",
    "warm_start",
    "drift_triggered",
    "active_learning",
)
"""The order in which ties are broken: by what an owner has to run beside the training itself.

A fixed model needs nothing; a recalibrated one keeps its model; a schedule needs a clock; a sliding window and weights
bring a number to choose; models that go on from the former one carry its faults along and cannot be made again from the
data alone; a trigger needs a monitor that may fail in silence; asking for labels needs people at their desks.
"""


@dataclass(frozen=True)
class Policy:
    """When a model is trained again, and on what.

    Attributes:
        name: Unique among the policies of a replay: `scheduled every 2 windows`.
        kind: How it works.
        cadence: Windows between two trainings (or updates); for a trigger, between two looks; 0 for never.
        window: Of a sliding window: how many of the latest windows it learns from; else 0.
        half_life: Of recency weights: the age in windows at which a row counts half; else 0.
        budget: Of active learning: the share of a window's labels that may be asked for, in (0, 1]; else 0.
    """

    name: str
    kind: PolicyKind
    cadence: int = 1
    window: int = 0
    half_life: float = 0.0
    budget: float = 0.0

    def __post_init__(self) -> None:
        """Checks what would make a policy meaningless."""
        if (self.cadence == 0) != (self.kind == "never") or self.cadence < 0:
            raise ValueError(f"{self.name}: a cadence of {self.cadence} windows does not fit {self.kind}")
        if (self.window > 0) != (self.kind == "sliding_window"):
            raise ValueError(f"{self.name}: a window of {self.window} does not fit {self.kind}")
        if (self.half_life > 0) != (self.kind == "recency_weighted"):
            raise ValueError(f"{self.name}: a half-life of {self.half_life} does not fit {self.kind}")
        if (0 < self.budget <= 1) != (self.kind == "active_learning"):
            raise ValueError(f"{self.name}: a label budget of {self.budget} does not fit {self.kind}")

    @property
    def complexity(self) -> tuple[float, ...]:
        """Sorts policies, simplest first; among schedules the rarer one is the simpler, and the longer memory."""
        return (SIMPLEST_FIRST.index(self.kind), -self.cadence, -self.window, -self.half_life, self.budget)
