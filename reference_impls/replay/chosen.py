"""The policy that a replay speaks for: the document `choice/1`."""

from typing import Literal

from pydantic import ConfigDict, Field

from .base import PolicyKind
from .results import Frozen, Interval


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
        schema_id: `schema` in JSON; names this form of the document.
        policy: Its name; `never` where retraining is not worth it.
        kind: Its kind.
        cadence: Windows between two trainings or looks; 0 for never.
        every: The cadence in words: `every 2 windows (about 60 days)`.
        do_not_retrain: Whether that is the answer.
        why: In a few sentences.
        reasons: The same, one by one.
        against_never: Every policy beside `never`.
        against_cheapest: The policies that beat it, simplest first, beside the cheapest of them.
        most_a_retrain_may_cost: Below this price of one retrain the chosen policy costs less than no retraining; None
            where that is never, or it saves nothing at any price.
        best_cadence: Windows between two trainings that the cost of staleness and the price of a retrain give; None
            where staleness is not shown to cost anything.
        optimism: How honest that is.
    """

    schema_id: Literal["choice/1"] = Field(default="choice/1", alias="schema")
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

    model_config = ConfigDict(frozen=True, extra="forbid", populate_by_name=True, serialize_by_alias=True)
