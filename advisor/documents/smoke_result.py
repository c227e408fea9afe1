"""SMOKE RESULT: what the generated project's own checks said when they were run."""

from __future__ import annotations

from types import MappingProxyType
from typing import Literal

from pydantic import Field

from advisor.documents.base import Document, Figures, Part

__all__ = ["SmokeCheck", "SmokeResult"]


class SmokeCheck(Part):
    """One check of the project; `measured` holds its figures by name."""

    name: str
    passed: bool
    seconds: float
    message: str
    measured: Figures = Field(default_factory=lambda: MappingProxyType({}))


class SmokeResult(Document):
    """One run of all checks.

    Attributes:
        of: digest of the project's files as they were; empty as the project itself writes it.
    """

    document: Literal["smoke/1"] = Field(default="smoke/1", alias="schema")
    passed: bool
    seconds: float
    checks: tuple[SmokeCheck, ...]
    of: str = ""
