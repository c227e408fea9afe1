"""The commands `models`, `promote` and `rollback`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.terminal import printable

if TYPE_CHECKING:
    from .registry import Event, Registry

_WHY = click.option("--why", default="", help="Goes into the history.")


@click.command()
@CONFIG_OPTION
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--history", is_flag=True, help="Also list every change of the version in service.")
@click.option("--verify", is_flag=True, help="Read every file and compare; exit code 1 if one is damaged.")
def models(config: Path, form: str, history: bool, verify: bool) -> None:
    """List the versions of the model; the one in service is marked."""
    from ..project_base.errors import UserError
    from .show import as_json, as_table

    registry = _registry(config)
    damages = registry.verify() if verify else []
    click.echo(as_json(registry) if form == "json" else printable(as_table(registry, history=history)))
    # Where champion.json is damaged, the table stands above the error: who mends it has to choose a version.
    registry.in_service()
    if damages:
        raise UserError("\n       ".join(damages), "take another version, or add the damaged model again")


@click.command()
@click.argument("version")
@CONFIG_OPTION
@_WHY
@click.option("--force", is_flag=True, help="Promote what the gate refuses; the history keeps its reason.")
def promote(version: str, config: Path, why: str, force: bool) -> None:
    """Put VERSION in service, by its name or number; all of its files are read before."""
    from .gates import gate_of_project

    registry = _registry(config)
    before = registry.in_service() if not force else None
    event = registry.promote(version, why, gate=gate_of_project(config), force=force)
    if event == before:
        click.echo(f"{event.version} is in service already, since {event.when}")
        return
    if event.overruled:
        click.echo(printable(f"note: overruled: {event.overruled}"), err=True)
    _tell_change(event)


@click.command()
@CONFIG_OPTION
@_WHY
def rollback(config: Path, why: str) -> None:
    """Return to the version that was in service before; a damaged one is passed over."""
    _tell_change(_registry(config).rollback(why))


def _tell_change(event: "Event") -> None:
    click.echo(f"{event.version} is in service now")


def _registry(config: Path) -> "Registry":
    from ..project_base.config import load_settings
    from .registry import Registry
    from .settings import ProjectSettings

    settings = load_settings(config, ProjectSettings).registry
    return Registry(
        Path(settings.folder), settings.keep, tell=lambda line: click.echo(printable(f"note: {line}"), err=True)
    )


COMMANDS: list[click.Command] = [models, promote, rollback]
