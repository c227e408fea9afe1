"""Reads fields without a model, so that map-reduce runs offline: options and figures that stand in the text."""

import json
import re
import time
from collections.abc import Callable, Iterator, Mapping, Sequence

from ...texts.sentences import sentences
from ...texts.words import words_of
from ..asking.answered import Answered
from ..items.base import Fields, FieldValue
from ..prompts.declaration import Declaration, Output
from ..prompts.fields import FieldSpec

_NUMBER = re.compile(r"(?<![\w.,-])\d+(?:\.\d+)?(?![\w-])")
_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


class FieldsInText:
    """Finds the options of a choice by their words, and the figure in the sentence that shares most words with it."""

    name = "stand-in: options and figures that stand in the text"
    stand_in = True

    def __init__(self, declaration: Declaration) -> None:
        self._declaration = declaration

    def answer_many(
        self, inputs: Sequence[str], advance: Callable[[int], object] = lambda _: None
    ) -> Iterator[tuple[int, Answered]]:
        """Answers inputs."""
        for number, text in enumerate(inputs):
            started = time.monotonic()
            output = _read(text, self._declaration.fields)
            advance(1)
            yield number, Answered(output, seconds=time.monotonic() - started)


def _read(text: str, specs: Mapping[str, FieldSpec]) -> Output:
    parts = sentences(text)
    fields: Fields = {}
    quotes: dict[str, str] = {}
    problems = []
    for name, spec in specs.items():
        value, quote = _find(name, spec, parts)
        fields[name] = value
        quotes[name] = quote
        if value is None and not spec.nullable:
            problems.append(f"{name} was not found")
    return Output(json.dumps(fields, ensure_ascii=False), fields, quotes, tuple(problems))


def _find(name: str, spec: FieldSpec, parts: Sequence[str]) -> tuple[FieldValue, str]:
    if spec.type == "choice":
        for part in parts:
            held = f" {' '.join(words_of(part))} "
            for option in spec.options:
                if f" {' '.join(words_of(option))} " in held:
                    return option, part
        return None, ""
    wanted = set(words_of(f"{name.replace('_', ' ')} {spec.means}"))
    pattern = {"date": _DATE, "integer": _NUMBER, "number": _NUMBER}.get(spec.type)
    if pattern is None:
        return None, ""
    holding = [(len(wanted & set(words_of(part))), -place, part) for place, part in enumerate(parts)]
    for shared, _, part in sorted(holding, reverse=True):
        found = pattern.search(part)
        # A day is told without its name; any other figure must share a word with what is wanted.
        if found and (shared or spec.type == "date"):
            try:
                value = found.group() if spec.type == "date" else float(found.group())
                return spec.read(value), part
            except ValueError:
                continue
    return None, ""
