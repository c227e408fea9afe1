"""The command `make-set`."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ...project_base.commands import CONFIG_OPTION
from ...project_base.rooms import command_line
from ...project_base.terminal import printable

if TYPE_CHECKING:
    from .making import Drawn


@click.command("make-set")
@click.argument("inputs", type=click.Path(path_type=Path))
@CONFIG_OPTION
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The evaluation set to write (.jsonl).")
@click.option("--items", "count", type=click.IntRange(1, 100_000), default=40, show_default=True, help="How many.")
@click.option("--input-column", default="input", show_default=True, help="Column of the inputs in a table.")
@click.option(
    "--output-column", help="Column of the wanted outputs; `output` if left out and there is one, '' reads none."
)
@click.option(
    "--examples-out",
    type=click.Path(path_type=Path),
    help="Where the rest goes that has an output, as worked examples.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Another one draws other items.")
@click.option("--fill", is_flag=True, help="Ask for the wanted outputs that are missing; an existing OUT goes on.")
def make_set(
    inputs: Path,
    config: Path,
    out: Path,
    count: int,
    input_column: str,
    output_column: str | None,
    examples_out: Path | None,
    seed: int,
    fill: bool,
) -> None:
    """Draw an evaluation set from INPUTS: a .txt file with one input a line, or a .csv, .tsv or .jsonl file.

    Items are drawn at random, without repeats, near repeats and inputs that are worked examples already. What nobody
    has answered yet gets an empty output: fill it in, or let --fill ask for one after the other.
    """
    from ...project_base.config import load_settings
    from ...project_base.errors import UserError
    from ..prompts.prompt_file import read_prompt
    from ..settings import ProjectSettings
    from .checking import counted
    from .filling import fill as fill_in
    from .making import draw, read_inputs
    from .reading import read_items

    settings = load_settings(config, ProjectSettings)
    shape = read_prompt(Path(settings.prompting.prompt)).declaration
    _look_at(out, examples_out, fill)
    if not out.exists():
        known = read_items(Path(settings.prompting.examples)) if settings.prompting.examples else []
        given = read_inputs(inputs, input_column, output_column, shape.labels)
        drawn = draw(given.items, known, count, seed)
        if not drawn.items:
            raise UserError(f"all inputs of {inputs} are examples already, or repeat them", "give other inputs")
        _keep(drawn, given.unread, out, examples_out)
    if fill:
        left = fill_in(read_items(out), out, shape.labels, _read_line, lambda text: click.echo(text, nl=False))
        click.echo(f"\n{counted(left, 'item')} of {out} {'has' if left == 1 else 'have'} no wanted output yet")
    made = {"items": out} | ({"examples": examples_out} if examples_out is not None and examples_out.exists() else {})
    steps = [
        f"set prompting.{key} to {as_setting(path, config)}"
        for key, path in made.items()
        if getattr(settings.prompting, key) != str(path.absolute())
    ]
    if not all(item.complete for item in read_items(out)):
        steps.append(f"fill in what is missing in {out}")
    click.echo(f"next: {', '.join([*steps, command_line('check')])}", err=True)


def _look_at(out: Path, examples_out: Path | None, fill: bool) -> None:
    """Makes sure that nothing that stands is written over, before anything is drawn."""
    from ...project_base.errors import UserError

    for target in (out, examples_out):
        if target is not None and not target.absolute().parent.is_dir():
            raise UserError(f"the folder of {target} does not exist", "make the folder, or choose another path")
    if out.suffix.lower() != ".jsonl":
        raise UserError(f"{out} is no .jsonl file", "choose a name that ends in .jsonl")
    if out.exists() and not fill:
        raise UserError(f"{out} stands already", "choose another --out, or go on with it: --fill")
    if examples_out is not None and examples_out.exists() and not out.exists():
        raise UserError(f"{examples_out} stands already", "choose another --examples-out")


def _keep(drawn: "Drawn", unread: tuple[str, ...], out: Path, examples_out: Path | None) -> None:
    """Writes what was drawn, and says what was not taken."""
    from ...project_base.files import write_text
    from .checking import counted
    from .making import as_lines

    write_text(out, as_lines(drawn.items))
    complete = sum(item.complete for item in drawn.items)
    click.echo(
        f"{counted(len(drawn.items), 'item')} in {out}, {complete} with a wanted output; left out: "
        f"{drawn.repeated} repeats or near repeats, {drawn.in_examples} that are examples, {drawn.left} not "
        "drawn"
    )
    if examples_out is not None:
        write_text(examples_out, as_lines(drawn.examples))
        click.echo(f"{counted(len(drawn.examples), 'worked example')} in {examples_out}")
    elif drawn.examples:
        told = f"{counted(len(drawn.examples), 'more input')} with a wanted output: --examples-out FILE keeps them"
        click.echo(f"note: {told} as worked examples", err=True)
    if unread and not complete:
        told = (
            f"no wanted outputs were read; not read: {', '.join(unread)} (--output-column names the column of outputs)"
        )
        click.echo(printable(f"note: {told}"), err=True)


def as_setting(path: Path, config: Path) -> str:
    """A path as config.yaml has to name it: paths there count from the folder of config.yaml, and not from this one."""
    folder = config.absolute().parent
    return (
        path.absolute().relative_to(folder).as_posix()
        if path.absolute().is_relative_to(folder)
        else str(path.absolute())
    )


def _read_line() -> str:
    return sys.stdin.readline() or ":q"
