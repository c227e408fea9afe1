"""What the commands share: options, and how results are shown."""

from collections.abc import Iterable

import click

from ..project_base.terminal import printable

ASKED_TO_FAIL = 5
"""Exit code of a command that found what its option --fail-on-... names."""

FORMAT = click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
WAIT = click.option(
    "--wait",
    type=click.FloatRange(min=0),
    default=0.0,
    show_default=True,
    metavar="SECONDS",
    help="How long to wait where another training runs.",
)
AS_OF = click.option(
    "--as-of",
    "moment",
    default="",
    metavar="MOMENT",
    help="Work on the history as it stood then: earlier rows alone, and the labels that were known.",
)


def show(lines: Iterable[str]) -> None:
    """Prints a result."""
    for line in lines:
        click.echo(printable(line))


def tell_next(*lines: str) -> None:
    """Says on standard error what to do next."""
    for line in lines:
        click.echo(printable(line), err=True)
