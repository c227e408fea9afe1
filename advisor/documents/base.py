"""What all documents share: frozen, strict, and saved whole or not at all."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Annotated, Self

from pydantic import AfterValidator, BaseModel, ConfigDict, PlainSerializer, ValidationError

from advisor.errors import DataError
from advisor.files import write_whole

__all__ = ["Document", "Figures", "Part"]

Figures = Annotated[Mapping[str, float], AfterValidator(MappingProxyType), PlainSerializer(dict)]
"""Figures by name, read-only."""


class Part(BaseModel):
    """A part of a document. Sequences are tuples, so that frozen means frozen."""

    model_config = ConfigDict(
        frozen=True,
        extra="forbid",
        strict=True,
        validate_by_name=True,
        validate_by_alias=True,
        serialize_by_alias=True,
        defer_build=True,  # most commands use few of the documents
    )


class Document(Part):
    """A noun of the flow; saved as JSON."""

    def save(self, path: Path) -> None:
        """Writes the document under a temporary name and renames it: never half a file."""
        write_whole(path, (self.model_dump_json(indent=1) + "\n").encode())

    @classmethod
    def load(cls, path: Path) -> Self:
        """Reads a saved document.

        Raises:
            DataError: there is none, or it is damaged or of another kind.
        """
        try:
            raw = path.read_bytes()
        except OSError as fault:
            raise DataError(f"{path}: cannot be read: {fault.strerror}", "make it again with advisor") from None
        try:
            return cls.model_validate_json(raw)
        except ValidationError as fault:
            first = fault.errors(include_url=False)[0]
            at = ".".join(str(part) for part in first["loc"]) or "the file"
            kind = cls.__name__.lower()
            raise DataError(f"{path}: not a {kind} of this version: {at}: {first['msg']}", "make it again") from None
