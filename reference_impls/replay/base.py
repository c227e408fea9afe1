"""Policies of retraining, and what a replay of them on the history found."""

from dataclasses import dataclass
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Interval = tuple[float, float]

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


class Frozen(BaseModel):
    """Base of the results of this room."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Prices(Frozen):
    """What things cost, in one currency.

    Attributes:
        error: One wrong row of a classification, or one unit of absolute error of a regression.
        label: One label that a policy learns from.
        retrain: One training that reaches service, with the work of people and without its compute.
        compute_hour: One hour of one processor core.
    """

    error: float
    label: float
    retrain: float
    compute_hour: float


class Cost(Frozen):
    """What a policy would have cost on the replayed windows, in money; the first model counts for none of it.

    Attributes:
        errors: Of wrong predictions.
        labels: Of labels beyond those of the first model.
        retrains: Of trainings after the first.
        compute: Of processor time after the first training.
    """

    errors: float
    labels: float
    retrains: float
    compute: float

    @property
    def total(self) -> float:
        """All of it."""
        return self.errors + self.labels + self.retrains + self.compute


class WindowPlayed(Frozen):
    """One window that every policy predicted before it learnt anything of it.

    Attributes:
        number: As in the history, counted from 1.
        name: How it is told to people.
        rows: How many it has.
        scored: How many of them have a label by the end of the history, and so are judged.
        labelled: Rows before it whose label was known when it began.
    """

    number: int
    name: str
    rows: int
    scored: int
    labelled: int


class WindowScore(Frozen):
    """How a policy did on one window.

    Attributes:
        metric: Accuracy, or mean absolute error; None where no row of the window has a label.
        interval: Its 95 % interval (block bootstrap within the window).
        age: Windows since the newest row that the model in service had learnt from; 0 is as fresh as can be.
        retrained: Whether a training (or an update) preceded the window.
    """

    metric: float | None
    interval: Interval | None
    age: float
    retrained: bool


class Played(Frozen):
    """What one policy would have reached and cost.

    Attributes:
        name: Of the policy.
        kind: Of the policy.
        cadence: Windows between two trainings or looks; 0 for never.
        window: Of a sliding window, in windows.
        half_life: Of recency weights, in windows.
        budget: Of active learning, a share of the labels.
        by_window: One for each replayed window.
        metric: Over all judged rows: accuracy, or mean absolute error.
        interval: Its 95 % interval (block bootstrap over all judged rows).
        mean_of_windows: Mean over the windows, which counts small ones as much as large ones.
        macro_f1: Over all judged rows; None for a regression.
        labels: Different rows that its models learnt from or its trigger looked at, those of the first model included.
        new_labels: Those beyond the first model's.
        retrains: Trainings or updates after the first.
        seconds: Processor time of its trainings, predictions and tests, as if it ran alone.
        new_seconds: The part of it that comes after the first training.
        staleness: Mean age of its models over the judged rows, in windows.
        staleness_days: The same in days, where the history has dates.
        cost: In money.
        losses: Loss (0 or 1, or absolute error) summed by cell of rows; see `Replayed.blocks`.
    """

    name: str
    kind: PolicyKind
    cadence: int
    window: int
    half_life: float
    budget: float
    by_window: tuple[WindowScore, ...]
    metric: float
    interval: Interval
    mean_of_windows: float
    macro_f1: float | None
    labels: int
    new_labels: int
    retrains: int
    seconds: float
    new_seconds: float
    staleness: float
    staleness_days: float | None
    cost: Cost
    losses: tuple[float, ...]

    @property
    def policy(self) -> Policy:
        """The policy itself."""
        return Policy(self.name, self.kind, self.cadence, self.window, self.half_life, self.budget)


class Blocks(Frozen):
    """The judged rows, in the order of time, cut into blocks that are drawn as a whole, and into cells.

    A cell is the part of a block that stands in one window, so that sums by cell add up to sums by block and by window.

    Attributes:
        length: Rows of a block, within one.
        why: What chose the length.
        rows: Rows of each cell.
        windows: Of each cell, the index (from 0) of its window in `Replayed.windows`.
        blocks: Of each cell, the number (from 0) of its block.
    """

    length: int
    why: str
    rows: tuple[int, ...]
    windows: tuple[int, ...]
    blocks: tuple[int, ...]


class Freshness(Frozen):
    """Whether newer rows teach more about the next rows than as many older ones: what retraining is for.

    Models are trained on equal blocks of rows, and each predicts every other block. Without drift nothing tells one
    block from another, whatever the model, so that a shuffle of the blocks gives an exact test.

    Attributes:
        blocks: How many blocks; 0 where the history is too short for a test.
        rows: Rows of a block.
        gain: `by_distance` of neighbours, less that of all blocks further apart; above 0 where rows fade. None
            without a test.
        p: Of the test; None without one.
        by_distance: Mean score (accuracy, or minus the absolute error) by distance of the blocks, 1 first, corrected
            for how hard each block is and how good each model.
        level: What p is compared with.
        fades: Whether newer rows are shown to be worth more.
        why: In one sentence.
    """

    blocks: int
    rows: int
    gain: float | None
    p: float | None
    by_distance: tuple[float, ...]
    level: float
    fades: bool
    why: str


class Aged(Frozen):
    """How models of one age did, beside the freshest of the same rows.

    Attributes:
        age: In windows.
        rows: Judged rows of such models.
        loss: What they lose a row against a model retrained at every window, on the same rows.
        interval: Its 95 % interval.
    """

    age: int
    rows: int
    loss: float
    interval: Interval


class Replayed(Frozen):
    """A replay of policies on the history.

    Attributes:
        format: Of this document.
        task: What is predicted.
        metric: `accuracy` (higher is better) or `mae` (lower is better).
        model: The kind of model that was trained; `incremental` policies have their own.
        first_rows: Labelled rows of the first model, which all policies share.
        data_sha256: Of the history.
        windows: The replayed windows.
        window_days: Mean length of a window in days, where the history has dates.
        policies: What came of each, in the given order.
        blocks: What the intervals draw.
        prices: What the costs are made of.
        level: Of the tests.
        margin: Share of a cost below which a difference counts as none.
        freshness: Whether newer rows teach more.
        ages: The cost of staleness by age.
        notes: What else is to be known.
        seconds: The whole replay took, by the clock.
        processes: On how many processes.
    """

    format: Literal["replay/1"] = Field(default="replay/1", alias="schema", serialization_alias="schema")
    task: Literal["classification", "regression"]
    metric: Literal["accuracy", "mae"]
    model: str
    first_rows: int
    data_sha256: str
    windows: tuple[WindowPlayed, ...]
    window_days: float | None
    policies: tuple[Played, ...]
    blocks: Blocks
    prices: Prices
    level: float
    margin: float
    freshness: Freshness
    ages: tuple[Aged, ...]
    notes: tuple[str, ...]
    seconds: float
    processes: int

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)

    def played(self, name: str) -> Played:
        """What came of one policy.

        Raises:
            KeyError: No policy has this name.
        """
        for each in self.policies:
            if each.name == name:
                return each
        raise KeyError(name)


class Beaten(Frozen):
    """A paired comparison of two policies by cost on the same rows.

    Attributes:
        policy: The one.
        than: The other.
        saved: What the one costs less, in money; below 0 it costs more.
        interval: Its 95 % interval (paired block bootstrap).
        p: That it saves nothing, one-sided.
        corrected: The same after Holm's correction for all comparisons of the step.
        shown: Whether the saving is shown at the level.
    """

    policy: str
    than: str
    saved: float
    interval: Interval
    p: float
    corrected: float
    shown: bool


class Optimism(Frozen):
    """How much better the choice looks on the rows that it was made on than it would on others.

    Attributes:
        chosen_before: The policy that the earlier windows alone choose.
        earlier: How many windows those are.
        later_metric: Its metric on the windows after them, which the choice had not seen.
        later_never: That of a model that is never retrained, there.
        later_best: The best policy's there, which nobody could know.
        later_windows: How many windows those are.
        bootstrap: What the chosen policy looks cheaper a row than it is, in money, for being chosen on these rows.
        why: In one or two sentences.
    """

    chosen_before: str | None
    earlier: int
    later_metric: float | None
    later_never: float | None
    later_best: float | None
    later_windows: int
    bootstrap: float
    why: str


class Choice(Frozen):
    """The policy that the history speaks for.

    Attributes:
        format: Of this document.
        policy: Its name; `never` where retraining is not worth it.
        kind: Its kind.
        cadence: Windows between two trainings or looks; 0 for never.
        every: The cadence in words: `every 2 windows (about 60 days)`.
        do_not_retrain: Whether that is the answer.
        why: In a few sentences.
        reasons: The same, one by one.
        against_never: Every policy beside `never`.
        against_cheapest: The policies that beat it, simplest first, beside the cheapest of them.
        most_a_retrain_may_cost: Below this price of one retrain the chosen policy (or, if that is never, the cheapest
            other) costs less than no retraining; None where it saves nothing at any price.
        best_cadence: Windows between two trainings that the cost of staleness and the price of a retrain give; None
            where staleness is not shown to cost anything.
        optimism: How honest that is.
    """

    format: Literal["choice/1"] = Field(default="choice/1", alias="schema", serialization_alias="schema")
    policy: str
    kind: PolicyKind
    cadence: int
    every: str
    do_not_retrain: bool
    why: str
    reasons: tuple[str, ...]
    against_never: tuple[Beaten, ...]
    against_cheapest: tuple[Beaten, ...]
    most_a_retrain_may_cost: float | None
    best_cadence: float | None
    optimism: Optimism

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_name=True, validate_by_alias=True)
