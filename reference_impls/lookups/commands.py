"""The command `lookup`."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..project_base.commands import CONFIG_OPTION
from ..project_base.terminal import printable

if TYPE_CHECKING:
    from .declarations import Lookup

SAMPLE = Path(__file__).parent / "sample" / "lookups.yaml"


@click.command()
@click.argument("question", required=False)
@CONFIG_OPTION
@click.option("--list", "show_list", is_flag=True, help="Show what is declared, and ask nothing.")
@click.option("--as", "names", multiple=True, metavar="NAME", help="User or group that asks; may be given repeatedly.")
@click.option("--user", help="The user that asks, for parameters of kind user.")
@click.option("--tenant", help="The tenant that asks, for parameters of kind tenant.")
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
def lookup(
    question: str | None,
    config: Path,
    show_list: bool,
    names: tuple[str, ...],
    user: str | None,
    tenant: str | None,
    form: str,
) -> None:
    """Answer QUESTION from a declared look-up; exit code 3 if none fits.

    Without lookups.file in the configuration the look-ups of the sample are asked.
    """
    from ..embedding.load import load_embedder
    from ..project_base.config import load_settings
    from ..project_base.environment import apply_environment
    from ..project_base.errors import UserError
    from .answering import Lookups
    from .askers import Asker
    from .declarations import read_declarations
    from .matching import NoMatch
    from .settings import ProjectSettings
    from .show import citation

    settings = load_settings(config, ProjectSettings)
    if not show_list and question is None:
        raise UserError("there is no question", "give one, or --list to see what can be asked")
    if not settings.lookups.file:
        click.echo("note: lookups.file is empty; these are the look-ups of the sample", err=True)
    declared = read_declarations(Path(settings.lookups.file or SAMPLE))
    if show_list or question is None:
        click.echo(printable("\n\n".join(_described(name, each) for name, each in declared.items())))
        return
    for text in (question, user or "", tenant or "", *names):
        if not _is_text(text):
            raise UserError("the question or a name is not valid text", "type it again, in a UTF-8 terminal")
    apply_environment(settings.project_base)
    asker = Asker(frozenset([*names, *([user] if user else [])]), tenant, user)
    found = Lookups(declared, load_embedder(settings.embedding), settings.lookups).answer(question, asker)
    if isinstance(found, NoMatch):
        click.echo(printable(f"No look-up answers this: {found.reason}."))
        click.get_current_context().exit(3)
    click.echo(
        found.model_dump_json(indent=2) if form == "json" else printable("\n".join([found.text, *citation(found)]))
    )


def _is_text(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _described(name: str, declared: "Lookup") -> str:
    parameters = [f"{key} ({each.kind})" for key, each in declared.parameters.items()]
    source = declared.source
    place = source.sqlite or source.postgresql or (source.http.url if source.http else "")
    lines = [
        f"{name}: {declared.title}",
        *(f"    {question}" for question in declared.questions),
        f"  needs:   {', '.join(parameters) or 'nothing'}",
        f"  readers: {', '.join(declared.readers)}",
        f"  source:  {place}",
    ]
    return "\n".join(lines)


COMMANDS: list[click.Command] = [lookup]
