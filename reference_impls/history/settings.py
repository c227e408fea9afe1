"""How the history is read: its columns, its moments, the form of its files, and its windows."""

import re
from typing import Literal, Self
from zoneinfo import ZoneInfo

from pydantic import Field, field_validator, model_validator

from ..project_base.settings import RoomSettings
from .durations import ALLOWED, duration


class Settings(RoomSettings):
    """Settings of the history; columns are called as in the files, without regard to the case where that is clear."""

    task: Literal["auto", "classification", "regression"] = Field(
        default="auto", description="what is predicted: one of a few names, or a number; auto looks at the target"
    )
    target: str = Field(default="", description="column that is predicted")
    time: str = Field(default="", description="column that orders the rows; empty for the order of the rows or files")
    known: str = Field(default="", description="column with the moment at which the label came; empty for none")
    label_delay: str = Field(
        default="0", description="how long after its row a label comes: a duration (7d), or a number in units of time"
    )
    ignore: str = Field(default="", description="columns that are left out, with commas between")
    numbers: str = Field(default="", description="columns that are numbers, with commas between; others are detected")
    categories: str = Field(default="", description="columns that are categories although they look otherwise")
    texts: str = Field(default="", description="columns that are texts of some words although they look otherwise")

    files: Literal["moments", "pieces"] = Field(
        default="moments", description="what the files of a folder are: one moment each, or pieces of one long table"
    )
    zone: str = Field(default="UTC", description="time zone (IANA name) of dates without one, and of the days told")
    dates: str = Field(default="auto", description="how dates are written: auto, day_first, month_first or a pattern")

    header: Literal["auto", "yes", "no"] = Field(default="auto", description="whether the first row names the columns")
    names: str = Field(default="", description="the first columns of files without a header, with commas between")
    delimiter: Literal["auto", "comma", "semicolon", "tab", "pipe", "space"] = Field(
        default="auto", description="what stands between cells; auto takes what cuts the rows most evenly"
    )
    decimal: Literal["auto", "point", "comma"] = Field(
        default="auto", description="what stands before the decimals of a number written as text"
    )
    missing: str = Field(
        default="NA, N/A, #N/A, NaN, null, None, ?, -", description="cells that mean no value, beside empty ones"
    )
    encoding: str = Field(default="utf-8", description="taken for files that are not UTF-8 and declare no other")
    bad_rows: Literal["refuse", "skip"] = Field(
        default="refuse", description="what becomes of reading where rows cannot be used; skip leaves them out"
    )

    window: str = Field(
        default="auto", description="the windows of time: auto, a number of rows, a duration (7d, 1mo), or values"
    )
    leaks: Literal["refuse", "warn"] = Field(
        default="refuse", description="what becomes of training where a column leaks the target"
    )

    @field_validator("label_delay")
    @classmethod
    def _delay(cls, value: str) -> str:
        found = duration(value)
        if found is not None and found.months:
            raise ValueError("months differ in length; write days, for example 30d")
        if found is None and not re.fullmatch(r"\d{1,15}(\.\d{1,9})?", value):
            raise ValueError(f"neither a number nor a duration ({ALLOWED})")
        return value

    @field_validator("window")
    @classmethod
    def _window(cls, value: str) -> str:
        if value in {"auto", "values"} or duration(value) is not None:
            return value
        if not re.fullmatch(r"\d{1,9}", value) or int(value) < 1:
            raise ValueError(f"neither auto, values, a number of rows, nor a duration ({ALLOWED})")
        return value

    @field_validator("dates")
    @classmethod
    def _dates(cls, value: str) -> str:
        if value not in {"auto", "day_first", "month_first"} and not re.search(r"%[YyGs]", value):
            raise ValueError("neither auto, day_first, month_first, nor a pattern such as %d.%m.%Y %H:%M")
        return value

    @field_validator("zone")
    @classmethod
    def _zone(cls, value: str) -> str:
        try:
            ZoneInfo(value)
        except (OSError, ValueError) as error:
            raise ValueError("no time zone that is known, for example UTC or Europe/Berlin") from error
        return value

    @field_validator("encoding")
    @classmethod
    def _known_encoding(cls, value: str) -> str:
        try:
            "a".encode(value)
        except LookupError as error:
            raise ValueError("not an encoding that Python knows, for example utf-8, cp1252 or latin-1") from error
        return value

    @model_validator(mode="after")
    def _one_kind_each(self) -> Self:
        named = [*listed(self.numbers), *listed(self.categories), *listed(self.texts)]
        twice = [name for name in named if named.count(name) > 1]
        if twice:
            raise ValueError(f"the column {twice[0]!r} stands twice in numbers, categories and texts")
        return self


def listed(setting: str) -> list[str]:
    """The names in a setting that lists some, with commas between."""
    return [name.strip() for name in setting.split(",") if name.strip()]
