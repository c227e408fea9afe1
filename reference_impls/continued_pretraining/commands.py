"""The commands `check`, `train`, `evaluate` and `status`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from ..project_base.terminal import printable
from ..training.join_command import join

if TYPE_CHECKING:
    from .settings import ProjectSettings

_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.command()
@CONFIG_OPTION
@_FORMAT
def check(config: Path, form: str) -> None:
    """Count the text before anything is trained; exit code 1 where the evidence advises against training.

    Tokens, documents on each side of the split, repeats, personal data, and what is on record for that amount.
    """
    from ..project_base.bars import progress_bars
    from .check import overruled
    from .documents import check_enough, encode, read_texts
    from .findings import check_texts
    from .opening import new_model
    from .tables import check_table

    settings = _settings(config)
    with progress_bars() as progress:
        texts = read_texts(settings, progress)
        model = new_model(settings, [*texts.of("domain", "train"), *texts.of("general", "train")])
        found = check_texts(encode(model, texts), model, settings)
    click.echo(found.to_json().rstrip() if form == "json" else printable(check_table(found)))
    check_enough(texts)
    overruled(found, ())
    click.echo(f"next: {command_line('train')}", err=True)


@click.command()
@CONFIG_OPTION
@click.option("--again", is_flag=True, help="Train also what is finished, from the beginning.")
@click.option(
    "--despite",
    multiple=True,
    metavar="FINDING",
    help="Train although `check` says that this finding forbids it; the version keeps a note of it. Repeatable.",
)
def train(config: Path, again: bool, despite: tuple[str, ...]) -> None:
    """Let the model read on, and add the result to the registry; it is not in service before `promote`.

    Interrupted training goes on where it was. Training stops early where held-out text no longer gains.
    """
    from ..project_base.bars import progress_bars
    from .check import overruled
    from .documents import check_enough, encode, read_texts
    from .findings import check_texts
    from .fitting import Work
    from .keeping import train_and_keep
    from .opening import new_model
    from .results import runs_of

    settings = _settings(config)
    with progress_bars() as progress:
        texts = read_texts(settings, progress)
        check_enough(texts)
        model = new_model(settings, [*texts.of("domain", "train"), *texts.of("general", "train")])
        encoded = encode(model, texts)
        found = check_texts(encoded, model, settings)
        despised = overruled(found, despite)
        for finding in found.findings:
            if finding.weight != "note":
                _tell(finding.says)
        if found.notice:
            _tell(found.notice)
        work = Work(settings, runs_of(settings) / "training", progress, _tell)
        version = train_and_keep(model, encoded, found, work, despised, again=again)
    click.echo(version)
    click.echo(f"next: {command_line(f'evaluate {version}')}", err=True)


@click.command()
@click.argument("version", required=False, default="")
@CONFIG_OPTION
@click.option("--out", type=click.Path(path_type=Path), help="Also write all that was found to this JSON file.")
@_FORMAT
def evaluate(version: str, config: Path, out: Path | None, form: str) -> None:
    """Judge VERSION by held-out documents, which nothing else reads; the newest if left out.

    Shows the perplexity on domain and on general text before and after, with intervals, and of an encoder whether it
    still tells everyday sentences apart. Writes the evaluation and the model card, without which `promote` refuses.
    """
    from ..project_base.bars import progress_bars
    from ..project_base.errors import UserError
    from ..project_base.files import write_text
    from ..registry.evaluations import say_what_follows, write_evaluation
    from ..registry.registry import Registry
    from .card import model_card
    from .documents import read_texts
    from .evaluating import evaluate as judge
    from .gate import KINDS, gate
    from .results import runs_of
    from .tables import evaluation_table

    settings = _settings(config)
    if out is not None and not out.absolute().parent.is_dir():
        raise UserError(f"the folder of {out} does not exist", "make the folder, or choose another --out")
    registry = Registry(Path(settings.registry.folder), tell=_tell)
    versions = [each for each in registry.versions() if each.kind in KINDS and not each.damage]
    if not version and not versions:
        raise UserError(f"no version stands in {registry.folder} yet", f"make one: {command_line('train')}")
    candidate = registry.find(version) if version else versions[-1]
    if candidate.damage or candidate.kind not in KINDS:
        what = candidate.damage or f"it is a {candidate.kind}, which did not come from reading on"
        raise UserError(f"{candidate.id} cannot be judged: {what}", f"choose another: {command_line('models')}")
    with progress_bars() as progress:
        found = judge(candidate, read_texts(settings, progress), settings, registry, progress)
    file = write_evaluation(runs_of(settings), found, model_card(found, candidate.about))
    if out is not None:
        write_text(out, found.to_json())
    click.echo(found.to_json().rstrip() if form == "json" else printable(evaluation_table(found)))
    click.echo(f"evaluation: {file}; model card: {file.with_suffix('.md').name} beside it", err=True)
    say_what_follows(registry, candidate, gate(config))


@click.command()
@CONFIG_OPTION
@_FORMAT
def status(config: Path, form: str) -> None:
    """Say how things stand: an unfinished training, the versions and what held-out text said of them."""
    import json

    from .standing import standing
    from .tables import status_lines

    found = standing(_settings(config))
    click.echo(json.dumps(found.as_json(), indent=1) if form == "json" else printable(status_lines(found.lines())))


def _settings(config: Path) -> "ProjectSettings":
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from .settings import ProjectSettings

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    return settings


def _tell(line: str) -> None:
    click.echo(printable(f"note: {line}"), err=True)


COMMANDS: list[click.Command] = [check, train, evaluate, status, join]
