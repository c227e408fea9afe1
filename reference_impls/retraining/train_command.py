"""The commands `train`, `retrain` and `evaluate`."""

from pathlib import Path

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from ..project_base.terminal import printable
from .shown import AS_OF, ASKED_TO_FAIL, FORMAT, WAIT, show, tell_next


@click.command()
@CONFIG_OPTION
@FORMAT
@AS_OF
@WAIT
def train(config: Path, form: str, moment: str, wait: float) -> None:
    """Train a new version, judge it on the newest labelled rows, and add it to the registry.

    It is trained as the policy says, judged by rows that it has not learnt from, beside the version in service and a
    model that has learnt nothing, and trained once more with these rows (retraining.refit). It is not in service before
    `promote`.
    """
    from ..replay.base import Policy
    from .operation.challenging import challenge
    from .operation.journal import add_event
    from .operation.opening import project_of, refusal_or_next
    from .operation.policies import policy_of, read_replay
    from .operation.retrain import alone
    from .operation.tables import judgement_lines

    project = project_of(config, moment)
    own = project.settings.retraining
    with alone(project, wait):
        chosen = own.policy != "auto" or read_replay(project.runs) is not None
        policy = policy_of(own, project.settings.replay) if chosen else Policy("scheduled every window", "scheduled")
        champion = project.champion()
        made = challenge(project, policy, champion, choose=True)
        before = champion.version if champion else None
        add_event(project.metrics, "train", {"policy": policy.name, "in_service": before, **made.figures()})
    if form == "json":
        click.echo(made.judgement.to_json().rstrip())
    else:
        show(judgement_lines(made.judgement))
    tell_next(*refusal_or_next(project, config, made.version))


@click.command()
@CONFIG_OPTION
@FORMAT
@AS_OF
@WAIT
@click.option("--now", "forced", is_flag=True, help="Train even if the policy says that it is not time.")
@click.option(
    "--fail-on-refusal", is_flag=True, help=f"End with exit code {ASKED_TO_FAIL} where the new version is refused."
)
def retrain(config: Path, form: str, moment: str, wait: float, forced: bool, fail_on_refusal: bool) -> None:
    """Retrain where the policy says that it is time: train, judge, and put in service what the gate lets pass.

    Made for schedulers: it may run more often than the policy trains, and ends with 0 whether it was time or not and
    whether the new version was taken or refused; after a refusal, the next attempt waits for its time and for new
    labels. Where another training runs, it ends with 1 and changes nothing.
    """
    import json

    from .operation.opening import project_of
    from .operation.retrain import retrain as run
    from .operation.tables import retrained_lines

    project = project_of(config, moment)
    found = run(project, forced=forced, wait_seconds=wait, tell=lambda line: click.echo(printable(line), err=True))
    if form == "json":
        click.echo(json.dumps({"schema": "retrain/1", **found.figures()}, indent=2, ensure_ascii=False))
    else:
        show(retrained_lines(found))
    if found.decision == "refused" and found.challenger:
        force = command_line(f"promote {found.challenger.version} --force")
        tell_next(f"next: when more labels have come: {command_line('retrain')}; to overrule this: {force}")
    elif found.decision == "not due":
        tell_next(f"next: when more rows have come: {command_line('retrain')}; now all the same: add --now")
    else:
        tell_next(f"next: {command_line('predict FILE')}; when more rows have come: {command_line('monitor')}")
    if fail_on_refusal and found.decision == "refused":
        click.get_current_context().exit(ASKED_TO_FAIL)


@click.command()
@click.argument("version", required=False, default="")
@CONFIG_OPTION
@FORMAT
def evaluate(version: str, config: Path, form: str) -> None:
    """Judge VERSION by the labelled rows that have come since it was trained; the newest version if left out.

    Compares it with the version in service on the same rows, which neither has learnt from, and writes the judgement by
    which `promote` goes. Of a version that was just trained, the judgement stands already.
    """
    from ..project_base.errors import UserError
    from .operation.judging import judge_again
    from .operation.opening import project_of, refusal_or_next
    from .operation.tables import judgement_lines

    project = project_of(config)
    versions = project.registry.versions()
    if not versions:
        raise UserError("there is no version to evaluate yet", f"train one: {command_line('train')}")
    chosen = project.registry.find(version or versions[-1].id).id
    found = judge_again(project, chosen, project.champion())
    if form == "json":
        click.echo(found.to_json().rstrip())
    else:
        show(judgement_lines(found))
    tell_next(*refusal_or_next(project, config, chosen))
