"""The command `export`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...project_base.commands import CONFIG_OPTION

if TYPE_CHECKING:
    from .exporting import As


@click.command()
@click.argument("version", required=False, default="")
@CONFIG_OPTION
@click.option("--to", type=click.Path(path_type=Path), metavar="FOLDER", help="The new folder.")
@click.option(
    "--as",
    "exported_as",
    type=click.Choice(["merged", "onnx", "int8", "pruned", "distilled"]),
    help="What is made of it; fine_tuning.compress says it if left out, and none there is merged.",
)
@click.option("--despite-loss", is_flag=True, help="Take a loss beyond compression.most_loss.")
@click.option("--register", is_flag=True, help="Also add it to the registry, to be evaluated, promoted and served.")
def export(
    version: str, config: Path, to: Path | None, exported_as: "As | None", despite_loss: bool, register: bool
) -> None:
    """Make of VERSION (or a folder; the version in service if left out) a model that is smaller or stands alone.

    merged adds an adapter into the weights; onnx is one file that runs without torch, int8 the same in 8 bits; pruned
    and distilled are smaller networks, which are trained. The loss is measured on the test data, row by row, beside
    size and speed; one beyond compression.most_loss is refused. The new folder serves `predict --model`, and holds the
    figures (export.json) and the model card. Without --to it stands below exported.
    """
    from ...compression.show import table
    from ...project_base.bars import progress_bars
    from ...project_base.config import load_settings
    from ...project_base.environment import apply_environment
    from ...project_base.rooms import command_line
    from ..answering.predict_file import note
    from ..settings import ProjectSettings
    from .export_model import configured, export_model

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    chosen = exported_as or configured(settings.fine_tuning, note)
    default = config.absolute().parent / "exported"
    with progress_bars() as progress:
        made = export_model(
            settings, version, chosen, to, default, progress, note, despite_loss=despite_loss, register=register
        )
    if made.result is not None:
        click.echo(table(made.result).replace("held-out examples", "test rows"))
    note(f"{made.folder.path} holds the model")
    if made.version:
        note(f"it is {made.version} in the registry")
        click.echo(f"next: {command_line(f'evaluate {made.version}')}", err=True)
    else:
        click.echo(f"next: {command_line(f'predict FILE --model {made.folder.path}')}", err=True)
