"""The command `compare`."""

from pathlib import Path

import click

from ...project_base.bars import progress_bars
from ...project_base.commands import CONFIG_OPTION
from ...project_base.terminal import printable


@click.command()
@click.argument("a")
@click.argument("b")
@CONFIG_OPTION
@click.option("--on", type=click.Path(path_type=Path), metavar="FILE", help="Labelled rows, instead of the test data.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def compare(a: str, b: str, config: Path, on: Path | None, form: str) -> None:
    """Compare the model B with A, row by row.

    Both are versions, folders of models, or champion for the one in service. Rows that one of them was trained on are
    left out, as far as that is known. Each look at the test data that leads to another choice makes it a little less of
    a test: a decision is made by `evaluate` and `promote`.
    """
    from ...project_base.config import load_settings
    from ...project_base.environment import apply_environment
    from ..settings import ProjectSettings
    from .comparing import compare_models
    from .comparison_rows import opened, rows_of_file, test_rows
    from .comparison_table import comparison_table
    from .predict_file import note

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    first, second = opened(settings, a, b, note)
    with progress_bars() as progress:
        rows = rows_of_file(settings, on, note) if on else test_rows(settings)
        found = compare_models(first, second, rows, settings.compression.speed_texts, progress)
    click.echo(found.to_json().rstrip() if form == "json" else printable(comparison_table(found)))
