"""Reads and validates the files of a rules folder. All faults of all files are gathered and raised together."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import lru_cache
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from advisor.errors import RulesError, allowed
from advisor.knowledge import files, price_files
from advisor.knowledge.case_text import CasesFile
from advisor.knowledge.figures import OWN_PRICES
from advisor.knowledge.link import Linker, Read
from advisor.knowledge.model import Knowledge
from advisor.strict_yaml import Loaded, StrictYamlError, load_text

__all__ = ["read_knowledge", "validated"]

M = TypeVar("M", bound=BaseModel)

_SINGLE: dict[str, type[BaseModel]] = {
    "approaches.yaml": files.ApproachesFile,
    "hybrid.yaml": files.HybridFile,
    "conflicts.yaml": files.ConflictsFile,
    "risks.yaml": files.RisksFile,
    "plans.yaml": files.PlansFile,
    "sources.yaml": files.SourcesFile,
    "prices.yaml": price_files.PricesFile,
}
_ON_TOP: dict[str, type[BaseModel]] = {OWN_PRICES: price_files.OwnPricesFile}
_FOLDERS: dict[str, type[BaseModel]] = {
    "cases": CasesFile,
    "criteria": files.CriterionFile,
    "patterns": files.PatternsFile,
}


def read_knowledge(
    texts: Mapping[str, tuple[str, bytes]], digest: str, own: tuple[tuple[str, str], ...], next_step: str
) -> Knowledge:
    """The linked knowledge.

    Args:
        texts: for each path in the rules folder, how messages call the file, and its bytes.
        digest: of all of them.
        own: which of them are the user's; they are read last, so that a clash is put down to them.
        next_step: what to do after a fault.

    Raises:
        RulesError: with every fault of every file.
    """
    problems: list[str] = []
    read = Read()
    by_user = {name for name, _ in own}
    for name in sorted(texts, key=lambda name: (name in by_user, name)):
        shown, raw = texts[name]
        model = _model_for(name)
        if model is None:
            places = [*_SINGLE, *(f"{folder}/<name>.yaml" for folder in _FOLDERS)]
            problems.append(f"{shown}: no rules file stands there; {allowed(name, places)}")
            continue
        try:
            loaded = _loaded(raw, shown)
        except StrictYamlError as fault:
            problems.extend(fault.problems)
            continue
        parsed = validated(model, loaded, problems)
        if parsed is not None:
            read.add(name, parsed, loaded)
    problems.extend(f"{name} is missing from the rules folder" for name in sorted(set(_SINGLE) - set(texts)))
    if problems:
        raise RulesError(problems, next_step)
    return Linker(read).link(digest, own, next_step)


@lru_cache(maxsize=64)
def _loaded(raw: bytes, shown: str) -> Loaded:
    """The text of one file; another folder of the user's on top leaves our files as they were."""
    return load_text(raw, shown)


def _model_for(name: str) -> type[BaseModel] | None:
    folder, _, rest = name.rpartition("/")
    return _FOLDERS.get(folder) if folder and rest else {**_SINGLE, **_ON_TOP}.get(name)


def validated(model: type[M], loaded: Loaded, problems: list[str]) -> M | None:
    """The file as its model; None, with every complaint added to `problems`, where it is not of that form."""
    if loaded.data is None:
        problems.append(f"{loaded.name}: empty; it must hold {', '.join(model.model_fields)}")
        return None
    if not isinstance(loaded.data, dict):
        problems.append(f"{loaded.name}:1: a mapping is wanted here, with {', '.join(model.model_fields)}")
        return None
    try:
        # As JSON, since the strict Python mode takes no list for a tuple, and the lax one takes true for 1.
        return model.model_validate_json(json.dumps(loaded.data))
    except ValidationError as fault:
        problems.extend(_sentences(fault, model, loaded))
        return None


def _sentences(fault: ValidationError, model: type[BaseModel], loaded: Loaded) -> Iterator[str]:
    seen = set()
    errors = fault.errors(include_url=False)
    for error in errors:
        if error["type"] == "too_short" and any(_lies_in(other["loc"], error["loc"]) for other in errors):
            continue  # pydantic counts the items that are sound; those that are not have their own complaint
        path = _real_path(error["loc"], loaded.data, absent=error["type"] in ("missing", "extra_forbidden"))
        dotted = ".".join(str(part) for part in path) or "the file"
        if error["type"] == "extra_forbidden":
            text = f"unknown key {path[-1]!r}; {allowed(str(path[-1]), sorted(_keys_at(model, path[:-1])))}"
        elif error["type"] == "missing":
            text = f"{dotted} is missing"
        else:
            text = f"{dotted}: {error['msg'][:1].lower()}{error['msg'][1:]}"
        sentence = f"{loaded.where(path)}: {text}"
        if sentence not in seen:
            seen.add(sentence)
            yield sentence


def _lies_in(loc: tuple[str | int, ...], outer: tuple[str | int, ...]) -> bool:
    return len(loc) > len(outer) and loc[: len(outer)] == outer


def _real_path(loc: tuple[str | int, ...], data: Any, *, absent: bool) -> tuple[str | int, ...]:
    """The path in the file; pydantic adds the names of union members and `[key]` to its own.

    `absent`: the last part is a key that is missing, or one too many.
    """
    path: list[str | int] = []
    for index, part in enumerate(loc):
        is_last = index == len(loc) - 1
        children = data if isinstance(data, dict) else dict(enumerate(data)) if isinstance(data, list) else {}
        if part in children:
            data = children[part]
        elif not (is_last and absent):
            continue
        path.append(part)
    return tuple(path)


def _keys_at(model: type[BaseModel], path: tuple[str | int, ...]) -> set[str]:
    """The keys that the model at `path` takes; those of the whole file's model when the path leads elsewhere."""
    current: type[BaseModel] = model
    for part in path:
        if isinstance(part, int) or part not in current.model_fields:
            continue
        inner = _inner_model(current.model_fields[part].annotation)
        if inner is None:
            break
        current = inner
    return set(current.model_fields)


def _inner_model(annotation: Any) -> type[BaseModel] | None:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        return annotation
    for argument in getattr(annotation, "__args__", ()):
        inner = _inner_model(argument)
        if inner is not None:
            return inner
    return None
