"""Declared fields: what a value must be, as a check and as JSON Schema."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any, Literal, Self, TypeGuard

from pydantic import Field, model_validator

from ...project_base.settings import RoomSettings
from ..items.base import FieldValue

LARGEST = 1e300
"""A number beyond it counts as none: the sum over all documents has to stay finite."""

Kind = Literal["text", "integer", "number", "boolean", "choice", "date", "texts"]


class FieldSpec(RoomSettings):
    """One declared field.

    Attributes:
        type: Of its values: `date` is written YYYY-MM-DD, `choice` is one of the options, `texts` is a list of texts.
        means: What it is, for the model.
        options: Of a choice.
        nullable: Whether null says that the input does not tell.
    """

    type: Kind = "text"
    means: str = Field(min_length=1)
    options: tuple[str, ...] = ()
    nullable: bool = False

    @model_validator(mode="after")
    def _options_of_a_choice(self) -> Self:
        if (self.type == "choice") != bool(self.options):
            raise ValueError("options belong to the type choice, which needs at least one")
        if len({option.casefold() for option in self.options}) < len(self.options):
            raise ValueError("two options differ in nothing but case")
        return self

    def json_schema(self) -> dict[str, Any]:
        """The JSON Schema of a value."""
        kinds: dict[Kind, dict[str, Any]] = {
            "text": {"type": "string"},
            "integer": {"type": "integer"},
            "number": {"type": "number"},
            "boolean": {"type": "boolean"},
            "choice": {"type": "string", "enum": list(self.options)},
            "date": {"type": "string", "description": "YYYY-MM-DD"},
            "texts": {"type": "array", "items": {"type": "string"}},
        }
        plain = kinds[self.type]
        return {"anyOf": [plain, {"type": "null"}]} if self.nullable else plain

    def in_words(self) -> str:
        """What the model is told of the values."""
        told = {
            "text": "a text",
            "integer": "a whole number",
            "number": "a number",
            "boolean": "true or false",
            "choice": "one of " + ", ".join(f'"{option}"' for option in self.options),
            "date": "a date as YYYY-MM-DD",
            "texts": "a list of texts",
        }[self.type]
        return f"{told}{', or null where it is not told' if self.nullable else ''}: {self.means}"

    def read(self, value: object) -> FieldValue:
        """A value as declared.

        Raises:
            ValueError: It is not; the message says what is allowed.
        """
        if value is None and self.nullable:
            return None
        found = _READERS[self.type](value)
        if self.type == "choice" and isinstance(found, str):
            found = next((option for option in self.options if option.casefold() == found.casefold()), None)
        if found is None:
            raise ValueError(f"must be {self.in_words().partition(':')[0]}")
        return found


def _text(value: object) -> str | None:
    return value.strip() if isinstance(value, str) and value.strip() else None


def _integer(value: object) -> int | None:
    if not _is_number(value) or (isinstance(value, float) and not value.is_integer()):
        return None
    return int(value)


def _number(value: object) -> float | None:
    return float(value) if _is_number(value) else None


def _is_number(value: object) -> TypeGuard[int | float]:
    # 1e999 is infinite to Python, and a whole number may be too large for a float: neither can be added up.
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _boolean(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _date(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    try:
        return date.fromisoformat(value.strip()).isoformat()
    except ValueError:
        return None


def _texts(value: object) -> tuple[str, ...] | None:
    if not isinstance(value, list | tuple) or not all(isinstance(each, str) for each in value):
        return None
    return tuple(each.strip() for each in value if each.strip())


_READERS: Mapping[Kind, Callable[[object], FieldValue]] = {
    "text": _text,
    "integer": _integer,
    "number": _number,
    "boolean": _boolean,
    "choice": _text,
    "date": _date,
    "texts": _texts,
}


def same_value(first: FieldValue, second: FieldValue) -> bool:
    """Whether two values of a field count as the same: case, white space and the order of a list do not matter."""
    if isinstance(first, tuple) and isinstance(second, tuple):
        return {_plain(each) for each in first} == {_plain(each) for each in second}
    if isinstance(first, str) and isinstance(second, str):
        return _plain(first) == _plain(second)
    if isinstance(first, bool) or isinstance(second, bool):
        return first is second
    return first == second


def _plain(text: str) -> str:
    return " ".join(text.casefold().split())
