"""The commands of a retraining project; `models`, `promote` and `rollback` come from the registry."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from ..project_base.terminal import printable

if TYPE_CHECKING:
    from .operation.project import Project

ASKED_TO_FAIL = 5
"""Exit code of a command that found what its option --fail-on-... names."""

_FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
_WAIT = click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait where another training runs.",
)


@click.command()
@CONFIG_OPTION
def check(config: Path) -> None:
    """Look at the history before anything is trained; exit code 1 where a column gives the target away.

    Rows and labels that cannot be used, what each column is taken for, how late labels come, the windows, and columns
    that would not be known in time.
    """
    from .operation.tables import history_lines

    project = _project(config)
    _show(history_lines(project.history, project.windows))
    project.refuse_leaks()
    _next(f"next: {command_line('replay')}")


@click.command()
@CONFIG_OPTION
@_FORMAT
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
    from .operation.policies import write_replay

    project = _project(config)
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
    _next(f"replay: {file}; chart: {chart}", f"next: {command_line('retrain')}")


@click.command()
@CONFIG_OPTION
@_FORMAT
@_WAIT
def train(config: Path, form: str, wait: float) -> None:
    """Train a new version, judge it on the newest labelled rows, and add it to the registry.

    It is trained as the policy says, judged by rows that it has not learnt from, beside the version in service and a
    model that has learnt nothing, and trained once more with these rows (retraining.refit). It is not in service before
    `promote`.
    """
    from ..replay.base import Policy
    from .operation.challenging import challenge
    from .operation.journal import add_event
    from .operation.policies import policy_of, read_replay
    from .operation.retrain import Retrained, alone
    from .operation.tables import judgement_lines

    project = _project(config)
    own = project.settings.retraining
    with alone(project, wait):
        chosen = own.policy != "auto" or read_replay(project.runs) is not None
        policy = policy_of(own, project.settings.replay) if chosen else Policy("scheduled every window", "scheduled")
        champion = project.champion()
        made = challenge(project, policy, champion, choose=True)
        figures = Retrained("not due", "trained alone", policy, champion.version if champion else "", made).figures()
        add_event(project.metrics, "train", {key: figures[key] for key in figures.keys() - {"decision", "why"}})
    if form == "json":
        click.echo(made.judgement.to_json().rstrip())
    else:
        _show(judgement_lines(made.judgement))
    _next(*_refusal_or_next(project, config, made.version))


@click.command()
@CONFIG_OPTION
@_FORMAT
@click.option("--fail-on-drift", is_flag=True, help=f"End with exit code {ASKED_TO_FAIL} where there is drift.")
def monitor(config: Path, form: str, fail_on_drift: bool) -> None:
    """Compare what has come since the last training with what was before: columns, predictions, labels and errors.

    Says what has moved, since when and how much, and how the version in service does by window. Ends with 0 whatever is
    found, unless --fail-on-drift is given.
    """
    from ..project_base.bars import progress_bars
    from .operation.journal import add_event
    from .operation.monitoring import monitor as look
    from .operation.monitoring import need_champion, write_monitored
    from .operation.tables import monitored_lines

    project = _project(config)
    with progress_bars() as progress:
        found = look(project, need_champion(project), progress("looking for drift", 0))
    write_monitored(project, found)
    add_event(project.metrics, "monitor", found.figures())
    if form == "json":
        click.echo(found.to_json().rstrip())
    else:
        _show(monitored_lines(found))
    if fail_on_drift and found.verdict == "drift":
        click.get_current_context().exit(ASKED_TO_FAIL)


@click.command()
@CONFIG_OPTION
@_FORMAT
@_WAIT
@click.option("--now", "forced", is_flag=True, help="Train even if the policy says that it is not time.")
@click.option(
    "--fail-on-refusal", is_flag=True, help=f"End with exit code {ASKED_TO_FAIL} where the new version is refused."
)
def retrain(config: Path, form: str, wait: float, forced: bool, fail_on_refusal: bool) -> None:
    """Retrain where the policy says that it is time: train, judge, and put in service what the gate lets pass.

    Made for schedulers: it may run more often than the policy trains, and ends with 0 whether it was time or not and
    whether the new version was taken or refused. Where another training runs, it ends with 1 and changes nothing.
    """
    import json

    from .operation.retrain import retrain as run
    from .operation.tables import retrained_lines

    project = _project(config)
    found = run(project, forced=forced, wait_seconds=wait, tell=lambda line: click.echo(printable(line), err=True))
    if form == "json":
        click.echo(json.dumps({"schema": "retrain/1", **found.figures()}, indent=2, ensure_ascii=False))
    else:
        _show(retrained_lines(found))
    if fail_on_refusal and found.decision == "refused":
        click.get_current_context().exit(ASKED_TO_FAIL)


@click.command()
@click.argument("version", required=False, default="")
@CONFIG_OPTION
@_FORMAT
def evaluate(version: str, config: Path, form: str) -> None:
    """Judge VERSION by the labelled rows that have come since it was trained; the newest version if left out.

    Compares it with the version in service on the same rows, which neither has learnt from, and writes the judgement by
    which `promote` goes. Of a version that was just trained, the judgement stands already.
    """
    from ..project_base.errors import UserError
    from .operation.judging import judge_again
    from .operation.tables import judgement_lines

    project = _project(config)
    versions = project.registry.versions()
    if not versions:
        raise UserError("there is no version to evaluate yet", f"train one: {command_line('train')}")
    chosen = project.registry.find(version or versions[-1].id).id
    found = judge_again(project, chosen, project.champion())
    if form == "json":
        click.echo(found.to_json().rstrip())
    else:
        _show(judgement_lines(found))
    _next(*_refusal_or_next(project, config, chosen))


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
    from .operation.predicting import predict_file

    project = _project(config)
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
@_FORMAT
def status(config: Path, form: str) -> None:
    """Say how things stand: what is in service, how old it is, whether a training is due, what was found last."""
    from .operation.status import status_lines, status_of

    found = status_of(_project(config))
    if form == "json":
        click.echo(found.to_json())
    else:
        _show(status_lines(found))


def _refusal_or_next(project: "Project", config: Path, version: str) -> list[str]:
    from .gate import gate

    event = project.registry.in_service()
    if event is not None and event.version == version:
        return [f"{version} is in service"]
    present = project.registry.find(event.version) if event else None
    refusal = gate(config)(project.registry.find(version), present)
    if refusal:
        return [f"promote would refuse it: {refusal}"]
    return [f"next: {command_line(f'promote {version}')}"]


def _project(config: Path) -> "Project":
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from .operation.project import Project
    from .settings import ProjectSettings

    settings = load_settings(config, ProjectSettings)
    apply_environment(settings.project_base)
    told: set[str] = set()

    def tell(line: str) -> None:
        """Says each thing once, however often the history is read."""
        if line not in told:
            told.add(line)
            click.echo(printable(f"note: {line}"), err=True)

    return Project(settings, tell)


def _show(lines: Iterable[str]) -> None:
    for line in lines:
        click.echo(printable(line))


def _next(*lines: str) -> None:
    for line in lines:
        click.echo(printable(line), err=True)


COMMANDS: list[click.Command] = [check, replay, train, monitor, retrain, evaluate, predict, status]
