"""What a prompt's outputs must look like, and how a model's text becomes one."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from ...language_models.chat import whole
from ..items.base import Fields, FieldValue, Item
from .fields import FieldSpec

Shape = Literal["text", "label", "fields"]

_FENCE = re.compile(r"\A\s*```[a-z]*\s*\n(.*?)\n?```\s*\Z", re.DOTALL)
_AROUND = " \t\r\n\"'`*.“”„"
_LONGEST_SHOWN = 80


@dataclass(frozen=True)
class Output:
    """What was read of a model's text.

    Attributes:
        text: The text or the label; of fields, their JSON.
        fields: The values, where fields are declared.
        quotes: The quote of each field, where quotes are.
        problems: What is not as declared; empty for a valid output.
    """

    text: str
    fields: Fields | None = None
    quotes: Mapping[str, str] | None = None
    problems: tuple[str, ...] = ()


@dataclass(frozen=True)
class Declaration:
    """The outputs that a prompt allows.

    Attributes:
        shape: Free text, one of the labels, or fields.
        labels: Of the shape `label`, each with its meaning.
        fields: Of the shape `fields`.
        quotes: Whether each field comes with the words of the input that tell it.
    """

    shape: Shape
    labels: Mapping[str, str]
    fields: Mapping[str, FieldSpec]
    quotes: bool = False

    def instruction(self) -> str:
        """The rules of the output, as the model is told them; empty for free text."""
        if self.shape == "label":
            told = "".join(f"\n- {label}{': ' + means if means else ''}" for label, means in self.labels.items())
            return f"Answer with exactly one of these labels, and with nothing else:{told}"
        if self.shape == "fields":
            told = "".join(f'\n- "{name}": {spec.in_words()}' for name, spec in self.fields.items())
            each = ""
            if self.quotes:
                each = (
                    '\nThe value of each key is an object {"value": ..., "quote": ...}: the quote is copied word for '
                    "word from the document and shows the value; it is null where the value is null."
                )
            return f"Answer with one JSON object, and with nothing else. Its keys, all of them:{told}{each}"
        return ""

    def schema(self) -> dict[str, Any]:
        """The JSON Schema of the output, for the shape `fields`."""
        return _object({name: self._schema_of(spec) for name, spec in self.fields.items()})

    def _schema_of(self, spec: FieldSpec) -> dict[str, Any]:
        if not self.quotes:
            return spec.json_schema()
        return _object({"value": spec.json_schema(), "quote": {"anyOf": [{"type": "string"}, {"type": "null"}]}})

    def read(self, text: str) -> Output:
        """Makes sense of what a model wrote, strictly: what is not as declared is a problem."""
        if self.shape == "label":
            return self._label(text)
        if self.shape == "fields":
            return self._fields(text)
        return Output(text.strip(), problems=() if text.strip() else ("the answer is empty",))

    def _label(self, text: str) -> Output:
        said = text.strip()
        if found := [label for label in self.labels if label.casefold() == said.casefold()]:
            return Output(found[0])
        # Models put quotes, stars and a full stop around a label, which may have such marks of its own: U.S.
        plain = said.strip(_AROUND)
        found = [label for label in self.labels if plain and _bare(label) == _bare(plain)]
        if len(found) == 1:
            return Output(found[0])
        return Output(plain, problems=(f"'{plain[:_LONGEST_SHOWN]}' is none of the labels",))

    def _fields(self, text: str) -> Output:
        try:
            given = _of_whole_texts(json.loads(_inner(text), parse_constant=_no_number))
        except (ValueError, RecursionError):
            return Output(text.strip(), problems=("the answer is not one JSON object",))
        if not isinstance(given, dict):
            return Output(text.strip(), problems=("the answer is not one JSON object",))
        problems = [f"the key {name} is not declared" for name in given if name not in self.fields]
        fields: Fields = {}
        quotes: dict[str, str] = {}
        for name, spec in self.fields.items():
            if name not in given:
                problems.append(f"the key {name} is missing")
                continue
            value = given[name]
            if self.quotes:
                if not isinstance(value, dict) or "value" not in value:
                    problems.append(f'{name} must be an object {{"value": ..., "quote": ...}}')
                    continue
                quote = value.get("quote")
                quotes[name] = quote if isinstance(quote, str) else ""
                value = value["value"]
            try:
                fields[name] = spec.read(value)
            except ValueError as error:
                problems.append(f"{name} {error}")
        return Output(_json(fields), fields, quotes if self.quotes else None, tuple(problems))

    def wrong_with_wanted(self, item: Item) -> str:
        """What is wrong with the output that an item wants; empty where it is one that the prompt may give."""
        if self.shape == "label":
            if item.output is None or item.output not in self.labels:
                return f"the wanted output is none of the labels {', '.join(self.labels)}"
        elif self.shape == "fields":
            if item.fields is None:
                return "the wanted output must be an object of the declared fields"
            return self._wrong_fields(item.fields)
        elif item.output is None:
            return "the wanted output must be a text, as the prompt declares"
        return ""

    def _wrong_fields(self, wanted: Mapping[str, FieldValue]) -> str:
        if unknown := [name for name in wanted if name not in self.fields]:
            return f"the wanted field {unknown[0]} is not declared; declared are {', '.join(self.fields)}"
        for name, spec in self.fields.items():
            if name not in wanted:
                return f"the wanted field {name} is missing (null says that the input does not tell)"
            try:
                spec.read(wanted[name])
            except ValueError as error:
                return f"the wanted field {name} {error}"
        return ""


def _bare(label: str) -> str:
    return label.strip(_AROUND).casefold()


def _object(properties: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "type": "object",
        "properties": dict(properties),
        "required": list(properties),
        "additionalProperties": False,
    }


def _inner(text: str) -> str:
    """The JSON in a text: models put it into a fence, or a word before it."""
    fenced = _FENCE.match(text)
    plain = fenced.group(1) if fenced else text
    start, end = plain.find("{"), plain.rfind("}")
    return plain[start : end + 1] if 0 <= start < end else plain


def _of_whole_texts(value: Any) -> Any:
    """A value of JSON, whose texts may hold what UTF-8 cannot: the escape of half a surrogate pair is plain ASCII."""
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, dict):
        return {whole(name): _of_whole_texts(each) for name, each in value.items()}
    return [_of_whole_texts(each) for each in value] if isinstance(value, list) else value


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON")


def _json(fields: Fields) -> str:
    return json.dumps(fields, ensure_ascii=False)
