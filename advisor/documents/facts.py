"""FACTS: what is known, with its origin. Unknown is a value."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from advisor.documents.base import Document, Part

__all__ = ["Fact", "Facts"]


class Fact(Part):
    """One fact.

    Attributes:
        code: its code; None while unknown.
        number: as given, in `unit`.
        origin: where the code comes from.
        applies: False when the other facts make it meaningless; an answer is kept then, and not read.
        means: the option's text; empty without a code.
        because: why a derived fact follows.
    """

    fact: str
    criterion: str
    question: str
    code: str | None
    number: float | None
    unit: str | None
    origin: Literal["answered", "derived", "unknown"]
    applies: bool
    means: str
    because: str = ""


class Facts(Document):
    """Every fact of the vocabulary, alphabetical."""

    document: Literal["facts/1"] = Field(default="facts/1", alias="schema")
    facts: tuple[Fact, ...]
