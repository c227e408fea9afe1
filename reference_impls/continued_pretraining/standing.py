"""How things stand, from files alone: no model is loaded."""

import json
from dataclasses import dataclass
from pathlib import Path

from ..project_base.errors import UserError
from ..project_base.rooms import command_line
from ..registry.registry import Registry
from .gate import KINDS
from .results import read_evaluation, runs_of
from .settings import ProjectSettings
from .tables import verdict

_LOG = "training.jsonl"


@dataclass(frozen=True)
class VersionStanding:
    """A version and what is known of it.

    Attributes:
        version: Its id.
        in_service: Whether it is.
        judged: What held-out text said, in words; empty before `evaluate`.
        folder: What other projects name as their model.
    """

    version: str
    in_service: bool
    judged: str
    folder: str


@dataclass(frozen=True)
class Standing:
    """How things stand.

    Attributes:
        unfinished: Of each stage of a training that has not ended: its name and its last line of the log.
        versions: Oldest first.
        after: What to do now.
    """

    unfinished: tuple[tuple[str, str], ...]
    versions: tuple[VersionStanding, ...]
    after: str

    def lines(self) -> list[tuple[str, str]]:
        """Names and what is to be said of each."""
        found = [(f"unfinished: {name}", told) for name, told in self.unfinished]
        for each in self.versions:
            star = "in service, " if each.in_service else ""
            found.append((each.version, f"{star}{each.judged or 'not judged yet'}; {each.folder}"))
        return [*found, ("next", self.after)]

    def as_json(self) -> dict[str, object]:
        """The same as JSON values."""
        return {
            "schema": "pretraining-status/1",
            "unfinished": [{"stage": name, "at": told} for name, told in self.unfinished],
            "versions": [vars(each) for each in self.versions],
            "next": self.after,
        }


def standing(settings: ProjectSettings) -> Standing:
    """Looks at runs folder and registry.

    Raises:
        UserError: champion.json is damaged.
    """
    runs = runs_of(settings)
    registry = Registry(Path(settings.registry.folder))
    event = registry.in_service()
    present = event.version if event else ""
    versions = tuple(
        VersionStanding(version.id, version.id == present, _judged(runs, version.id), str(version.path))
        for version in registry.versions()
        if version.kind in KINDS
    )
    unfinished = tuple(
        (log.parent.name, _last(log)) for log in sorted((runs / "training").glob(f"*/{_LOG}")) if log.is_file()
    )
    return Standing(unfinished, versions, _next(unfinished, versions))


def _judged(runs: Path, version: str) -> str:
    try:
        found = read_evaluation(runs, version)
    except UserError as error:
        return error.message
    if found is None:
        return ""
    gained, forgot = verdict(found)
    return f"domain: {gained} ({found.domain.ratio:.3f}), general: {forgot} ({found.general.ratio:.3f})"


def _last(log: Path) -> str:
    try:
        line = json.loads(log.read_text("utf-8").splitlines()[-1])
        return f"step {line['step']}, pass {line['epoch']:.2f}, loss {line['loss']:.3f}"
    except (OSError, ValueError, LookupError, TypeError):
        return "just begun"


def _next(unfinished: tuple[tuple[str, str], ...], versions: tuple[VersionStanding, ...]) -> str:
    if unfinished:
        return f"{command_line('train')} goes on where it was"
    if not versions:
        return command_line("check")
    if not versions[-1].judged:
        return command_line(f"evaluate {versions[-1].version}")
    return command_line("promote VERSION") if not any(each.in_service for each in versions) else "nothing to do"
