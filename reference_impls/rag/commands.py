"""The commands `index`, `ask`, `evaluate` and `calibrate`."""

import shutil
import sys
import textwrap
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from ..project_base.terminal import printable

if TYPE_CHECKING:
    from ..embedding.base import Embedder
    from ..project_base.progress import Advance, Progress
    from ..retrieval.build import BuildReport
    from .pipeline import Answer
    from .settings import ProjectSettings

_LISTED = 20
_CHANGED_SHOWN = 5
_FLAGS_SHOWN = 5
_LARGEST_INPUT = 10_000_000


@click.command()
@CONFIG_OPTION
@click.option("--rebuild", is_flag=True, help="Embed everything anew and do not read the old index.")
def index(config: Path, rebuild: bool) -> None:
    """Build the index, or bring it in line with the documents.

    Only new and changed chunks are embedded; deleted documents leave the index.
    """
    from .pipeline import check_documents, update_index

    settings = _settings(config)
    check_documents(settings)
    embedder = _embedder(settings)
    with _progress() as progress:
        report = update_index(settings, embedder, rebuild=rebuild, progress=progress)
    _show_build(report)


@click.command()
@click.argument("question")
@CONFIG_OPTION
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--stream", is_flag=True, help="Show the answer while it is written; JSON comes whole in any case.")
def ask(question: str, config: Path, form: str, stream: bool) -> None:
    """Answer QUESTION from the documents, or refuse.

    With - as QUESTION it is read from standard input.
    """
    from .pipeline import Pipeline, check_question, documents_changed, update_index

    settings = _settings(config)
    if question == "-":
        question = sys.stdin.buffer.read(_LARGEST_INPUT).decode("utf-8", "surrogateescape")
    question = check_question(question, settings.rag.question_characters)
    changed = documents_changed(settings) if settings.rag.when_documents_change != "ignore" else []
    embedder = _embedder(settings)
    if changed and settings.rag.when_documents_change == "index":
        with _progress() as progress:
            update_index(settings, embedder, progress=progress)
    elif changed:
        names = ", ".join(changed[:_CHANGED_SHOWN]) + (", ..." if len(changed) > _CHANGED_SHOWN else "")
        click.echo(f"note: {len(changed)} files differ from the index ({names})", err=True)
        click.echo(f"next: {command_line('index')}", err=True)
    pipeline = Pipeline(settings, embedder)
    if stream and form == "text":
        _show_stream(pipeline.stream(question))
        return
    answer = pipeline.ask(question)
    click.echo(answer.model_dump_json(indent=2) if form == "json" else printable(_as_text(answer)))


@click.command()
@click.argument("questions", type=click.Path(path_type=Path), required=False)
@CONFIG_OPTION
@click.option("--out", type=click.Path(path_type=Path), help="Also write all that was measured to this JSON file.")
@click.option("--retrieval-only", is_flag=True, help="Measure retrieval alone, without writing answers.")
@click.option("--against", type=click.Path(path_type=Path), help="Compare with this result file of a former --out.")
def evaluate(
    questions: Path | None, config: Path, out: Path | None, retrieval_only: bool, against: Path | None
) -> None:
    """Ask a file of questions and measure.

    QUESTIONS holds JSON lines; without it the file of config.yaml is taken. Retrieval is shown beside BM25 alone,
    embeddings alone and a random order, on the same index. All documents take part, whoever may read them.
    """
    from ..evaluation.questions import read_questions
    from ..project_base.errors import UserError
    from ..project_base.files import write_text
    from ..retrieval.lexical import stop_words
    from .compare import runs_compared
    from .evaluate import evaluate as measure
    from .evaluation_table import table
    from .pipeline import Pipeline, check_question
    from .results import read_evaluation

    settings = _settings(config)
    asked = read_questions(questions or Path(settings.evaluation.questions))
    for each in asked:
        check_question(each.question, settings.rag.question_characters)
    if out is not None and not out.absolute().parent.is_dir():
        raise UserError(f"the folder of {out} does not exist", "make the folder, or choose another --out")
    before = read_evaluation(against) if against else None
    pipeline = Pipeline(settings, _embedder(settings))
    with _progress() as progress:
        result = measure(
            pipeline,
            asked,
            settings.retrieval.mode,
            answers=not retrieval_only,
            stopped=stop_words(settings.retrieval.stop_words),
            advance=progress("asking", len(asked)),
        )
    if before is not None:
        result = result.model_copy(update={"against": runs_compared(result, before)})
    if out is not None:
        write_text(out, result.to_json())
    click.echo(table(result))
    if result.without_gold:
        click.echo(f"note: {len(result.without_gold)} questions name no document of the index", err=True)


@click.command()
@click.argument("questions", type=click.Path(path_type=Path), required=False)
@CONFIG_OPTION
@click.option(
    "--wrong-answers",
    type=click.FloatRange(0, 1),
    metavar="RATE",
    help="Allow this rate of wrong answers, and refuse as little as it lets; else the sum of both rates is least.",
)
@click.option("--write", is_flag=True, help="Set rag.refuse_below in the configuration file; all else in it stays.")
def calibrate(questions: Path | None, config: Path, wrong_answers: float | None, write: bool) -> None:
    """Choose the threshold below which `ask` refuses.

    QUESTIONS holds JSON lines; without it the file of config.yaml is taken. Each answerable question is asked twice: as
    it is, and with its documents left out, when it should be refused. Nothing is changed without --write.
    """
    from ..evaluation.questions import read_questions
    from ..project_base.config import load_settings
    from ..project_base.edit_config import replace_value
    from .calibrate import calibration_table, choose, held_out, measure_support
    from .pipeline import Pipeline
    from .settings import ProjectSettings

    settings = _settings(config)
    asked = read_questions(questions or Path(settings.evaluation.questions))
    pipeline = Pipeline(settings, _embedder(settings))
    with _progress() as progress:
        measured = measure_support(pipeline, asked, progress("asking", len(asked)))
    chosen = choose(measured, wrong_answers)
    click.echo(calibration_table(measured, chosen, settings.rag.refuse_below, held_out(measured, wrong_answers)))
    if write:
        replace_value(config, "rag", "refuse_below", f"{chosen.threshold:.2f}")
        load_settings(config, ProjectSettings)
        click.echo(f"rag.refuse_below is {chosen.threshold:.2f} in {config} now", err=True)
    elif chosen.threshold != settings.rag.refuse_below:
        click.echo("next: the same command with --write, to set rag.refuse_below to the chosen threshold", err=True)


def _settings(config: Path) -> "ProjectSettings":
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from .settings import ProjectSettings

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    return settings


def _embedder(settings: "ProjectSettings") -> "Embedder":
    from ..embedding.load import load_embedder

    return load_embedder(settings.embedding)


@contextmanager
def _progress() -> Iterator["Progress"]:
    with ExitStack() as bars:

        def stage(label: str, steps: int) -> "Advance":
            if not sys.stderr.isatty():
                return lambda _: None
            # A bar ends its line when it is closed; the stages follow one another.
            bars.close()
            return bars.enter_context(click.progressbar(length=steps, label=label, file=sys.stderr)).update

        yield stage


def _show_build(report: "BuildReport") -> None:
    manifest = report.manifest
    click.echo(
        f"{len(manifest.documents)} documents, {manifest.chunks} chunks "
        f"({report.embedded} embedded, {report.reused} taken over)"
    )
    _show_list("files and records skipped", [f"{item.path}: {item.reason}" for item in manifest.skipped])
    _show_list("remarks", [f"{item.path}: {item.text}" for item in manifest.remarks])


def _show_list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"{title}: {len(lines)}", err=True)
    for line in lines[:_LISTED]:
        click.echo(printable(f"  {line}"), err=True)
    if len(lines) > _LISTED:
        click.echo(f"  and {len(lines) - _LISTED} more; manifest.json in the index folder lists them all", err=True)


def _show_stream(steps: Iterator["str | Answer"]) -> None:
    shown = False
    for step in steps:
        if isinstance(step, str):
            shown = True
            click.echo(printable(step), nl=False)
        elif shown and not step.refused:
            click.echo("\n" + printable("\n".join(_evidence(step))))
        else:
            withdrawn = "\n\nNot valid, since the answer is refused:\n" if shown else ""
            click.echo(withdrawn + printable(_as_text(step)))


def _as_text(answer: "Answer") -> str:
    lines = [textwrap.fill(answer.text, _width())]
    if answer.refused:
        lines.append(f"({answer.reason})")
    return "\n".join([*lines, *_evidence(answer)])


def _evidence(answer: "Answer") -> list[str]:
    """The lines below an answer: sources with their quotes, then the instructions that were found in passages."""
    width = _width()
    lines = []
    for source in answer.sources:
        lines += ["", f"[{source.number}] {source.document}", f"    {source.heading}"]
        for quote in answer.quotes:
            if quote.source == source.number:
                quoted = f'"{" ".join(quote.text.split())}"'
                lines.append(textwrap.fill(quoted, width, initial_indent="    ", subsequent_indent="    "))
    if answer.flags:
        lines += ["", "warning: these retrieved sentences address a language model; they were treated as text:"]
    for flag in answer.flags[:_FLAGS_SHOWN]:
        told = f'{flag.document} ({flag.kind}): "{textwrap.shorten(flag.text, 160, placeholder=" ...")}"'
        lines.append(textwrap.fill(told, width, initial_indent="    ", subsequent_indent="    "))
    if len(answer.flags) > _FLAGS_SHOWN:
        lines.append(f"    and {len(answer.flags) - _FLAGS_SHOWN} more; ask --format json lists them all")
    return lines


def _width() -> int:
    return min(shutil.get_terminal_size().columns, 100)


COMMANDS: list[click.Command] = [index, ask, evaluate, calibrate]
