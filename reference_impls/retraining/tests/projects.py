"""Projects for the tests, with a config.yaml as it is generated and a history that grows."""

from pathlib import Path

from click.testing import CliRunner, Result

from ...project_base.cli import RoomCommands
from ...project_base.config import load_settings
from ...project_base.tests.generated import write_config
from ..operation.project import Project
from ..proof.smoke_project import SmokeProject
from ..settings import ProjectSettings


def config(folder: Path, **changes: object) -> Path:
    """A config.yaml as it is generated: every key with its default; `room__key` changes one."""
    given = {
        "history__target": "outcome",
        "history__time": "received",
        "history__known": "confirmed",
        "predictors__kind": "linear",
        "project_base__threads": 1,
        **changes,
    }
    return write_config(folder, ProjectSettings.model_fields, given)


def config_of(data: Path, **changes: object) -> Path:
    """The same for data of one's own, beside which everything is written."""
    folder = data.parent
    paths = {
        "retraining__data": str(data),
        "retraining__runs_folder": str(folder / "runs"),
        "retraining__metrics_file": str(folder / "runs" / "metrics.jsonl"),
        "registry__folder": str(folder / "models"),
    }
    return config(folder, **paths, history__known="", **changes)


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
