"""ANSWERS: what the user said, fact by fact. Anything unlisted is unknown."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from advisor.documents.base import Document, Part

__all__ = ["Answers", "Given", "GivenFigure"]


class Given(Part):
    """One answer.

    Attributes:
        code: a code of the fact, or `dont_know`.
        number: the number that was given, in the fact's unit; its band gave the code.
    """

    fact: str
    code: str
    number: float | None = None


class GivenFigure(Part):
    """A figure of the user's own for this decision, such as a price or a token count, in the unit of prices.yaml."""

    figure: str
    number: float = Field(ge=1e-9, le=1e12)


class Answers(Document):
    """All answers, in alphabetical order of their facts; then the user's own figures, likewise."""

    document: Literal["answers/1"] = Field(default="answers/1", alias="schema")
    given: tuple[Given, ...] = ()
    figures: tuple[GivenFigure, ...] = ()
