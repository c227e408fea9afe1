"""The command `make-set`."""

import sys
from pathlib import Path

import click

from ...project_base.commands import CONFIG_OPTION
from ...project_base.rooms import command_line


@click.command("make-set")
@click.argument("inputs", type=click.Path(path_type=Path))
@CONFIG_OPTION
@click.option("--out", type=click.Path(path_type=Path), required=True, help="The evaluation set to write (.jsonl).")
@click.option("--items", "count", type=click.IntRange(1, 100_000), default=40, show_default=True, help="How many.")
@click.option("--input-column", default="input", show_default=True, help="Column of the inputs in a table.")
@click.option("--output-column", default="output", show_default=True, help="Column of wanted outputs, if there is one.")
@click.option("--examples-out", type=click.Path(path_type=Path), help="Where the rest goes that has an output.")
@click.option("--seed", type=int, default=0, show_default=True, help="Another one draws other items.")
@click.option("--fill", is_flag=True, help="Ask for the wanted outputs that are missing; an existing OUT goes on.")
def make_set(
    inputs: Path,
    config: Path,
    out: Path,
    count: int,
    input_column: str,
    output_column: str,
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
    from ...project_base.files import write_text
    from ..prompts.prompt_file import read_prompt
    from ..settings import ProjectSettings
    from .filling import fill as fill_in
    from .making import as_lines, draw, read_inputs
    from .reading import read_items

    settings = load_settings(config, ProjectSettings)
    for target in (out, examples_out):
        if target is not None and not target.absolute().parent.is_dir():
            raise UserError(f"the folder of {target} does not exist", "make the folder, or choose another path")
    if out.suffix.lower() != ".jsonl":
        raise UserError(f"{out} is no .jsonl file", "choose a name that ends in .jsonl")
    if out.exists() and not fill:
        raise UserError(f"{out} stands already", "choose another --out, or go on with it: --fill")
    if not out.exists():
        known = read_items(Path(settings.prompting.examples)) if settings.prompting.examples else []
        drawn = draw(read_inputs(inputs, input_column, output_column), known, count, seed)
        if not drawn.items:
            raise UserError(f"all inputs of {inputs} are examples already, or repeat them", "give other inputs")
        write_text(out, as_lines(drawn.items))
        if examples_out is not None:
            write_text(examples_out, as_lines(drawn.examples))
        further = f"{len(drawn.examples)} more with an output" if examples_out is None else ""
        went = f"{len(drawn.examples)} to {examples_out}" if examples_out is not None else further
        click.echo(
            f"{len(drawn.items)} items in {out}; left out: {drawn.repeated} repeats or near repeats, "
            f"{drawn.in_examples} that are examples, {drawn.left} not drawn; {went}"
        )
    if fill:
        shape = read_prompt(Path(settings.prompting.prompt)).declaration
        left = fill_in(read_items(out), out, shape.labels, _read_line, lambda text: click.echo(text, nl=False))
        click.echo(f"\n{left} items of {out} have no wanted output yet")
    click.echo(f"next: set prompting.items to {out}, fill in what is missing, then {command_line('check')}", err=True)


def _read_line() -> str:
    return sys.stdin.readline() or ":q"
