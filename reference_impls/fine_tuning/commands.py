"""The commands `check`, `train` and `ladder`."""

import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from ..project_base.terminal import fitted, printable
from ..training.join_command import join
from .answering.compare_command import compare
from .answering.predict_command import predict
from .answering.serve_command import serve
from .exporting.export_command import export
from .held_out.evaluate_command import evaluate

if TYPE_CHECKING:
    from ..project_base.progress import Progress
    from .ladder.trying import Climb
    from .settings import ProjectSettings

_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_AGAIN = click.option("--again", is_flag=True, help="Train also what is finished, from the beginning.")
_DESPITE = click.option(
    "--despite",
    multiple=True,
    metavar="FINDING",
    help="Train although `check` says that this finding forbids it; the result keeps a note of it. Repeatable.",
)


@click.command()
@CONFIG_OPTION
@_FORMAT
def check(config: Path, form: str) -> None:
    """Look at the labelled data before anything is trained; exit code 1 where training makes no sense or does harm.

    Rows that cannot be used, repeats, labels that contradict each other or are likely wrong, balance, lengths, personal
    data, and whether a simple model learns anything at all, with the rows that are needed for more.
    """
    from ..labelled_data.report_table import report_table
    from ..project_base.bars import progress_bars
    from .ladder.checking import check_data, refusal
    from .ladder.data import read_data

    settings = _settings(config)
    with progress_bars() as progress:
        report = check_data(read_data(settings), progress, _tell)
    click.echo(report.to_json().rstrip() if form == "json" else printable(report_table(report)))
    if report.blocking:
        raise refusal(report, report.blocking)
    _next([f"next: {command_line('ladder')}"])


@click.command()
@click.argument("rung")
@CONFIG_OPTION
@_FORMAT
@_AGAIN
@_DESPITE
def train(rung: str, config: Path, form: str, again: bool, despite: tuple[str, ...]) -> None:
    """Train RUNG, judge it by the validation data, and add its model to the registry.

    RUNG is one of majority, word_counts, head, lora and full; for generation one of untuned, lora and full. The model
    is not in service before `promote`. Interrupted training goes on where it was.
    """
    from ..project_base.bars import progress_bars
    from .ladder.keeping import keep
    from .ladder.ladder_table import kept_line, next_steps, result_table
    from .ladder.rungs import rung_of
    from .ladder.trying import try_rung

    settings = _settings(config)
    chosen = rung_of(settings.fine_tuning.task, rung)
    with progress_bars() as progress:
        climb = _climb(settings, again, despite, progress)
        result = try_rung(climb, chosen)
        version = keep(climb, chosen, result)
    if form == "json":
        click.echo(result.to_json(), nl=False)
    else:
        click.echo(printable(result_table(result)))
        click.echo(kept_line(version))
    _next(next_steps(version))


@click.command()
@CONFIG_OPTION
@_FORMAT
@_AGAIN
@_DESPITE
def ladder(config: Path, form: str, again: bool, despite: tuple[str, ...]) -> None:
    """Train rung after rung, cheapest first, and keep the cheapest that no dearer one is shown to beat.

    Rungs that data, time or fine_tuning.climb_to do not allow are left out, with the reason. All are judged by the same
    validation examples, in pairs; the test data is not looked at. The model of the kept rung becomes a version of the
    registry, which is not in service before `promote`. Finished rungs are not trained again.
    """
    from ..project_base.bars import progress_bars
    from .ladder.keeping import keep
    from .ladder.ladder import climb_ladder, write_ladder
    from .ladder.ladder_table import kept_line, ladder_table, next_steps
    from .ladder.rungs import rung_of

    settings = _settings(config)
    with progress_bars() as progress:
        climb = _climb(settings, again, despite, progress)
        found, kept = climb_ladder(climb)
        write_ladder(climb, found)
        version = keep(climb, rung_of(settings.fine_tuning.task, found.kept), kept)
    found = found.model_copy(update={"version": version})
    write_ladder(climb, found)
    if form == "json":
        click.echo(found.to_json(), nl=False)
    else:
        click.echo(printable(ladder_table(found)))
        click.echo(f"\n{kept_line(version)}")
    _next(next_steps(version))


def _climb(settings: "ProjectSettings", again: bool, despite: tuple[str, ...], progress: "Progress") -> "Climb":
    from .ladder.checking import check_data, overruled
    from .ladder.data import read_data
    from .ladder.models import Ways
    from .ladder.trying import Climb

    told: set[str] = set()

    def tell(line: str) -> None:
        """Says each thing once, however many rungs and folds it holds of."""
        if line not in told:
            told.add(line)
            _tell(line)

    data = read_data(settings)
    report = check_data(data, progress, tell)
    data = replace(data, despite=overruled(report, despite))
    for warning in report.warnings:
        tell(warning)
    return Climb(settings, data, Ways(settings), again, progress, tell)


def _settings(config: Path) -> "ProjectSettings":
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from .settings import ProjectSettings

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    return settings


def _tell(line: str) -> None:
    click.echo(fitted(printable(f"note: {line}"), sys.stderr), err=True)


def _next(lines: list[str]) -> None:
    for line in lines:
        click.echo(line, err=True)


COMMANDS: list[click.Command] = [check, train, ladder, evaluate, predict, compare, export, serve, join]
