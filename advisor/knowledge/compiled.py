"""A copy of the linked knowledge that reads back at once, kept by the digest of the rules that it was made from.

Plain JSON in the user's cache folder. A copy that is missing, damaged or of another version is made anew; one that
cannot be written is done without.
"""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from advisor import __version__, conditions
from advisor.files import write_whole
from advisor.knowledge import approaches, asked, figures, grounds, labelled, model
from advisor.knowledge.model import Knowledge
from advisor.values import Approach, Band

__all__ = ["cache_path", "read_compiled", "write_compiled"]

_FORMAT = 4
_KEPT = 8
"""Copies that are kept; the oldest goes first."""

_CLASSES: dict[str, Any] = {
    name: found
    for room in (approaches, asked, grounds, model)
    for name in room.__all__
    if dataclasses.is_dataclass(found := getattr(room, name))
}
_CLASSES |= {name: getattr(figures, name) for name in ("Call", "Figure", "Prices", "Recipe")}
_CLASSES |= {name: getattr(labelled, name) for name in ("Case", "CaseGroup", "CaseSource")}
_CLASSES |= {"Band": Band, "Codes": conditions.Codes}
_CLASSES |= {name: getattr(conditions, name) for name in ("AllOf", "AnyOf", "Not", "OneOf", "Unsettled")}
_APPROACHES = {approach.value: approach for approach in Approach}


def cache_path(digest: str, own: tuple[tuple[str, str], ...]) -> Path:
    """Where the copy for these rules lies.

    Raises:
        RuntimeError: the user has no home folder.
    """
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path("~/.cache").expanduser()) / "advisor"
    key = hashlib.sha256(json.dumps([_FORMAT, _shape(), __version__, digest, own]).encode()).hexdigest()
    return root / f"rules-{key[:32]}.json"


def _shape() -> list[list[str]]:
    """The fields of every class in their order, which is how a copy holds them: another order is another copy."""
    return [
        [name, *(field.name for field in dataclasses.fields(one))]
        for name, one in _CLASSES.items()
        if dataclasses.is_dataclass(one)
    ]


def read_compiled(path: Path) -> Knowledge | None:
    """The copy, or None when there is none that can be used."""
    try:
        found = json.loads(path.read_bytes(), object_hook=_unpack)
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return found if isinstance(found, Knowledge) else None


def write_compiled(knowledge: Knowledge, path: Path) -> None:
    """Keeps a copy, whole or not at all; a cache that cannot be written is no fault."""
    with contextlib.suppress(OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_whole(path, json.dumps(_pack(knowledge), separators=(",", ":")).encode())
        copies = sorted(path.parent.glob("rules-*.json"), key=lambda copy: copy.stat().st_mtime)
        for old in copies[:-_KEPT]:
            old.unlink(missing_ok=True)


def _pack(value: Any) -> Any:
    match value:
        case model.Rule() if value.cases:
            # Only `rules check` runs the cases, and it reads the files.
            packed = _pack(dataclasses.replace(value, cases={}))
        case labelled.CaseGroup() if value.kind == "invented" and value.cases:
            # They are never shown; only `rules score` runs them, and it reads the files.
            packed = _pack(dataclasses.replace(value, cases=()))
        case Approach():
            packed = {"approach": value.value}
        case conditions.Codes():
            packed = {"class": "Codes", "fields": [list(part) for part in value]}
        case Mapping():
            packed = {"map": [[_pack(key) for key in value], [_pack(part) for part in value.values()]]}
        case frozenset():
            packed = {"set": sorted(value)}
        case tuple():
            packed = [_pack(part) for part in value]
        case _ if dataclasses.is_dataclass(value):
            fields = [_pack(getattr(value, field.name)) for field in dataclasses.fields(value)]
            packed = {"class": type(value).__name__, "fields": fields}
        case _:
            packed = value
    return packed


def _unpack(packed: dict[str, Any]) -> Any:
    if "class" in packed:
        made = _CLASSES[packed["class"]](*_frozen(packed["fields"]))
        return conditions.ALWAYS if made == conditions.ALWAYS else made
    if "map" in packed:
        keys, parts = packed["map"]
        return dict(zip(keys, _frozen(parts), strict=True))
    if "set" in packed:
        return frozenset(packed["set"])
    return _APPROACHES[packed["approach"]]


def _frozen(parts: list[Any]) -> tuple[Any, ...]:
    """Lists become tuples, all the way down. Every start runs this, so it calls itself for lists alone."""
    return tuple([_frozen(part) if part.__class__ is list else part for part in parts])
