"""Projects for the tests, with a config.yaml as it is generated and a history that grows."""

from pathlib import Path
from typing import Any

import yaml
from click.testing import CliRunner, Result

from ...project_base.cli import RoomCommands
from ...project_base.config import load_settings
from ..operation.project import Project
from ..proof.smoke_project import SmokeProject
from ..settings import ProjectSettings

PACKAGE = Path(__file__).parents[2]
ROOMS = list(ProjectSettings.model_fields)


def component(room: str) -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load((PACKAGE / room / "component.yaml").read_text(encoding="utf-8"))
    return loaded


def config(folder: Path, **changes: object) -> Path:
    """A config.yaml as it is generated: every key with its default; `room__key` changes one."""
    document: dict[str, dict[str, object]] = {}
    given = {
        "history__target": "outcome",
        "history__time": "received",
        "history__known": "confirmed",
        "predictors__kind": "linear",
        "project_base__threads": 1,
        **changes,
    }
    for room in ROOMS:
        document[room] = {}
        for key, entry in component(room)["settings"].items():
            value = entry["default"]
            value = value.replace("{package}", str(PACKAGE)) if isinstance(value, str) else value
            document[room][key] = given.pop(f"{room}__{key}", value)
    assert not given, f"no such settings: {given}"
    file = folder / "config.yaml"
    file.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return file


def run(file: Path, *arguments: str) -> Result:
    """Runs a command, as the terminal would."""
    return CliRunner().invoke(RoomCommands("main", "retraining"), [*arguments, "--config", str(file)])


def growing(folder: Path, **retraining: object) -> SmokeProject:
    """A project whose history grows from day to day, with the calendar as its policy."""
    settings = load_settings(config(folder), ProjectSettings)
    own = settings.retraining.model_copy(update={"policy": "scheduled", **retraining})
    return SmokeProject(settings.model_copy(update={"retraining": own}), folder / "growing")


def opened(file: Path) -> Project:
    """What the commands of a configuration work on."""
    return Project(load_settings(file, ProjectSettings))
