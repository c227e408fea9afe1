"""The commands `check`, `train`, `ask`, `evaluate`, `serve` and `drop`."""

from pathlib import Path
from typing import TYPE_CHECKING, Literal

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from ..project_base.terminal import printable
from ..rag.asked import asking_options, filters_of, question_of, reader_of
from .wrapping import wrapped

if TYPE_CHECKING:
    from .base import Pattern
    from .settings import ProjectSettings

_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)


@click.command()
@CONFIG_OPTION
def check(config: Path) -> None:
    """Look at data, models and index before anything is trained; exit code 1 where something stands in the way.

    Also says where the parts do not belong together: a base model that is gone, an adapter of another base, an index
    that is older than the retriever.
    """
    from ..project_base.errors import UserError
    from .show import findings_text

    pattern, settings = _opened(config)
    findings = pattern.check(settings)
    click.echo(printable(findings_text(findings)))
    blocking = [finding for finding in findings if finding.blocking]
    if blocking:
        raise UserError(
            f"{len(blocking)} findings stand in the way of the pattern {settings.hybrid.pattern}: {blocking[0].says}",
            blocking[0].next_step or "mend what stands above",
        )
    click.echo(f"next: {command_line('train')}", err=True)


@click.command()
@CONFIG_OPTION
@click.option("--again", is_flag=True, help="Train also what is finished, from the beginning.")
@click.option("--despite", multiple=True, metavar="FINDING", help="Train although `check` forbids it; repeatable.")
def train(config: Path, again: bool, despite: tuple[str, ...]) -> None:
    """Train the tuned part of the configured pattern, and add it to the registry.

    It is not in service before `promote`, which asks for the result of `evaluate`. What is finished is not trained
    again; what was interrupted goes on where it was.
    """
    from ..project_base.bars import progress_bars
    from .base import Work
    from .show import trained_text

    pattern, settings = _opened(config)
    with progress_bars() as progress:
        trained = pattern.train(settings, Work(again, despite, progress=progress, tell=_tell))
    click.echo(printable(trained_text(trained)))
    click.echo(f"next: {trained.next_step or command_line(f'evaluate {trained.version}')}", err=True)


@click.command()
@click.argument("question")
@CONFIG_OPTION
@_FORMAT
@click.option("--version", default="", help="A version of the registry; the one in service if left out.")
@asking_options
def ask(
    question: str,
    config: Path,
    form: str,
    version: str,
    names: tuple[str, ...],
    tenant: str | None,
    where: tuple[str, ...],
) -> None:
    """Answer QUESTION by the configured pattern, and say which way it took.

    With - as QUESTION it is read from standard input. Documents that _metadata.yaml keeps for some readers or for one
    tenant take part only where --as and --tenant name them.
    """
    from .base import Work
    from .show import reply_text

    filters, reader = filters_of(where), reader_of(names, tenant)
    pattern, settings = _opened(config)
    question = question_of(question, settings.rag.question_characters)
    reply = pattern.open_answers(settings, Work(version=version, tell=_tell)).ask(question, reader, filters)
    click.echo(reply.model_dump_json(indent=2) if form == "json" else printable(reply_text(reply)))


@click.command()
@click.argument("version", required=False, default="")
@CONFIG_OPTION
@_FORMAT
@click.option("--out", type=click.Path(path_type=Path), help="Also write the result to this JSON file.")
def evaluate(version: str, config: Path, form: str, out: Path | None) -> None:
    """Judge VERSION beside both of its halves alone, in one table; the newest if left out.

    The four cells are base and tuned, without and with retrieval, on items that nothing was trained or chosen on. Says
    whether the second half pays, does not pay, or is not shown to pay yet, and how to drop it. The version in service
    is compared with on the same items, and judged anew where no result of it is on file. `promote` reads the result.
    """
    from ..project_base.bars import progress_bars
    from ..project_base.errors import UserError
    from ..project_base.files import write_text
    from .base import Work
    from .following import say_what_follows
    from .present import beside_present, version_in_service
    from .result_files import write_result
    from .show import table_text

    pattern, settings = _opened(config)
    if out is not None and not out.absolute().parent.is_dir():
        raise UserError(f"the folder of {out} does not exist", "make the folder, or choose another --out")
    present = version_in_service(settings)
    with progress_bars() as progress:
        work = Work(version=version, progress=progress, tell=_tell)
        found = beside_present(pattern, settings, work, pattern.evaluate(settings, work), present)
    file = write_result(Path(settings.hybrid.results_folder), found)
    if out is not None:
        write_text(out, found.to_json())
    click.echo(found.to_json().rstrip() if form == "json" else printable(table_text(found)))
    click.echo(f"result: {file}", err=True)
    say_what_follows(found, settings, config)


@click.command()
@CONFIG_OPTION
def serve(config: Path) -> None:
    """Answer questions over HTTP by the configured pattern, with a page to ask in, until Ctrl-C.

    What `index`, `watch` or `promote` publish meanwhile counts from the next question on. The section `serving` says
    where it listens, what it limits and whom it believes.
    """
    from ..serving.server import run_service
    from .base import Work
    from .http_api import make_service

    pattern, settings = _opened(config)
    run_service(make_service(settings, lambda: pattern.open_answers(settings, Work())), settings.serving)


@click.command()
@click.option("--keep", type=click.Choice(["rag", "fine_tuning"]), required=True, help="The half that goes on alone.")
@click.option("--out", type=click.Path(path_type=Path), help="File to write; keep-HALF.yaml if left out.")
@CONFIG_OPTION
def drop(keep: Literal["rag", "fine_tuning"], out: Path | None, config: Path) -> None:
    """Write the settings with which one half goes on alone, and say what else changes; nothing is deleted."""
    from .dropping import drop as write_half

    _, settings = _opened(config)
    dropped = write_half(config, settings, keep, out or config.parent / f"keep-{keep.replace('_', '-')}.yaml")
    told = f"{dropped.file} holds the settings of {keep} alone, without {', '.join(dropped.sections)}"
    click.echo(printable("\n".join(line for step in (told, *dropped.steps) for line in wrapped(step))))


def _opened(config: Path) -> "tuple[Pattern, ProjectSettings]":
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from .patterns import load_pattern
    from .settings import ProjectSettings

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    return load_pattern(settings.hybrid.pattern), settings


def _tell(line: str) -> None:
    click.echo(printable("\n".join(wrapped(line, "note: "))), err=True)


COMMANDS: list[click.Command] = [check, train, ask, evaluate, serve, drop]
