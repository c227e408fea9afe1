"""The command `evaluate`."""

import sys
from pathlib import Path

import click

from ...project_base.bars import progress_bars
from ...project_base.commands import CONFIG_OPTION
from ...project_base.terminal import fitted, printable


@click.command()
@click.argument("version", required=False, default="")
@CONFIG_OPTION
@click.option(
    "--against",
    default="",
    metavar="VERSION",
    help="Compare with this version, or with none; the one in service if left out.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Also write all that was found to this JSON file.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def evaluate(version: str, config: Path, against: str, out: Path | None, form: str) -> None:
    """Judge VERSION by the test data, which nothing else reads; the newest if left out.

    Shows the score with its interval, the gain over cheap models, what is newly wrong beside the version in service,
    how honest the probabilities are, and what was forgotten. Writes the evaluation and the model card, without which
    `promote` refuses the version, and how its probabilities are to be read.
    """
    from ...project_base.config import load_settings
    from ...project_base.environment import apply_environment
    from ...project_base.errors import UserError
    from ...project_base.files import write_text
    from ...registry.evaluations import say_what_follows, write_evaluation
    from ...registry.registry import Registry
    from ..answering.answering import keep_rules
    from ..gate import gate
    from ..ladder.data import read_data
    from ..ladder.models import Ways
    from ..settings import ProjectSettings
    from .card import ladder_of, model_card
    from .evaluate import evaluate as judge
    from .evaluation_table import evaluation_table
    from .held_out import candidate_of, other_of
    from .seen import keep_seen
    from .trial import Trial

    def tell(line: str) -> None:
        click.echo(fitted(printable(f"note: {line}"), sys.stderr), err=True)

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    if out is not None and not out.absolute().parent.is_dir():
        raise UserError(f"the folder of {out} does not exist", "make the folder, or choose another --out")
    registry = Registry(Path(settings.registry.folder), tell=tell)
    candidate = candidate_of(registry, version)
    other = other_of(registry, candidate, against)
    with progress_bars() as progress:
        trial = Trial(settings, read_data(settings), Ways(settings), progress)
        found = judge(trial, candidate, other)
    if found.rules is not None:
        keep_rules(candidate.path, found.rules)
    keep_seen(candidate.path, found.trained_on)
    runs_folder = Path(settings.fine_tuning.runs_folder)
    ladder = ladder_of(runs_folder, found.evaluation, candidate.about)
    card = model_card(found.evaluation, candidate.about, ladder)
    file = write_evaluation(runs_folder, found.evaluation, card)
    if out is not None:
        write_text(out, found.evaluation.to_json())
    click.echo(found.evaluation.to_json().rstrip() if form == "json" else printable(evaluation_table(found.evaluation)))
    click.echo(f"evaluation: {file}; model card: {file.with_suffix('.md').name} beside it", err=True)
    say_what_follows(registry, candidate, gate(config))
