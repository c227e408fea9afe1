"""Projects for the tests, with a config.yaml as it is generated."""

from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result

from ...project_base.cli import RoomCommands
from ...project_base.config import load_settings
from ..settings import ProjectSettings

PACKAGE = Path(__file__).parents[2]
SAMPLE = PACKAGE / "hybrid" / "sample"


def config(folder: Path, **changes: object) -> Path:
    """A config.yaml as it is generated: every key with its default; `room__key` changes one."""
    document: dict[str, dict[str, object]] = {}
    for room in ProjectSettings.model_fields:
        loaded: dict[str, Any] = yaml.safe_load((PACKAGE / room / "component.yaml").read_text(encoding="utf-8"))
        document[room] = {}
        for key, entry in loaded["settings"].items():
            value = entry["default"]
            value = value.replace("{package}", str(PACKAGE)) if isinstance(value, str) else value
            document[room][key] = changes.pop(f"{room}__{key}", value)
    assert not changes, f"no such settings: {changes}"
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return file


def settings(folder: Path, **changes: object) -> ProjectSettings:
    """The same, read."""
    return load_settings(config(folder, **changes), ProjectSettings)


def run(file: Path, *arguments: str) -> Result:
    """Runs a command with a config.yaml, as the terminal would."""
    return CliRunner().invoke(RoomCommands("main", "hybrid"), [*arguments, "--config", str(file)])
