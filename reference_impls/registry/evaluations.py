"""What is on file about a version: its evaluation, its model card, and what follows for `promote`."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import click

from ..project_base.errors import UserError
from ..project_base.files import write_text
from ..project_base.rooms import command_line
from ..project_base.terminal import printable
from .registry import Gate, Registry
from .version import Version, model_digest

EVALUATIONS = "evaluation"
"""The folder of evaluations among the runs."""


class OnFile(Protocol):
    """An evaluation that says which model it judged."""

    @property
    def version(self) -> str:
        """Id in the registry."""
        ...

    @property
    def model_sha256(self) -> str:
        """Digest of the model's files."""
        ...


class Written(OnFile, Protocol):
    """One that can be written."""

    def to_json(self) -> str:
        """The whole of it."""
        ...


Found = TypeVar("Found", bound=OnFile)


def evaluation_file(runs_folder: Path, version: str) -> Path:
    """Where the evaluation of a version stands; the model card stands beside it, as .md."""
    return runs_folder / EVALUATIONS / f"{version}.json"


def write_evaluation(runs_folder: Path, evaluation: Written, card: str) -> Path:
    """Writes the model card and then the evaluation, which makes the version fit to be promoted.

    Returns:
        The file of the evaluation.

    Raises:
        OSError: No permission or no space; former files stand then.
    """
    file = evaluation_file(runs_folder, evaluation.version)
    file.parent.mkdir(parents=True, exist_ok=True)
    write_text(file.with_suffix(".md"), card)
    write_text(file, evaluation.to_json())
    return file


def judged(candidate: Version, read: Callable[[str], Found | None], unjudged: str, called: str) -> Found | str:
    """The evaluation of a candidate, or in words why a gate has none to go by.

    Args:
        candidate: The version that is to be promoted.
        read: From the id of a version to its evaluation; None where there is none, UserError where it is of no use.
        unjudged: What is said where there is none: "it was not evaluated yet".
        called: What the evaluation is called there.
    """
    again = command_line(f"evaluate {candidate.id}")
    try:
        found = read(candidate.id)
    except UserError as error:
        return f"{error.message} ({again})"
    if found is None:
        return f"{unjudged} ({again})"
    if found.model_sha256 != model_digest(candidate.path):
        return f"its {called} is of another model of this name ({again})"
    return found


def say_what_follows(registry: Registry, candidate: Version, gate: Gate) -> None:
    """Says on standard error whether a judged version is in service, would be refused, or can be promoted.

    Raises:
        UserError: The registry is damaged.
    """
    event = registry.in_service()
    refusal = gate(candidate, registry.find(event.version) if event else None)
    if event and event.version == candidate.id:
        told = f", and promote would refuse it now: {refusal}" if refusal else ""
        click.echo(printable(f"{candidate.id} is in service{told}"), err=True)
    elif refusal:
        click.echo(printable(f"promote would refuse it: {refusal}"), err=True)
    else:
        click.echo(f"next: {command_line(f'promote {candidate.id}')}", err=True)
