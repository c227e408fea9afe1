"""Whether models and results in the project's folders were made of other data than the settings name now."""

import json
from collections.abc import Mapping
from pathlib import Path

from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...registry.registry import Registry
from ..settings import ProjectSettings
from .policies import MADE_OF, REPLAY


def made_of(settings: ProjectSettings) -> dict[str, str]:
    """By what data is told apart: the name of its file, and what is predicted from it."""
    return {"data_name": Path(settings.retraining.data).name, "target": settings.history.target}


def other_data(settings: ProjectSettings) -> UserError | None:
    """What is to be said where the version in service or the replay predicts another column than the settings name.

    Data of one target that is kept in another file than before is the same history, as far as can be told here.

    Args:
        settings: Of the project.
    """
    for what, found in (_version(settings), _replay(settings)):
        if found.get("target") and found["target"] != settings.history.target:
            now = made_of(settings)
            return UserError(
                f"{what} was made of {found.get('data_name') or 'other data'} (history.target: {found['target']}), and "
                f"retraining.data names {now['data_name']} (history.target: {now['target']}) now",
                begin_anew(settings),
            )
    return None


def of_other_file(settings: ProjectSettings, about: Mapping[str, object]) -> str:
    """What to consider where a version does not fit the history; empty where both are one file by their names.

    Args:
        settings: Of the project.
        about: What was told of the version when it was added.
    """
    before, now = about.get("data_name"), made_of(settings)["data_name"]
    if not before or before == now:
        return ""
    return f"; it was made of {before}, and retraining.data names {now} now. Where that is other data: " + begin_anew(
        settings
    )


def begin_anew(settings: ProjectSettings) -> str:
    """How a project begins with other data."""
    root = Path.cwd()
    folders = [Path(folder) for folder in (settings.registry.folder, settings.retraining.runs_folder)]
    models, runs = (folder.relative_to(root) if folder.is_relative_to(root) else folder for folder in folders)
    return (
        f"delete the folders {models} and {runs}, or name new ones (registry.folder, retraining.runs_folder), then: "
        f"{command_line('check')}"
    )


def _version(settings: ProjectSettings) -> tuple[str, dict[str, str]]:
    registry = Registry(Path(settings.registry.folder))
    event = registry.in_service()
    versions = [event.version] if event is not None else [each.id for each in registry.versions()[-1:]]
    if not versions:
        return "", {}
    about = registry.find(versions[0]).about
    told = about.get("settings")
    history = told.get("history") if isinstance(told, Mapping) else None
    target = history.get("target") if isinstance(history, Mapping) else None
    return versions[0], {"data_name": str(about.get("data_name") or ""), "target": str(target or "")}


def _replay(settings: ProjectSettings) -> tuple[str, dict[str, str]]:
    file = Path(settings.retraining.runs_folder) / REPLAY
    try:
        told = json.loads(file.read_bytes())
    except (OSError, ValueError, RecursionError):
        # Whoever needs the replay says what is wrong with its file.
        return "", {}
    found = told.get(MADE_OF) if isinstance(told, dict) else None
    return f"the replay {file.name}", dict(found) if isinstance(found, dict) else {}
