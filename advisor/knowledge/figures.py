"""The figures that costs are worked out from, and how a call of each pattern is made up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CORPUS", "INPUT", "OUTPUT", "OWN_PRICES", "Call", "Figure", "Prices", "Recipe"]

INPUT = "input"
"""In `Call.reads`: what the user sends; its length hangs on the task."""
OUTPUT = "output"
"""In `Call.reads`: what another call wrote."""
CORPUS = "corpus"
"""In `Call.reads`: the whole reference text; its length is a fact."""


OWN_PRICES = "prices.yaml on top"
"""The name under which the user's own prices.yaml is read: it changes single figures of the built-in one."""


@dataclass(frozen=True, eq=False)
class Figure:
    """One number or range; `low` and `high` are equal for a number.

    Attributes:
        currency: of money; None for anything else.
        as_of: the month or day on which it held.
        status: read, second_hand, derived or assumed.
        source: where it comes from, in words; empty for an estimate of ours.
        evidence: the id in sources.yaml, where it rests on one.
        own: it stands in a rules folder of the user's.
    """

    id: str
    means: str
    low: float
    high: float
    unit: str
    currency: str | None
    as_of: str
    status: str
    source: str
    evidence: str | None
    own: bool


@dataclass(frozen=True, eq=False)
class Call:
    """One call of a model.

    Attributes:
        model: large, tuned, encoder or standing (the one in production).
        reads: figures of tokens, INPUT, OUTPUT or CORPUS, in the order of the prompt.
        caches: those of `reads` that stay the same from call to call.
        times: the figure that says how often; None for once.
        rest_of: the figure of a share whose rest this call serves.
    """

    model: str
    reads: tuple[str, ...]
    caches: tuple[str, ...]
    times: str | None
    rest_of: str | None


@dataclass(frozen=True, eq=False)
class Recipe:
    """What one answer of a pattern takes.

    Attributes:
        before: figures of time that pass before the first call.
        index: passages are kept in a vector store.
        reranks: a reranker is called for each search.
        trains: encoder, adapter, full, pretraining or standing; None when nothing is trained.
        fresh_after: figures of hours from a changed fact to a right answer.
    """

    calls: tuple[Call, ...]
    before: tuple[str, ...]
    index: bool
    reranks: bool
    trains: str | None
    fresh_after: tuple[str, ...]


@dataclass(frozen=True, eq=False)
class Prices:
    """Everything that prices.yaml says.

    Attributes:
        review_by: a day as YYYY-MM-DD.
        recipes: by pattern.
        where: file and line of `review_by`.
    """

    currency: str
    review_by: str
    figures: Mapping[str, Figure]
    recipes: Mapping[str, Recipe]
    where: str
