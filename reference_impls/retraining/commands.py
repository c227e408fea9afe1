"""The commands of a retraining project; `models`, `promote` and `rollback` come from the registry."""

from pathlib import Path

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from ..project_base.terminal import printable
from .kept_command import kept
from .monitor_command import monitor
from .pick_command import pick
from .shown import FORMAT, OUT, TABLE_FORMAT, check_out, show, tell_next, write_table
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

    project = project_of(config, anew=True)
    show(history_lines(project.history, project.windows))
    project.refuse_leaks()
    tell_next(f"next: {command_line('replay')}")


@click.command()
@CONFIG_OPTION
@FORMAT
@click.option(
    "--if-needed", is_flag=True, help="Only where retraining.policy is auto and no replay has chosen a policy yet."
)
def replay(config: Path, form: str, if_needed: bool) -> None:
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
    from .operation.other_data import made_of
    from .operation.policies import read_replay, write_replay

    project = project_of(config)
    settings = project.settings
    if if_needed and (settings.retraining.policy != "auto" or read_replay(project.runs) is not None):
        tell_next("a policy is chosen; nothing is replayed")
        return
    project.refuse_leaks()
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
    file, chart = write_replay(project.runs, replayed, choice, page, made_of(settings))
    figures: dict[str, object] = {"chosen": choice.policy, "cadence": choice.cadence}
    figures |= {"metric": replayed.metric, "value": replayed.played(choice.policy).metric}
    add_event(project.metrics, "replay", figures | {"seconds": round(replayed.seconds, 1)})
    if form == "json":
        click.echo(json.dumps(choice.model_dump(mode="json", by_alias=True), indent=2, ensure_ascii=False))
    else:
        click.echo(printable(replay_table(replayed, choice)))
    tell_next(f"replay: {file}; chart: {chart}")
    if settings.retraining.policy not in ("auto", choice.kind):
        tell_next(
            f"note: retrain goes by retraining.policy ({settings.retraining.policy}) and not by this choice; set it to "
            "auto to follow the replay"
        )
    watched = choice.do_not_retrain and project.registry.in_service() is not None
    tell_next(f"next: {command_line('monitor' if watched else 'retrain')}")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@CONFIG_OPTION
@click.option("--model", default="", metavar="VERSION", help="Another version than the one in service.")
@OUT
@TABLE_FORMAT
def predict(file: Path, config: Path, model: str, out: Path | None, form: str | None) -> None:
    """Predict the rows of FILE (csv, parquet, jsonl, or a folder), in their order and with all their columns.

    Added are prediction, probability (of classes) and version. Columns that the model needs must be there under their
    names.
    """
    from .operation.monitoring import need_champion
    from .operation.opening import project_of
    from .operation.predicting import predict_file

    project = project_of(config)
    check_out(out)
    champion = project.opened(project.registry.open(model)) if model else need_champion(project)
    answers = predict_file(project, champion, file)
    write_table(answers, out, form)
    if out is not None:
        tell_next(f"{len(answers.rows):,} rows predicted by {champion.version}: {out}")


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


COMMANDS: list[click.Command] = [check, replay, train, monitor, pick, retrain, evaluate, predict, status, kept]
