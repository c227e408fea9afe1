"""What the commands share: options, and how results are shown."""

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..project_base.errors import UserError
from ..project_base.files import write_text
from ..project_base.terminal import printable

if TYPE_CHECKING:
    from .operation.predicting import Answers

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
OUT = click.option("--out", type=click.Path(path_type=Path), help="Write to this file, which appears when it is whole.")
TABLE_FORMAT = click.option(
    "--format",
    "form",
    type=click.Choice(["csv", "jsonl"]),
    help="Of what is written; without it the end of --out tells, else csv.",
)


def write_table(answers: "Answers", out: Path | None, form: str | None) -> None:
    """Writes rows to a file, or prints them.

    Raises:
        OSError: No permission or no space.
    """
    ending = out.suffix.lower() if out else ""
    text = answers.told("jsonl" if form == "jsonl" or (form is None and ending in {".jsonl", ".ndjson"}) else "csv")
    if out is None:
        click.echo(text, nl=False)
    else:
        write_text(out, text)


def check_out(out: Path | None) -> None:
    """Refuses a file in a folder that does not exist, before the work.

    Raises:
        UserError: There is no such folder.
    """
    if out is not None and not out.absolute().parent.is_dir():
        raise UserError(f"the folder of {out} does not exist", "make the folder, or choose another --out")


def show(lines: Iterable[str]) -> None:
    """Prints a result."""
    for line in lines:
        click.echo(printable(line))


def tell_next(*lines: str) -> None:
    """Says on standard error what to do next."""
    for line in lines:
        click.echo(printable(line), err=True)
