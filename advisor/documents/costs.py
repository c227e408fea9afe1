"""COSTS: money, memory, time and staleness of every approach that is open, each with the figures behind it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from advisor.documents.base import Document, Part
from advisor.values import Approach

__all__ = ["Amount", "ApproachCosts", "CostBasis", "CostLine", "Costs", "Memory", "PayBack", "UsedFigure"]


class Amount(Part):
    """From `low` to `high`; `high` is None where there is no upper end, as for "over 10 million calls"."""

    low: float
    high: float | None


class UsedFigure(Part):
    """One number that something was worked out from.

    Attributes:
        id: of a figure of prices.yaml, or of a fact.
        unit: with the currency in front where it is money.
        origin: user (given for this decision), own_rules, rules, answer (a number), band (a code), unknown.
        status: how far it was checked; empty for what the user said.
        source: where it comes from, in words.
    """

    id: str
    means: str
    amount: Amount
    unit: str
    origin: Literal["user", "own_rules", "rules", "answer", "band", "unknown"]
    status: str
    as_of: str
    source: str


class CostLine(Part):
    """One item.

    Attributes:
        id: what it is, in one word.
        how: the arithmetic, in the ids of `inputs`, so that it can be done again by hand.
    """

    id: str
    title: str
    amount: Amount
    unit: str
    how: str
    inputs: tuple[str, ...]


class PayBack(Part):
    """Months until what was spent once is saved, against the prompted baseline.

    Attributes:
        best_months: with every figure at the end that favours the approach; None is no break-even.
        worst_months: with every figure at the other end; None is no break-even.
        best_saving, worst_saving: per month, likewise; negative is a loss, None is without end.
        is_a_reason: whether cost may be a reason for training: within `most_months` and from `least_saving` a month on;
            open where the figures leave it open.
    """

    best_months: float | None
    worst_months: float | None
    best_saving: float | None
    worst_saving: float | None
    is_a_reason: Literal["yes", "no", "open"]
    most_months: float
    least_saving: float
    says: str


class ApproachCosts(Part):
    """One approach in the pattern that it would take.

    Attributes:
        trains: it needs training, and training again.
        tokens: read and written per query, both ends; None without a language model.
        per_query: what each further query costs; None where only machines are paid.
        monthly: what is paid each month whatever the traffic, and, with known traffic, the queries.
        per_month: their sum; None while the traffic is unknown.
        cache: of the part of the prompt that stays the same; none when nothing is cached.
        once: before launch; `outside` is the part of it that is not the team's own time.
        first_output, whole_output: in ms, for a call that waits for no other.
        in_time: whether the first output comes within the limit; None while there is no limit.
        fresh_after: hours from a changed fact to a right answer.
        notes: what the reader must know to use the figures.
    """

    approach: Approach
    title: str
    pattern: str
    is_verdict: bool
    trains: bool
    tokens: tuple[CostLine, ...]
    per_query: CostLine | None
    monthly: tuple[CostLine, ...]
    per_month: Amount | None
    cache: Literal["warm", "cold", "open", "none"]
    once: tuple[CostLine, ...]
    once_total: Amount
    outside: Amount
    pay_back: PayBack | None
    stages: tuple[CostLine, ...]
    first_output: Amount
    whole_output: Amount
    in_time: Literal["yes", "no", "open"] | None
    fresh_after: CostLine
    notes: tuple[str, ...]


class Memory(Part):
    """Memory for one size of model, in GB: to train it in three ways, and to serve it."""

    model: str
    parameters: Amount
    full: Amount
    lora: Amount
    qlora: Amount
    serving: Amount


class CostBasis(Part):
    """What all of it rests on.

    Attributes:
        queries: per month; None while unknown.
        break_even_cached, break_even_plain: the corpus, in tokens, up to which having all of it in the prompt costs no
            more than retrieval.
        answer_first: facts whose answer would say what is still left out.
    """

    currency: str
    review_by: str
    queries: Amount | None
    break_even_cached: CostLine
    break_even_plain: CostLine
    memory: tuple[Memory, ...]
    figures: tuple[UsedFigure, ...]
    answer_first: tuple[str, ...]


class Costs(Document):
    """Every approach that is open, the verdict first, then in the order of the ranking."""

    document: Literal["costs/1"] = Field(default="costs/1", alias="schema")
    approaches: tuple[ApproachCosts, ...]
    basis: CostBasis
