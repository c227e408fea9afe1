"""The command `pick`."""

from pathlib import Path

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.rooms import command_line
from .shown import AS_OF, OUT, TABLE_FORMAT, check_out, tell_next, write_table


@click.command()
@CONFIG_OPTION
@AS_OF
@click.option("--rows", type=click.IntRange(min=1), help="How many; what is left of replay.label_budgets if left out.")
@OUT
@TABLE_FORMAT
def pick(config: Path, moment: str, rows: int | None, out: Path | None, form: str | None) -> None:
    """Pick the rows without a label that are most worth labelling, for whoever labels.

    Among the rows that have come since the version in service was trained: half are those that it is least sure of,
    half are drawn, so that a change where it is sure is seen too. They come with all their columns, the prediction and
    why they were picked. Enter the outcome where your history keeps it; `retrain` learns from it.
    """
    from .operation.monitoring import need_champion
    from .operation.opening import project_of
    from .operation.picking import pick as choose

    project = project_of(config, moment)
    check_out(out)
    found = choose(project, need_champion(project), rows)
    write_table(found.answers, out, form)
    paid = "" if found.budget is None else f", and the budget pays for {found.budget:,}"
    tell_next(
        f"{len(found.answers.rows):,} rows picked; of {found.new:,} new rows {found.labelled:,} have a label{paid}",
        f"next: label them in your history, then {command_line('retrain')}",
    )
