"""The config.yaml of a project as it is generated, for the tests of all rooms."""

from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

import yaml

PACKAGE = Path(__file__).parents[2]


@cache
def component(room: str) -> dict[str, Any]:
    """What a room says of itself."""
    loaded: dict[str, Any] = yaml.safe_load((PACKAGE / room / "component.yaml").read_text(encoding="utf-8"))
    return loaded


def write_config(folder: Path, rooms: Iterable[str], changes: dict[str, object]) -> Path:
    """Writes every key with its default; `{"room__key": value}` changes one."""
    left = dict(changes)
    document: dict[str, dict[str, object]] = {}
    for room in rooms:
        document[room] = {}
        for key, entry in component(room)["settings"].items():
            value = entry["default"]
            value = value.replace("{package}", str(PACKAGE)) if isinstance(value, str) else value
            document[room][key] = left.pop(f"{room}__{key}", value)
    assert not left, f"no such settings: {left}"
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return file
