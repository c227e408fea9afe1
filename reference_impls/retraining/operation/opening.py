"""Opens the project of a configuration, and says what comes next with a version."""

import sys
from pathlib import Path

import click

from ...project_base.config import load_settings
from ...project_base.environment import apply_environment
from ...project_base.rooms import command_line
from ...project_base.terminal import fitted, printable
from ..gate import gate
from ..settings import ProjectSettings
from .other_data import other_data
from .project import Project


def project_of(config: Path, moment: str = "", *, anew: bool = False) -> Project:
    """The project of a configuration; what it tells goes to standard error, each thing once.

    Args:
        config: The settings.
        moment: As `--as-of` gives it; empty for now.
        anew: Whether the command looks at the history alone, so that models of other data are told and not refused.

    Raises:
        UserError: The settings are wrong, or what stands in the folders of the project was made of other data.
    """
    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    other = other_data(settings)
    if other is not None and not anew:
        raise other
    told: set[str] = set()

    def tell(line: str) -> None:
        """Says each thing once, however often the history is read."""
        if line not in told:
            told.add(line)
            click.echo(fitted(printable(f"note: {line}"), sys.stderr), err=True)

    if other is not None:
        tell(f"{other.message}; before anything is trained: {other.next_step.partition(', then: ')[0]}")
    return Project(settings, tell, moment)


def refusal_or_next(project: Project, config: Path, version: str) -> list[str]:
    """What comes next with a version: whether `promote` would take it."""
    event = project.registry.in_service()
    if event is not None and event.version == version:
        return [f"{version} is in service"]
    present = project.registry.find(event.version) if event else None
    refusal = gate(config)(project.registry.find(version), present)
    if refusal:
        return [f"promote would refuse it: {refusal}"]
    return [f"next: {command_line(f'promote {version}')}"]
