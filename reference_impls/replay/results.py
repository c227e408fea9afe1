"""What a replay of policies on the history found: the document `replay/1`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .base import Policy, PolicyKind

Interval = tuple[float, float]


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
        earlier: Of each cell of the earlier half of the windows, the number of its block where the length of a block
            is chosen by these windows alone.
    """

    length: int
    why: str
    rows: tuple[int, ...]
    windows: tuple[int, ...]
    blocks: tuple[int, ...]
    earlier: tuple[int, ...]


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
        schema_id: `schema` in JSON; names this form of the document.
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
        freshness_earlier: The same, by what was known when the later half of the windows began.
        ages: The cost of staleness by age.
        notes: What else is to be known.
        seconds: The whole replay took, by the clock.
        processes: On how many processes.
    """

    schema_id: Literal["replay/1"] = Field(default="replay/1", alias="schema")
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
    freshness_earlier: Freshness
    ages: tuple[Aged, ...]
    notes: tuple[str, ...]
    seconds: float
    processes: int

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)

    def played(self, name: str) -> Played:
        """What came of one policy.

        Raises:
            KeyError: No policy has this name.
        """
        for each in self.policies:
            if each.name == name:
                return each
        raise KeyError(name)
