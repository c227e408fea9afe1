"""Which documents are read, and how they are cut."""

from typing import Literal

from pydantic import Field, field_validator

from ..project_base.settings import ProjectPath, RoomSettings


class Settings(RoomSettings):
    """Settings of the corpus."""

    folder: ProjectPath = Field(description="folder of the documents, read with all folders below it")
    encoding: str = Field(
        default="utf-8", description="tried for text files that are not UTF-8 and do not declare an encoding"
    )
    max_megabytes: int = Field(default=50, ge=1, le=2000, description="larger files are listed and skipped")
    chunk_by: Literal["words", "paragraph"] = Field(
        default="words",
        description="words packs paragraphs of one section up to chunk_words; paragraph keeps each apart",
    )
    chunk_words: int = Field(
        default=180, ge=20, le=2000, description="most words in a chunk; longer paragraphs are split at sentence ends"
    )

    record_text: str = Field(
        default="", description="columns of csv, tsv and jsonl files that are their text, with commas; empty takes all"
    )
    record_title: str = Field(default="", description="column whose value is a record's title; empty: the file's name")
    record_metadata: str = Field(default="", description="columns that are kept as metadata, with commas")
    duplicates: Literal["warn", "skip", "keep"] = Field(
        default="warn",
        description="warn lists repeated documents; skip also leaves out exact repeats; keep does not look for any",
    )

    @field_validator("record_metadata")
    @classmethod
    def _nothing_protected(cls, value: str) -> str:
        for name in {name.strip() for name in value.split(",")} & {"readers", "tenant"}:
            raise ValueError(f"{name} is named in _metadata.yaml beside the documents, not in a column")
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "a".encode(value)
        except LookupError as error:
            raise ValueError("not an encoding that Python knows, for example utf-8, cp1252 or latin-1") from error
        return value
