"""What an author may write in prices.yaml: all of it in the built-in one, some figures in one of the user's own."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, StringConstraints

__all__ = ["FigureText", "OwnPricesFile", "PricesFile"]

Id = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9_]*$")]
Text = Annotated[str, StringConstraints(min_length=1, strip_whitespace=True)]
Positive = Annotated[float, Field(ge=1e-9, le=1e12)]


def _day(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        raise ValueError("a day such as '2027-05-20' is wanted") from None


def _day_or_month(text: str) -> str:
    if not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])(-\d{2})?", text):
        raise ValueError("a month such as '2026-11' or a day such as '2026-11-20' is wanted")
    return _day(text) if len(text) > len("2026-11") else text


Day = Annotated[str, AfterValidator(_day)]
When = Annotated[str, AfterValidator(_day_or_month)]
Currency = Annotated[str, StringConstraints(pattern=r"^[A-Z]{3}$")]


class _File(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class FigureText(_File):
    """One figure: `value`, or `low` and `high`. Nothing that costs is free, so each is above zero."""

    value: Positive | None = None
    low: Positive | None = None
    high: Positive | None = None
    currency: Currency | None = None
    unit: Text | None = None
    as_of: When | None = None
    status: Literal["read", "second_hand", "derived", "assumed"] | None = None
    evidence: str | None = None
    list: str | None = None
    because: Text | None = None
    means: Text | None = None


class CallText(_File):
    """One call of a model."""

    model: Literal["large", "tuned", "encoder", "standing"]
    reads: tuple[Id, ...] = ()
    caches: tuple[Id, ...] = ()
    times: Id | None = None
    rest_of: Id | None = None


class RecipeText(_File):
    """What one answer of a pattern takes."""

    calls: tuple[CallText, ...] = Field(min_length=1)
    before: tuple[Id, ...] = ()
    index: bool = False
    reranks: bool = False
    trains: Literal["encoder", "adapter", "full", "pretraining", "standing"] | None = None
    fresh_after: tuple[Id, ...] = Field(min_length=1)


class PricesFile(_File):
    """rules/prices.yaml."""

    review_by: Day
    as_of: When
    lists: dict[Id, Text]
    figures: dict[Id, FigureText]
    recipes: dict[Id, RecipeText]


class OwnPricesFile(_File):
    """prices.yaml in a folder of the user's: some figures that replace ours, and recipes of patterns of their own."""

    review_by: Day | None = None
    as_of: When | None = None
    lists: dict[Id, Text] = {}
    figures: dict[Id, FigureText] = {}
    recipes: dict[Id, RecipeText] = {}
