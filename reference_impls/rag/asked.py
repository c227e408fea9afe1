"""What every command takes that asks: a question, who asks, and which documents take part."""

import sys
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from ..retrieval.access import Reader

_LARGEST_INPUT = 10_000_000
_OPTIONS = (
    click.option(
        "--as", "names", multiple=True, metavar="NAME", help="User or group that asks; may be given repeatedly."
    ),
    click.option("--tenant", help="The tenant that asks."),
    click.option("--where", multiple=True, metavar="NAME=VALUE", help="Only documents with this metadata; repeatable."),
)


def asking_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Adds --as (`names`), --tenant and --where to a command; `reader_of` and `filters_of` read them."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def question_of(argument: str, most_characters: int) -> str:
    """The question as given, or with - from standard input.

    Raises:
        QuestionError: It is empty, longer than `most_characters`, or no text.
    """
    from .pipeline import check_question

    if argument == "-":
        argument = sys.stdin.buffer.read(_LARGEST_INPUT).decode("utf-8", "surrogateescape")
    return check_question(argument, most_characters)


def reader_of(names: tuple[str, ...], tenant: str | None) -> "Reader":
    """Who asks."""
    from ..retrieval.access import Reader

    return Reader(frozenset(names), tenant)


def filters_of(where: tuple[str, ...]) -> dict[str, str]:
    """The metadata that documents must have, by name.

    Raises:
        click.UsageError: An entry is not NAME=VALUE, or a name comes twice.
    """
    pairs = [each.partition("=") for each in where]
    if not all(mark and name.strip() for name, mark, _ in pairs):
        raise click.UsageError("--where takes NAME=VALUE, for example --where department=legal")
    filters = {name.strip(): value.strip() for name, _, value in pairs}
    if len(filters) < len(pairs):
        raise click.UsageError("--where takes each NAME once, with one VALUE")
    return filters
