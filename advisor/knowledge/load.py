"""Reads a rules folder, and the user's own on top of it, into one `Knowledge`.

All faults of all files are gathered and raised together, each with its file and line.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from advisor import resources
from advisor.errors import RulesError, allowed
from advisor.knowledge import files
from advisor.knowledge.link import Linker, Read
from advisor.knowledge.model import Knowledge
from advisor.strict_yaml import Loaded, StrictYamlError, load_text

__all__ = ["load_knowledge"]

M = TypeVar("M", bound=BaseModel)

_SINGLE: dict[str, type[BaseModel]] = {
    "approaches.yaml": files.ApproachesFile,
    "hybrid.yaml": files.HybridFile,
    "conflicts.yaml": files.ConflictsFile,
    "risks.yaml": files.RisksFile,
    "plans.yaml": files.PlansFile,
    "sources.yaml": files.SourcesFile,
}
_FOLDERS: dict[str, type[BaseModel]] = {"criteria": files.CriterionFile, "patterns": files.PatternsFile}
_NOT_RULES = ("cases",)


def load_knowledge(own: Path | None = None) -> Knowledge:
    """Reads the built-in rules and, on top, a folder of the user's.

    A file of `own` with the path of a built-in file replaces it; any other is added. Which did what is kept in
    `Knowledge.own`.

    Raises:
        RulesError: with every fault of every file.
    """
    found = _yaml_files(resources.folder("rules"))
    audit: list[tuple[str, str]] = []
    if own is not None:
        if not own.is_dir():
            raise RulesError(f"{own}: not a folder", "give the folder that holds criteria/, patterns/ and the like")
        for name, path in _yaml_files(own).items():
            audit.append((name, "replaced" if name in found else "added"))
            found[name] = path
        if not audit:
            raise RulesError(f"{own}: holds no rules file", "put your rules into criteria/<name>.yaml inside it")
    read, digest = _read_all(found)
    return Linker(read).link(digest, tuple(audit))


def _yaml_files(root: Path) -> dict[str, Path]:
    return {
        path.relative_to(root).as_posix(): path
        for path in sorted(root.rglob("*.yaml"))
        if path.relative_to(root).parts[0] not in _NOT_RULES
    }


def _read_all(found: dict[str, Path]) -> tuple[Read, str]:
    problems: list[str] = []
    digest = hashlib.sha256()
    read = Read()
    for name in sorted(found):
        model = _model_for(name)
        if model is None:
            places = [*_SINGLE, *(f"{folder}/<name>.yaml" for folder in _FOLDERS)]
            problems.append(f"{found[name]}: no rules file stands there; {allowed(name, places)}")
            continue
        try:
            raw = found[name].read_bytes()
            loaded = load_text(raw, str(found[name]))
        except StrictYamlError as fault:
            problems.extend(fault.problems)
            continue
        except OSError as fault:
            problems.append(f"{found[name]}: cannot be read: {fault.strerror}")
            continue
        digest.update(f"{name}\0{len(raw)}\0".encode())
        digest.update(raw)
        parsed = _validate(model, loaded, problems)
        if parsed is not None:
            read.add(name, parsed, loaded)
    problems.extend(f"{name} is missing from the rules folder" for name in sorted(set(_SINGLE) - set(found)))
    if problems:
        raise RulesError(problems, "mend these, then: advisor rules check")
    return read, digest.hexdigest()


def _model_for(name: str) -> type[BaseModel] | None:
    folder, _, rest = name.rpartition("/")
    return _FOLDERS.get(folder) if folder and rest else _SINGLE.get(name)


def _validate(model: type[M], loaded: Loaded, problems: list[str]) -> M | None:
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
    for error in fault.errors(include_url=False):
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
