"""The command `join`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..project_base.commands import CONFIG_OPTION

if TYPE_CHECKING:
    from .settings import Settings


@click.command()
@CONFIG_OPTION
@click.option("--once", is_flag=True, help="End after one training instead of waiting for the next.")
def join(config: Path, once: bool) -> None:
    """Share the trainings of another machine, where training.machines is more than 1.

    Run it on every machine but the one that trains, in a copy of the project with the same config.yaml and the same
    models in the same places. It waits at training.meet_at for `train` or another command there, and nothing is written
    here. Ctrl-C ends it.
    """
    from .joining import take_part

    take_part(_settings(config), lambda line: click.echo(line, err=True), once=once)


def _settings(config: Path) -> "Settings":
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from ..project_base.settings import RoomSettings
    from ..project_base.settings import Settings as BaseSettings
    from .settings import Settings

    class Joining(RoomSettings):
        """The sections that count here."""

        project_base: BaseSettings
        training: Settings

    settings = load_settings(config, Joining)
    apply_environment(settings.project_base)
    return settings.training
