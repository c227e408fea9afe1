"""YAML as we accept it: plain data with a line for every value, and nothing that surprises.

`no`, `yes`, `on` and `50_199` are texts, as written; `true`, `false`, `null` and plain numbers are what they look like.
A repeated key, a tag, an anchor, a second document and a file that is not text are refused, each with its line.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

__all__ = ["Loaded", "StrictYamlError", "as_plain", "as_written", "load_file", "load_text"]

Path_ = tuple[str | int, ...]

LARGEST_FILE = 2_000_000
"""Bytes. A hand-written file is far below; anything above is a mistake, refused before it is read."""

DEEPEST = 50
"""Levels of lists and mappings inside one another; rules need six."""

_INTEGER = re.compile(r"^[-+]?(0|[1-9][0-9]*)$")
_NUMBER = re.compile(r"^[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+(\.[0-9]*)?[eE][-+]?[0-9]+)$")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}

_SCALAR_TAGS = {f"tag:yaml.org,2002:{kind}" for kind in ("str", "int", "float", "bool", "null", "timestamp", "merge")}
_SCALAR_TAGS.add("tag:yaml.org,2002:value")
_COLLECTION_TAGS = {"tag:yaml.org,2002:map", "tag:yaml.org,2002:seq"}

_BaseLoader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class StrictYamlError(Exception):
    """The text is not YAML as we accept it.

    Args:
        problems: sentences, each beginning with `name:line`.
    """

    def __init__(self, problems: list[str]) -> None:
        self.problems = problems
        super().__init__("\n".join(problems))


@dataclass(frozen=True)
class Loaded:
    """Plain data, and where each part of it stands.

    Attributes:
        name: how messages call the source.
        data: mappings, lists, texts, numbers, booleans and None.
    """

    name: str
    data: Any
    root: yaml.Node | None

    def where(self, path: Path_) -> str:
        """`name:line` of the key or the list's item at `path`, or of the nearest part that holds it."""
        line = _walk(self.root, path)[0]
        return self.name if line is None else f"{self.name}:{line}"

    def written(self, path: Path_) -> str | None:
        """The scalar at `path` as it is written; None where no scalar stands."""
        _, node, reached = _walk(self.root, path)
        return node.value if reached and isinstance(node, yaml.ScalarNode) else None


def _walk(root: yaml.Node | None, path: Path_) -> tuple[int | None, yaml.Node | None, bool]:
    """The line of the deepest part of `path` that there is, its node, and whether that is all of `path`."""
    if root is None:
        return None, None, False
    line, node = root.start_mark.line + 1, root
    for part in path:
        step = _child(node, part)
        if step is None:
            return line, node, False
        line, node = step
    return line, node, True


def _child(node: yaml.Node, part: str | int) -> tuple[int, yaml.Node] | None:
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value == part:
                return key.start_mark.line + 1, value
    elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
        return node.value[part].start_mark.line + 1, node.value[part]
    return None


def load_file(path: Path, name: str | None = None) -> Loaded:
    """Reads one file.

    Args:
        path: the file.
        name: how messages call it; the path as given by default.

    Raises:
        StrictYamlError: it is too large, not text, or not YAML as we accept it.
        OSError: it cannot be read.
    """
    shown = name or str(path)
    with path.open("rb") as stream:
        raw = stream.read(LARGEST_FILE + 1)
    return load_text(raw, shown)


def load_text(raw: bytes | str, name: str) -> Loaded:
    """Reads one text; see `load_file`."""
    text = raw if isinstance(raw, str) else _decode(raw, name)
    loader = _BaseLoader(text)
    try:
        _refuse_depth(text, name)
        node = loader.get_single_node()
    except yaml.YAMLError as fault:
        raise StrictYamlError([_yaml_sentence(fault, name)]) from None
    finally:
        loader.dispose()
    problems: list[str] = []
    data = None if node is None else _build(node, name, problems, set())
    if problems:
        raise StrictYamlError(problems)
    return Loaded(name, data, node)


def _decode(raw: bytes, name: str) -> str:
    if len(raw) > LARGEST_FILE:
        raise StrictYamlError([f"{name}: larger than {LARGEST_FILE // 1_000_000} MB, which no hand-written file is"])
    try:
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        line = raw.count(b"\n", 0, fault.start) + 1
        raise StrictYamlError(
            [f"{name}:{line}: not UTF-8 text (byte {fault.start} is {raw[fault.start]:#04x})"]
        ) from None
    if "\0" in text:
        raise StrictYamlError([f"{name}: a binary file, not text"])
    return text


def _refuse_depth(text: str, name: str) -> None:
    """Deep nesting overruns the stack of the composer, which ends the process; the parser has none to overrun."""
    depth = 0
    for event in yaml.parse(text, Loader=_BaseLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                line = event.start_mark.line + 1 if event.start_mark else 1
                raise StrictYamlError([f"{name}:{line}: nested more than {DEEPEST} deep"])
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1


def _yaml_sentence(fault: yaml.YAMLError, name: str) -> str:
    mark = getattr(fault, "problem_mark", None)
    problem = getattr(fault, "problem", None) or str(fault).splitlines()[0]
    where = f"{name}:{mark.line + 1}" if mark is not None else name
    return f"{where}: not YAML: {problem}"


def _build(node: yaml.Node, name: str, problems: list[str], seen: set[int]) -> Any:
    if id(node) in seen:
        problems.append(f"{name}:{node.start_mark.line + 1}: an alias (*) is not accepted: write the value out")
        return None
    seen.add(id(node))
    if isinstance(node, yaml.ScalarNode):
        if node.tag not in _SCALAR_TAGS:
            problems.append(_tag_sentence(node, name))
            return None
        return node.value if node.style else as_plain(node.value)
    if node.tag not in _COLLECTION_TAGS:
        problems.append(_tag_sentence(node, name))
        return None
    if isinstance(node, yaml.SequenceNode):
        return [_build(item, name, problems, seen) for item in node.value]
    mapping: dict[str, Any] = {}
    for key_node, value_node in node.value:
        line = key_node.start_mark.line + 1
        if not isinstance(key_node, yaml.ScalarNode):
            problems.append(f"{name}:{line}: a key must be one word")
            continue
        key = key_node.value
        if key in mapping:
            first = _walk(node, (key,))[0]
            problems.append(f"{name}:{line}: {key!r} stands twice (first on line {first}): keep one")
            continue
        mapping[key] = _build(value_node, name, problems, seen)
    return mapping


def _tag_sentence(node: yaml.Node, name: str) -> str:
    return f"{name}:{node.start_mark.line + 1}: the tag {node.tag!r} is not accepted: plain values only"


def as_plain(text: str) -> str | int | float | bool | None:
    """What an unquoted scalar stands for: a number, true, false, null, or the text itself."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.match(text) and len(text) < 300:
        return int(text)
    if _NUMBER.match(text):
        return float(text)
    return text


def as_written(number: float) -> str:
    """A number as people write it; reading it gives the same number."""
    return str(int(number)) if number == int(number) and abs(number) < 1e15 else repr(number)
