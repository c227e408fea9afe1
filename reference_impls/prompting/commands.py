"""The commands of the project."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from ..project_base.terminal import printable
from .advice.answers_command import answers
from .items.making_command import make_set

if TYPE_CHECKING:
    from .items.base import Item
    from .items.checking import Finding
    from .settings import ProjectSettings

_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_OTHER_PROMPT = click.option(
    "--prompt", "prompt", type=click.Path(path_type=Path), help="Another prompt file than prompting.prompt."
)
_LARGEST_INPUT = 10_000_000


@click.command()
@CONFIG_OPTION
@_OTHER_PROMPT
@_FORMAT
def check(config: Path, prompt: Path | None, form: str) -> None:
    """Look at the evaluation set and the prompt before anything is paid for; exit code 1 where it has faults.

    Items without a wanted output or with an impossible one, repeats, examples that give an item's answer away, too few
    items with the interval that so few can give, and for a corpus whether it fits.
    """
    import json

    from ..project_base.errors import UserError
    from .items.checking import check_items, counted
    from .measuring.opening import Opened

    opened = Opened(_settings(config), prompt)
    found = check_items(opened.items, opened.examples, opened.prompt, opened.own.target)
    if form == "json":
        click.echo(json.dumps([vars(finding) for finding in found], ensure_ascii=False, indent=1))
    else:
        _show_findings(found, opened.items, opened.prompt.label)
        if opened.documents is not None:
            click.echo(
                printable(f"note: {len(opened.documents.documents)} documents in {opened.settings.corpus.folder}")
            )
        if opened.corpus is not None:
            about = "" if opened.corpus.counted else "about "
            click.echo(f"note: the whole corpus fits: {about}{opened.corpus.tokens:,} tokens with the instruction")
    errors = [finding for finding in found if finding.severity == "error"]
    if errors:
        # Worked examples are looked at too, and stand in a file of their own.
        files = dict.fromkeys(finding.place.rpartition(":")[0] or opened.own.items for finding in errors)
        raise UserError(
            f"{counted(len(errors), 'fault')} {'keeps' if len(errors) == 1 else 'keep'} the evaluation set from being "
            "tried",
            f"mend {'it' if len(errors) == 1 else 'them'} in {' and '.join(files)}",
        )
    click.echo(f"next: {command_line('try')}", err=True)


@click.command("try")
@CONFIG_OPTION
@_OTHER_PROMPT
@_FORMAT
def try_command(config: Path, prompt: Path | None, form: str) -> None:
    """Try the prompt on the evaluation set: quality with its interval, latency, tokens and cost.

    Every answer is kept as it comes. A run that was interrupted or killed goes on where it was with the same command,
    and the same request is never paid for twice.
    """
    from ..project_base.bars import progress_bars
    from ..project_base.errors import UserError
    from .asking.journal import Journal
    from .measuring.opening import Opened
    from .measuring.shelf import keep_trial
    from .measuring.trial_table import trial_table
    from .measuring.trying import try_prompt

    opened = Opened(_settings(config), prompt)
    with Journal.open(opened.runs_folder) as journal:
        try:
            with progress_bars() as progress:
                trial = try_prompt(opened, journal, progress)
        except UserError as error:
            if journal.written:
                told = f"{journal.written} answers were paid for and are kept; the same command goes on"
                raise UserError(error.message, f"{error.next_step} ({told})") from error
            raise
    path = keep_trial(opened.runs_folder, trial)
    if form == "json":
        click.echo(trial.to_json(), nl=False)
    else:
        click.echo(trial_table(trial))
    sorting = f"{command_line('review')}, then " if any(row.right is not True for row in trial.rows) else ""
    click.echo(f"next: {sorting}{command_line('answers')} (the whole result: {path})", err=True)


@click.command()
@click.argument("first", default="")
@click.argument("second", default="")
@CONFIG_OPTION
@_FORMAT
def compare(first: str, second: str, config: Path, form: str) -> None:
    """Compare the prompts FIRST and SECOND (NAME@VERSION, or result files) item by item, with a paired test.

    Without names, the latest result is compared with the latest one of another version.
    """
    from ..project_base.errors import UserError
    from .measuring.comparing import compare_trials, comparison_table
    from .measuring.shelf import all_trials, find_trial, review_path
    from .reviewing.heaps import Verdicts

    runs_folder = Path(_settings(config).prompting.runs_folder)
    one = find_trial(runs_folder, first)
    if second:
        other = find_trial(runs_folder, second)
    else:
        others = [trial for trial in all_trials(runs_folder) if trial.prompt.sha256 != one.prompt.sha256]
        if not others:
            raise UserError(
                f"no other version than {one.label} was tried", "change the prompt, raise its version, try it"
            )
        other = others[-1]
    found = compare_trials(
        one, other, Verdicts(one, review_path(runs_folder, one)), Verdicts(other, review_path(runs_folder, other))
    )
    click.echo(found.difference.model_dump_json(indent=1) if form == "json" else comparison_table(found))


@click.command()
@click.argument("result", default="")
@CONFIG_OPTION
def review(result: str, config: Path) -> None:
    """Sort the failures of RESULT (NAME@VERSION; the latest by default) with single keys.

    `k` it did not know, `b` it behaved wrongly, `g` good enough, `w` the item is wrong, `s` skip, `u` undo, `q` leave.
    Everything said is kept at once; the same command goes on. Without a terminal, the first letter of each line counts.
    """
    from .advice.findings import measured
    from .measuring.shelf import find_trial, review_path
    from .measuring.trial_table import share_in_words
    from .reviewing.heaps import Verdicts
    from .reviewing.keys import key_reader
    from .reviewing.review import review as go_through

    runs_folder = Path(_settings(config).prompting.runs_folder)
    trial = find_trial(runs_folder, result)
    verdicts = Verdicts(trial, review_path(runs_folder, trial))
    with key_reader() as read_key:
        left = go_through(verdicts, read_key, lambda text: click.echo(text, nl=False))
    counts = ", ".join(f"{count} {verdict.replace('_', ' ')}" for verdict, count in verdicts.count().items())
    click.echo(f"\n{trial.label}: {counts}; {left} open")
    found = measured(trial, verdicts)
    if found.judged > found.unjudged:
        told = share_in_words(found.share, found.interval)
        click.echo(f"good with what was said: {found.good} of {found.judged - found.unjudged}, {told}")
    if trial.stand_in:
        click.echo("note: a stand-in answered; these failures say nothing about a prompt", err=True)
    click.echo(f"next: {command_line('answers' if not left else 'review')}", err=True)


@click.command()
@click.argument("text")
@CONFIG_OPTION
@_FORMAT
def ask(text: str, config: Path, form: str) -> None:
    """Apply the prompt to TEXT; with - it is read from standard input.

    With map_reduce, TEXT is a question about all documents, and answered from the table of the latest `try`.
    """
    from ..project_base.errors import UserError
    from .asking.journal import Journal
    from .measuring.opening import Opened
    from .running import Runner

    given = sys.stdin.read(_LARGEST_INPUT) if text == "-" else text
    if not given.strip():
        raise UserError("the text is empty", "give a text, or - to read it from standard input")
    opened = Opened(_settings(config))
    with Journal.open(opened.runs_folder) as journal:
        result = Runner(opened, journal).run(given)
    if form == "json":
        click.echo(result.model_dump_json(indent=1))
        return
    click.echo(printable(result.output))
    if result.problems:
        kind = "refused" if result.refused else "not as declared"
        click.echo(printable(f"warning: {kind}: {'; '.join(result.problems)}"), err=True)
    if result.note:
        click.echo(printable(f"note: {result.note}"), err=True)


@click.command()
@CONFIG_OPTION
def serve(config: Path) -> None:
    """Apply the prompt over HTTP, with a page to try it, until Ctrl-C.

    What is sent is kept nowhere. The section `serving` says where it listens, what it limits and whom it believes.
    """
    from ..serving.server import run_service
    from .measuring.opening import Opened
    from .running import Runner
    from .service import make_service

    settings = _settings(config)
    run_service(make_service(settings, lambda: Runner(Opened(settings))), settings.serving)


def _show_findings(found: "list[Finding]", items: "list[Item]", label: str) -> None:
    from .items.checking import counted

    click.echo(printable(f"{label}: {counted(len(items), 'item')}"))
    for finding in found:
        click.echo(printable(f"{finding.severity}: {finding.text}"))


def _settings(config: Path) -> "ProjectSettings":
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from .settings import ProjectSettings

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    return settings


COMMANDS: list[click.Command] = [make_set, check, try_command, review, answers, compare, ask, serve]
