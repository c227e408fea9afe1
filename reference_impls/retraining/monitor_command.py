"""The command `monitor`."""

from pathlib import Path

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from .shown import AS_OF, ASKED_TO_FAIL, FORMAT, show, tell_next


@click.command()
@CONFIG_OPTION
@FORMAT
@AS_OF
@click.option("--fail-on-drift", is_flag=True, help=f"End with exit code {ASKED_TO_FAIL} where there is drift.")
@click.option("--if-in-service", is_flag=True, help="End with 0 where no version is in service yet.")
def monitor(config: Path, form: str, moment: str, fail_on_drift: bool, if_in_service: bool) -> None:
    """Compare what has come since the last training with what was before: columns, predictions, labels and errors.

    Says what has moved, since when and how much, and how the version in service does by window. Ends with 0 whatever is
    found, unless --fail-on-drift is given.
    """
    from ..project_base.bars import progress_bars
    from .operation.journal import add_event
    from .operation.monitoring import monitor as look
    from .operation.monitoring import need_champion, write_monitored
    from .operation.opening import project_of
    from .operation.policies import read_replay
    from .operation.tables import monitored_lines

    project = project_of(config, moment)
    if if_in_service and project.registry.in_service() is None:
        tell_next("no version is in service yet, so that there is nothing to watch")
        return
    with progress_bars() as progress:
        found = look(project, need_champion(project), progress("looking for drift", 0))
    write_monitored(project, found)
    add_event(project.metrics, "monitor", found.figures())
    if form == "json":
        click.echo(found.to_json().rstrip())
    else:
        show(monitored_lines(found))
    if found.verdict == "drift":
        chosen = project.settings.retraining.policy != "auto" or read_replay(project.runs) is not None
        tell_next(f"next: {command_line('retrain' if chosen else 'replay')}")
    else:
        tell_next(f"next: when more rows have come: {command_line('monitor')}")
    if fail_on_drift and found.verdict == "drift":
        click.get_current_context().exit(ASKED_TO_FAIL)
