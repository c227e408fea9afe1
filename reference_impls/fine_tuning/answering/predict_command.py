"""The command `predict`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...project_base.commands import CONFIG_OPTION

if TYPE_CHECKING:
    from .rows_out import Form


@click.command()
@click.argument("file", type=click.Path(path_type=Path, allow_dash=True), required=False)
@CONFIG_OPTION
@click.option("--text", help="Predict this one text.")
@click.option("--model", default="", metavar="VERSION|FOLDER", help="Another model than the one in service.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file, which appears when it is whole.")
@click.option("--format", "form", type=click.Choice(["csv", "tsv", "jsonl"]), help="Of what is written.")
@click.option("--resume", is_flag=True, help="Go on where an interrupted run into the same --out stopped.")
def predict(
    file: Path | None, config: Path, text: str | None, model: str, out: Path | None, form: "Form | None", resume: bool
) -> None:
    """Predict the rows of FILE, which may be larger than memory, or one --text.

    FILE is csv, tsv or jsonl (- is standard input), or a folder of such files. All its columns are kept, in order, and
    what the model says is added: label, probability and abstained, or spans, or response; a row that cannot be used
    stays in its place, with the reason in the column error. Without --format the end of --out tells the format, or that
    of FILE. Where FILE brings the right labels with it, the accuracy is told at the end.
    """
    from ...project_base.config import load_settings
    from ...project_base.environment import apply_environment
    from ..settings import ProjectSettings
    from .predict_file import predict_file, seekable
    from .predict_text import predict_text

    if resume and out is None:
        raise click.UsageError("--resume needs the --out of the interrupted run")
    if out is not None and text is not None:
        raise click.UsageError("--out is for FILE; one --text is written to standard output")
    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    if file is not None and text is None:
        with seekable(file) as source:
            predict_file(settings, source, model, out, form, resume=resume)
    elif text is not None and file is None:
        predict_text(settings, text, model, form)
    else:
        raise click.UsageError("give either FILE or --text")
