"""Labelled cases as an author may write them, in rules/cases or elsewhere, before anything is cross-checked."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, StringConstraints

from advisor.knowledge.files import Id, Text
from advisor.knowledge.labelled import CaseKind
from advisor.values import Approach

__all__ = ["CaseText", "CasesFile", "LabelText", "LabelsFile"]

CaseId = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]*$")]


class _Written(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, frozen=True)


class LabelText(_Written):
    """Facts and labels of one case: all that scoring reads."""

    id: CaseId
    name: Text | None = None
    facts: dict[str, str | int | float] = Field(min_length=1)
    inferred: tuple[str, ...]
    expected: Approach
    acceptable: tuple[Approach, ...] = Field(min_length=1)


class CaseSourceText(_Written):
    """A report of a case."""

    title: Text
    link: Text | None = None
    status: Literal["read", "second_hand", "derived", "remembered"]


class CaseText(LabelText):
    """One labelled case, with what a reader wants to know of it."""

    name: Text
    organisation: Text | None = None
    year: int | None = None
    documents: tuple[str, ...] = ()
    description: Text | None = None
    choice: Approach | None = None
    variant: Id | None = None
    reasons: tuple[Text, ...] = ()
    note: Text | None = None
    sources: tuple[CaseSourceText, ...] = ()


class CasesFile(_Written):
    """rules/cases/<group>.yaml."""

    title: Text
    kind: CaseKind
    note: Text
    cases: tuple[CaseText, ...] = Field(min_length=1)


class AnyLabelText(LabelText):
    """As `LabelText`; what else stands there is left alone."""

    model_config = ConfigDict(extra="ignore")


class LabelsFile(_Written):
    """A file of labelled cases from elsewhere: `cases` alone, each with whatever else its author noted."""

    cases: tuple[AnyLabelText, ...] = Field(min_length=1)
