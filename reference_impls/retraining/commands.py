"""The commands of a retraining project; `models`, `promote` and `rollback` come from the registry."""

from pathlib import Path

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from ..project_base.terminal import printable
from .monitor_command import monitor
from .shown import FORMAT, show, tell_next
from .train_command import evaluate, retrain, train


@click.command()
@CONFIG_OPTION
def check(config: Path) -> None:
    """Look at the history before anything is trained; exit code 1 where a column gives the target away.

    Rows and labels that cannot be used, what each column is taken for, how late labels come, the windows, and columns
    that would not be known in time.
    """
    from .operation.opening import project_of
    from .operation.tables import history_lines

    project = project_of(config)
    show(history_lines(project.history, project.windows))
    project.refuse_leaks()
    tell_next(f"next: {command_line('replay')}")


@click.command()
@CONFIG_OPTION
@FORMAT
def replay(config: Path, form: str) -> None:
    """Replay the history under each policy of retraining, and choose one by cost; to retrain never may be the answer.

    Every window is predicted before anything of it is learnt, and a label counts from when it came. Writes the result,
    by which `retrain` goes where retraining.policy is auto, and a chart. An interrupted replay goes on where it was.
    """
    import json

    from ..project_base.bars import progress_bars
    from ..replay.choice import choose
    from ..replay.replay import replay as replay_history
    from ..replay.table import replay_table
    from .chart.page import replay_page
    from .operation.journal import add_event
    from .operation.opening import project_of
    from .operation.policies import write_replay

    project = project_of(config)
    project.refuse_leaks()
    settings = project.settings
    with progress_bars() as progress:
        replayed = replay_history(
            project.history,
            project.windows,
            settings.replay,
            project.predictors,
            settings.drift,
            folder=project.runs,
            progress=progress,
            tell=project.tell,
        )
    choice = choose(replayed, resamples=settings.replay.resamples, seed=settings.replay.seed)
    page = replay_page(replayed, choice, Path(settings.retraining.data).name)
    file, chart = write_replay(project.runs, replayed, choice, page)
    figures: dict[str, object] = {"chosen": choice.policy, "cadence": choice.cadence}
    figures |= {"metric": replayed.metric, "value": replayed.played(choice.policy).metric}
    add_event(project.metrics, "replay", figures | {"seconds": round(replayed.seconds, 1)})
    if form == "json":
        click.echo(json.dumps(choice.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False))
    else:
        click.echo(printable(replay_table(replayed, choice)))
    tell_next(f"replay: {file}; chart: {chart}", f"next: {command_line('retrain')}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@CONFIG_OPTION
@click.option("--model", default="", metavar="VERSION", help="Another version than the one in service.")
@click.option("--out", type=click.Path(path_type=Path), help="Write to this file, which appears when it is whole.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), help="Of what is written.")
def predict(file: Path, config: Path, model: str, out: Path | None, form: str | None) -> None:
    """Predict the rows of FILE (csv, parquet, jsonl, or a folder), in their order and with all their columns.

    Added are prediction, probability (of classes) and version. Columns that the model needs must be there under their
    names. Without --format, the end of --out tells the format, else csv.
    """
    from ..project_base.errors import UserError
    from ..project_base.files import write_text
    from .operation.monitoring import need_champion
    from .operation.opening import project_of
    from .operation.predicting import predict_file

    project = project_of(config)
    if out is not None and not out.absolute().parent.is_dir():
        raise UserError(f"the folder of {out} does not exist", "make the folder, or choose another --out")
    champion = project.opened(project.registry.open(model)) if model else need_champion(project)
    ending = out.suffix.lower() if out else ""
    answers = predict_file(project, champion, file)
    text = answers.told("jsonl" if form == "jsonl" or (form is None and ending in {".jsonl", ".ndjson"}) else "csv")
    if out is None:
        click.echo(text, nl=False)
        return
    write_text(out, text)
    click.echo(f"{len(answers.rows):,} rows predicted by {champion.version}: {out}", err=True)


@click.command()
@CONFIG_OPTION
@FORMAT
def status(config: Path, form: str) -> None:
    """Say how things stand: what is in service, how old it is, whether a training is due, what was found last."""
    from .operation.opening import project_of
    from .operation.status import status_lines, status_of

    found = status_of(project_of(config))
    if form == "json":
        click.echo(found.to_json())
    else:
        show(status_lines(found))


COMMANDS: list[click.Command] = [check, replay, train, monitor, retrain, evaluate, predict, status]
