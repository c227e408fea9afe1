"""A prompt as a file: a head in YAML with its name, version and outputs, then the instruction."""

import hashlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, Self

from pydantic import Field, model_validator

from ...project_base.config import parse_document
from ...project_base.errors import UserError
from ...project_base.settings import RoomSettings
from ..items.reading import read_text
from .declaration import Declaration
from .fields import FieldSpec

Measure = Literal["exact", "contains", "label", "fields", "person"]

_LINE = "---"
_FORM = "begin it with a line ---, the head (name, version, output), a line ---, and then the instruction"
_BY_SHAPE: dict[str, Measure] = {"text": "contains", "label": "label", "fields": "fields"}


class Head(RoomSettings):
    """The head of a prompt file.

    Attributes:
        name: Of the prompt, the same over its versions.
        version: From 1; a changed file takes the next one.
        output: What it is to answer: free text, one of `labels`, or `fields`.
        measure: How an output is judged; `auto` takes label, fields, or contains for free text. `exact` wants the same
            text, `contains` one of the wanted answers in it, `person` has each output marked in `review`.
        labels: Each label with its meaning, which the model reads.
        fields: The declared fields.
        quotes: Whether each field comes with a quote, which must stand in the input.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]{0,40}$")
    version: int = Field(ge=1, le=100_000)
    output: Literal["text", "label", "fields"] = "text"
    measure: Literal["auto", "exact", "contains", "label", "fields", "person"] = "auto"
    labels: dict[str, str] = Field(default_factory=dict)
    fields: dict[str, FieldSpec] = Field(default_factory=dict)
    quotes: bool = False

    @model_validator(mode="after")
    def _of_one_shape(self) -> Self:
        if (self.output == "label") != (len(self.labels) > 1):
            raise ValueError("output: label needs two labels or more, and no other output has any")
        if (self.output == "fields") != bool(self.fields):
            raise ValueError("output: fields needs fields, and no other output has any")
        if self.quotes and self.output != "fields":
            raise ValueError("quotes belong to output: fields")
        if len({label.casefold() for label in self.labels}) < len(self.labels):
            raise ValueError("two labels differ in nothing but case")
        allowed = {"auto", "person", _BY_SHAPE[self.output]} | ({"exact"} if self.output == "text" else set())
        if self.measure not in allowed:
            raise ValueError(
                f"measure {self.measure} does not fit output: {self.output} ({', '.join(sorted(allowed))})"
            )
        return self


@dataclass(frozen=True)
class PromptFile:
    """A prompt.

    Attributes:
        name: The same over all versions.
        version: Of this file.
        sha256: Of its bytes: whatever the version says, another hash is another prompt.
        instruction: What the model is told.
        declaration: Which outputs it may give.
        measure: How an output is judged.
        path: Where the file stands.
    """

    name: str
    version: int
    sha256: str
    instruction: str
    declaration: Declaration
    measure: Measure
    path: Path

    @property
    def judged_by_person(self) -> bool:
        """Whether nobody but a person can say if an output is good."""
        return self.measure == "person"

    @property
    def label(self) -> str:
        """`name@version`, as commands take it."""
        return f"{self.name}@{self.version}"


def read_prompt(path: Path) -> PromptFile:
    """Reads a prompt file.

    Raises:
        UserError: It is missing, has no head, or the head is wrong; all problems are named with their lines.
    """
    text = read_text(path).replace("\r\n", "\n")
    lines = text.split("\n")
    end = next((number for number, line in enumerate(lines[1:], start=1) if line.rstrip() == _LINE), 0)
    if lines[0].rstrip() != _LINE or not end:
        raise UserError(f"{path} has no head", _FORM)
    instruction = "\n".join(lines[end + 1 :]).strip()
    if not instruction:
        raise UserError(f"{path} holds no instruction below its head", _FORM)
    # An empty line for the first mark keeps the line numbers of the messages.
    head = parse_document("\n".join(["", *lines[1:end]]) + "\n", path, Head)
    measure = _BY_SHAPE[head.output] if head.measure == "auto" else head.measure
    return PromptFile(
        name=head.name,
        version=head.version,
        sha256=hashlib.sha256(path.read_bytes()).hexdigest(),
        instruction=instruction,
        declaration=Declaration(head.output, head.labels, head.fields, head.quotes),
        measure=measure,
        path=path,
    )
