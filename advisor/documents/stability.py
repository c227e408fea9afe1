"""STABILITY: how the verdict holds over what is unknown and over the weights, and what would change it."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from advisor.documents.base import Document, Part
from advisor.values import Approach

__all__ = ["Alternative", "Change", "Flip", "OpenFact", "Share", "Stability"]


class Share(Part):
    """How often an approach is the verdict over all completions; None is no verdict."""

    approach: Approach | None
    share: float


class Change(Part):
    """Another code for a known fact.

    Attributes:
        codes: neighbouring codes of the fact, any of which will do.
        says: the change in the user's units.
    """

    fact: str
    now: str
    codes: tuple[str, ...]
    says: str


class Flip(Change):
    """A change that changes the verdict to `approach`; checked by evaluating it.

    Attributes:
        also: what has to change together with it.
    """

    approach: Approach | None
    also: tuple[Change, ...] = ()


class Alternative(Part):
    """What an unknown fact, once known to be `code`, would mostly lead to."""

    code: str
    approach: Approach | None


class OpenFact(Part):
    """A fact that is unknown, and what finding it out is worth.

    Attributes:
        worth: the expected rise of the share of completions that agree with their verdict, in [0, 1].
    """

    fact: str
    question: str
    worth: float
    leads_to: tuple[Alternative, ...]


class Stability(Document):
    """Over `completions` ways to fill in what is unknown, each with its own weights."""

    document: Literal["stability/1"] = Field(default="stability/1", alias="schema")
    completions: int
    shares: tuple[Share, ...]
    flips: tuple[Flip, ...]
    open_facts: tuple[OpenFact, ...]
