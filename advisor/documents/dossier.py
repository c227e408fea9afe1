"""DOSSIER: recommendation, manifest and smoke result, as far as they exist. All that a report needs."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from advisor.documents.base import Document
from advisor.documents.manifest import Manifest
from advisor.documents.recommendation import Recommendation
from advisor.documents.smoke_result import SmokeResult

__all__ = ["Dossier"]


class Dossier(Document):
    """What is handed over.

    Attributes:
        smoke: of the project as it stands; None when it was not run, or the project changed since.
        changed_since_smoke: there was a run, but of an earlier state.
    """

    document: Literal["dossier/1"] = Field(default="dossier/1", alias="schema")
    recommendation: Recommendation
    manifest: Manifest | None = None
    smoke: SmokeResult | None = None
    changed_since_smoke: bool = False
