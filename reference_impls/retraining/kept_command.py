"""The command `kept`."""

from pathlib import Path

import click

from ..project_base.commands import CONFIG_OPTION


@click.command()
@CONFIG_OPTION
def kept(config: Path) -> None:
    """Say which folders and files have to be kept from run to run, one a line: models, results and metrics.

    For machines that are made anew for each run. The paths are as seen from the folder of the configuration; one that
    lies elsewhere is refused.
    """
    from ..project_base.config import load_settings
    from .operation.kept import kept_paths
    from .settings import ProjectSettings

    for path in kept_paths(config, load_settings(config, ProjectSettings)):
        click.echo(path.as_posix())
