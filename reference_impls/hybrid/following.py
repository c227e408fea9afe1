"""What follows from a result: a promotion, more items, or going on with one half."""

from pathlib import Path

import click

from ..project_base.rooms import command_line
from ..registry import evaluations
from ..registry.registry import Registry
from .evaluation import TwoByTwo
from .gate import gate
from .settings import ProjectSettings


def say_what_follows(found: TwoByTwo, settings: ProjectSettings, config: Path) -> None:
    """Says on standard error whether the judged version is in service or can be, and what to do next.

    Args:
        found: The result.
        settings: Of the project.
        config: Where they stand.

    Raises:
        UserError: The registry is damaged.
    """
    registry = Registry(Path(settings.registry.folder))
    evaluations.say_what_follows(registry, registry.find(found.version), gate(config))
    drop = command_line("drop --keep rag")
    if found.verdict == "does_not_pay":
        click.echo(f"next: {drop}", err=True)
    elif found.verdict == "cannot_tell":
        again = command_line(f"evaluate {found.version}")
        click.echo(f"next: write more items, then {again}; or go on with one half: {drop}", err=True)
