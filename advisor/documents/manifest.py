"""MANIFEST: what was written into a project, so that an update knows untouched, edited and gone."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from advisor.documents.answers import Given, GivenFigure
from advisor.documents.base import Document, Part
from advisor.values import Approach

__all__ = ["FileRecord", "Manifest"]


class FileRecord(Part):
    """One file: its path from the project's root with `/`, how it came about, and the sha256 of its bytes."""

    path: str
    made: Literal["copied", "rendered"]
    sha256: str


class Manifest(Document):
    """Kept in the project as `.advisor/manifest.json`."""

    document: Literal["manifest/1"] = Field(default="manifest/1", alias="schema")
    advisor_version: str
    rules_digest: str
    package: str
    approach: Approach
    pattern: str
    components: tuple[str, ...]
    answers: tuple[Given, ...]
    figures: tuple[GivenFigure, ...] = ()
    own_rules: tuple[tuple[str, str], ...] = ()
    files: tuple[FileRecord, ...]
