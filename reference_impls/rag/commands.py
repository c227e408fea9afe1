"""The commands of the project."""

import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..project_base.bars import progress_bars
from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from ..project_base.terminal import printable
from .asked import asking_options, filters_of, question_of, reader_of
from .serve import serve
from .show import as_text, show_build, show_stream

if TYPE_CHECKING:
    from ..embedding.base import Embedder
    from ..project_base.errors import UserError
    from ..retrieval.build import BuildReport
    from .settings import ProjectSettings

_CHANGED_SHOWN = 5


@click.command()
@CONFIG_OPTION
@click.option("--rebuild", is_flag=True, help="Embed everything anew and do not read the old index.")
def index(config: Path, rebuild: bool) -> None:
    """Build the index, or bring it in line with the documents.

    Only new and changed chunks are embedded; deleted documents leave the index.
    """
    from .indexing import check_documents, update_index

    settings = _settings(config)
    check_documents(settings)
    embedder = _embedder(settings, export=True)
    with progress_bars() as progress:
        report = update_index(settings, embedder, rebuild=rebuild, progress=progress)
    show_build(report)


@click.command()
@CONFIG_OPTION
@click.option("--poll", is_flag=True, help="Compare files instead of waiting for the system: for network drives.")
def watch(config: Path, poll: bool) -> None:
    """Keep the index in line with the documents until Ctrl-C.

    A change is in the answers of `ask` and `serve` as soon as its line is printed.
    """
    from ..project_base.errors import UserError
    from .indexing import check_documents
    from .watch import keep_in_line

    settings = _settings(config)
    check_documents(settings)

    def report(result: "BuildReport | UserError") -> None:
        click.echo(time.strftime("%H:%M:%S "), nl=False)
        if isinstance(result, UserError):
            click.echo(f"error: {result.message}\nnext: {result.next_step}; the old index answers until then")
        else:
            show_build(result)

    embedder = _embedder(settings)
    click.echo(f"watching {settings.corpus.folder}; stop with Ctrl-C", err=True)
    keep_in_line(settings, embedder, threading.Event(), report, poll=poll)


@click.command()
@click.argument("question")
@CONFIG_OPTION
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--stream", is_flag=True, help="Show the answer while it is written; JSON comes whole in any case.")
@asking_options
def ask(
    question: str,
    config: Path,
    form: str,
    stream: bool,
    names: tuple[str, ...],
    tenant: str | None,
    where: tuple[str, ...],
) -> None:
    """Answer QUESTION from the documents, or refuse.

    With - as QUESTION it is read from standard input. Documents that _metadata.yaml keeps for some readers or for one
    tenant take part only where --as and --tenant name them.
    """
    from .indexing import update_index
    from .pipeline import Pipeline

    filters, reader = filters_of(where), reader_of(names, tenant)
    settings = _settings(config)
    question = question_of(question, settings.rag.question_characters)
    changed = _changed(settings)
    embedder = _embedder(settings)
    if changed and settings.rag.when_documents_change == "index":
        with progress_bars() as progress:
            update_index(settings, embedder, progress=progress)
    elif changed:
        click.echo(f"note: {changed}", err=True)
        click.echo(f"next: {command_line('index')}", err=True)
    pipeline = Pipeline(settings, embedder)
    if stream and form == "text":
        show_stream(pipeline.stream(question, reader, filters))
        return
    answer = pipeline.ask(question, reader, filters)
    click.echo(answer.model_dump_json(indent=2) if form == "json" else printable(as_text(answer)))


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
    asked = read_questions(questions or Path(settings.rag.questions))
    for each in asked:
        check_question(each.question, settings.rag.question_characters)
    if out is not None and not out.absolute().parent.is_dir():
        raise UserError(f"the folder of {out} does not exist", "make the folder, or choose another --out")
    before = read_evaluation(against) if against else None
    pipeline = Pipeline(settings, _embedder(settings))
    with progress_bars() as progress:
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
    asked = read_questions(questions or Path(settings.rag.questions))
    pipeline = Pipeline(settings, _embedder(settings))
    with progress_bars() as progress:
        measured = measure_support(pipeline, asked, progress("asking", len(asked)))
    chosen = choose(measured, wrong_answers)
    click.echo(calibration_table(measured, chosen, settings.rag.refuse_below, held_out(measured, wrong_answers)))
    if write:
        replace_value(config, "rag", "refuse_below", f"{chosen.threshold:.2f}")
        load_settings(config, ProjectSettings)
        click.echo(f"rag.refuse_below is {chosen.threshold:.2f} in {config} now", err=True)
    elif chosen.threshold != settings.rag.refuse_below:
        click.echo("next: the same command with --write, to set rag.refuse_below to the chosen threshold", err=True)


def _changed(settings: "ProjectSettings") -> str:
    """What to say of documents that are newer than the index; empty where nothing is."""
    from ..corpus.metadata import SIDECAR
    from .indexing import documents_changed

    if settings.rag.when_documents_change == "ignore":
        return ""
    changed = documents_changed(settings)
    if not changed:
        return ""
    # Where rights are set, whoever asks need not know the names of the documents.
    if any(Path(path).name == SIDECAR for path in changed) or any(Path(settings.corpus.folder).rglob(SIDECAR)):
        return "files differ from the index"
    names = ", ".join(changed[:_CHANGED_SHOWN]) + (", ..." if len(changed) > _CHANGED_SHOWN else "")
    return f"{len(changed)} files differ from the index ({names})"


def _settings(config: Path) -> "ProjectSettings":
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from .settings import ProjectSettings

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    return settings


def _embedder(settings: "ProjectSettings", *, export: bool = False) -> "Embedder":
    from ..embedding.load import load_embedder

    return load_embedder(
        settings.embedding, lambda line: click.echo(printable(f"note: {line}"), err=True), export=export
    )


COMMANDS: list[click.Command] = [index, watch, ask, serve, evaluate, calibrate]
