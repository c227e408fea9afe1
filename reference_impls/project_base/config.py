"""Loads config.yaml strictly into one frozen settings value; every problem is reported, with its line."""

import difflib
import json
from collections.abc import Iterator
from pathlib import Path
from types import UnionType
from typing import Any, TypeVar, get_args, get_origin

import yaml
from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from .errors import UserError
from .rooms import rooms_with

SettingsModel = TypeVar("SettingsModel", bound=BaseModel)
Location = tuple[str, ...]

_LARGEST = 1_000_000
_DEEPEST = 8


def load_settings(path: Path, model: type[SettingsModel]) -> SettingsModel:
    """Reads a configuration file.

    Sections of sibling rooms that `model` does not know are left to the commands of those rooms.

    Args:
        path: The YAML file. Relative paths inside it count from its folder.
        model: A frozen pydantic model with one field per section.

    Raises:
        UserError: The file is missing, too large, not YAML, or one or more settings are wrong; all are named.
    """
    elsewhere = set(rooms_with("settings.py")) - set(model.model_fields)
    return _validated(_read(path), path, model, elsewhere)


def read_sections(path: Path) -> set[str]:
    """The names of the sections of a configuration file.

    Raises:
        UserError: As `load_settings`, but for what stands inside the sections.
    """
    return set(parse_mapping(_read(path), path))


def parse_document(text: str, path: Path, model: type[SettingsModel]) -> SettingsModel:
    """Parses YAML that is no configuration file into one frozen value, as strictly; its texts may span lines.

    Args:
        text: The YAML text.
        path: Where it stands. Relative paths inside it count from its folder.
        model: A frozen pydantic model of the whole document.

    Raises:
        UserError: It is not YAML, or one or more values are wrong; all are named, with their lines.
    """
    return _validated(text, path, model, set(), breaks="\n\t")


def _validated(
    text: str, path: Path, model: type[SettingsModel], elsewhere: set[str], breaks: str = ""
) -> SettingsModel:
    problems: list[tuple[int, str]] = []
    lines: dict[Location, int] = {}
    data = _to_data(_compose(text, path), (), lines, problems)
    if not isinstance(data, dict):
        raise _failure(path, [(1, "this is not a mapping of sections to settings")])
    problems += [(line, "a control character stands here") for line in _controlled(data, (), lines, breaks)]
    known = {name: section for name, section in data.items() if name not in elsewhere}
    try:
        value = model.model_validate_json(json.dumps(known), context={"root": str(path.resolve().parent)}, strict=True)
    except ValidationError as error:
        problems += [_problem(details, model, lines) for details in error.errors()]
        raise _failure(path, problems) from error
    if problems:
        raise _failure(path, problems)
    return value


def parse_mapping(text: str, path: Path) -> dict[str, object]:
    """Parses YAML that is no configuration file, under the same rules: no anchors, no tags, no key twice.

    Args:
        text: The YAML text.
        path: What messages call it.

    Raises:
        UserError: It is not YAML, not a mapping, or breaks a rule; the message names the lines.
    """
    problems: list[tuple[int, str]] = []
    lines: dict[Location, int] = {}
    data = _to_data(_compose(text, path), (), lines, problems)
    if not isinstance(data, dict):
        raise _failure(path, [(1, "this is not a mapping of names to values")])
    if problems:
        raise _failure(path, problems)
    return data


def _controlled(data: object, at: Location, lines: dict[Location, int], breaks: str) -> Iterator[int]:
    """The lines of the texts that hold a control character, which no path and no name has, other than `breaks`."""
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _controlled(value, (*at, key), lines, breaks)
    elif isinstance(data, str) and not data.translate(dict.fromkeys(map(ord, breaks))).isprintable():
        yield lines.get(at, 1)


def _read(path: Path) -> str:
    try:
        content = path.read_bytes() if path.stat().st_size <= _LARGEST else None
    except FileNotFoundError as error:
        raise UserError(
            f"there is no configuration file {path}", "run this in the project's folder, or give --config PATH"
        ) from error
    except OSError as error:
        raise UserError(f"{path} cannot be read: {error.strerror}", "give --config the path of config.yaml") from error
    if content is None:
        raise UserError(f"{path} is larger than {_LARGEST:,} bytes", "give --config the path of config.yaml")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{path} is not UTF-8 text (byte {error.start})", "save the file as UTF-8") from error


def _compose(text: str, path: Path) -> yaml.Node:
    try:
        depth = 0
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            line = _line(event.start_mark)
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise _failure(path, [(line, "anchors and aliases (& and *) are not allowed; write the value out")])
            if tag := getattr(event, "tag", None):
                raise _failure(path, [(line, f"the YAML tag {tag} is not allowed here; write a plain value")])
            depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
            if depth > _DEEPEST:
                raise _failure(path, [(line, f"nested deeper than {_DEEPEST} levels")])
        node = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.MarkedYAMLError as error:
        raise _failure(path, [(_line(error.problem_mark), f"not YAML: {error.problem}")]) from error
    except yaml.YAMLError as error:
        raise _failure(path, [(1, f"not YAML: {str(error).splitlines()[0]}")]) from error
    if node is None:
        raise _failure(path, [(1, "the file is empty; it needs one section per component")])
    return node


def _line(mark: Any) -> int:
    return int(mark.line) + 1 if mark is not None else 1


def _to_data(node: yaml.Node, at: Location, lines: dict[Location, int], problems: list[tuple[int, str]]) -> object:
    lines.setdefault(at, _line(node.start_mark))
    if isinstance(node, yaml.SequenceNode):
        return [_to_data(item, (*at, str(number)), lines, problems) for number, item in enumerate(node.value)]
    if not isinstance(node, yaml.MappingNode):
        # Dates are the one scalar that JSON has no word for; no setting is a date, so they stay text.
        if node.tag == "tag:yaml.org,2002:timestamp":
            return str(node.value)
        return yaml.constructor.SafeConstructor().construct_object(node)
    data: dict[str, object] = {}
    for key_node, value_node in node.value:
        key = str(key_node.value)
        line = _line(key_node.start_mark)
        if key in data:
            problems.append((line, f"{'.'.join((*at, key))} is written twice (first on line {lines[(*at, key)]})"))
            continue
        lines[(*at, key)] = line
        data[key] = _to_data(value_node, (*at, key), lines, problems)
    return data


def _problem(details: ErrorDetails, model: type[BaseModel], lines: dict[Location, int]) -> tuple[int, str]:
    at = tuple(str(part) for part in details["loc"])
    name = ".".join(at)
    line = next((lines[at[:cut]] for cut in range(len(at), -1, -1) if at[:cut] in lines), 1)
    parent = _model_at(model, at[:-1])
    if details["type"] == "extra_forbidden" and parent is not None:
        allowed = list(parent.model_fields)
        near = difflib.get_close_matches(at[-1], allowed, 1)
        hint = f"; did you mean {near[0]}?" if near else "."
        return line, f"unknown key {name}{hint} Allowed here: {', '.join(allowed)}"
    if details["type"] == "missing":
        return line, f"{name} is missing{_meaning(parent, at)}"
    message = details["msg"].removeprefix("Value error, ")
    given = details["input"]
    shown = "" if isinstance(given, dict | list) else f", got {json.dumps(given)[:80]}"
    return line, f"{name + ': ' if name else ''}{message}{shown}{_meaning(parent, at)}"


def _meaning(parent: type[BaseModel] | None, at: Location) -> str:
    field = parent.model_fields.get(at[-1]) if parent and at else None
    return f" ({field.description})" if field and field.description else ""


def _model_at(model: type[BaseModel], at: Location) -> type[BaseModel] | None:
    kind: Any = model
    for part in at:
        if _is_model(kind):
            field = kind.model_fields.get(part)
            kind = field.annotation if field else None
            # `Section | None` leads on to the section; the items of a mapping or list take a part of their own.
            kind = _inner(kind) if isinstance(kind, UnionType) else kind
        else:
            kind = _inner(kind)
    return kind if _is_model(kind) else None


def _is_model(kind: Any) -> bool:
    # The alias dict[str, X] passes for a type, but not for a class.
    return isinstance(kind, type) and get_origin(kind) is None and issubclass(kind, BaseModel)


def _inner(kind: Any) -> Any:
    return next((inner for inner in get_args(kind) if _is_model(inner)), None)


def _ordered(problems: list[tuple[int, str]]) -> Iterator[tuple[int, str]]:
    return iter(sorted(dict.fromkeys(problems)))


def _failure(path: Path, problems: list[tuple[int, str]]) -> UserError:
    found = [f"{path}:{line}: {message}" for line, message in _ordered(problems)]
    return UserError("\n       ".join(found), f"mend {path}; each key is explained where it stands")
