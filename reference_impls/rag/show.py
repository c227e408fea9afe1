"""What the commands print."""

import shutil
import textwrap
from collections.abc import Iterator
from typing import TYPE_CHECKING

import click

from ..lookups.show import citation
from ..project_base.terminal import printable

if TYPE_CHECKING:
    from ..retrieval.build import BuildReport
    from .answer import Answer

_LISTED = 20
_FLAGS_SHOWN = 5


def show_build(report: "BuildReport") -> None:
    """Prints what a build did, and what it left out."""
    manifest = report.manifest
    click.echo(
        f"{len(manifest.documents)} documents, {manifest.chunks} chunks "
        f"({report.read} files read, {report.embedded} texts embedded, {report.reused} taken over)"
    )
    _show_list("files and records skipped", [f"{item.path}: {item.reason}" for item in manifest.skipped])
    _show_list("remarks", [f"{item.path}: {item.text}" for item in manifest.remarks])


def _show_list(title: str, lines: list[str]) -> None:
    if lines:
        click.echo(f"{title}: {len(lines)}", err=True)
    for line in lines[:_LISTED]:
        click.echo(printable(f"  {_one_line(line)}"), err=True)
    if len(lines) > _LISTED:
        click.echo(f"  and {len(lines) - _LISTED} more; manifest.json in the index folder lists them all", err=True)


def show_stream(steps: Iterator["str | Answer"]) -> None:
    """Prints an answer while it is written, then its evidence."""
    shown = False
    for step in steps:
        if isinstance(step, str):
            shown = True
            click.echo(printable(step), nl=False)
        elif shown and not step.refused:
            click.echo("\n" + printable("\n".join(_evidence(step))))
        else:
            withdrawn = "\n\nNot valid, since the answer is refused:\n" if shown else ""
            click.echo(withdrawn + printable(as_text(step)))


def as_text(answer: "Answer") -> str:
    """An answer with its evidence, as wide as the terminal."""
    # The rows of a look-up stand on a line each.
    lines = [textwrap.fill(line, _width()) for line in (answer.text.splitlines() if answer.lookup else [answer.text])]
    if answer.refused:
        lines.append(f"({answer.reason})")
    return "\n".join([*lines, *_evidence(answer)])


def _evidence(answer: "Answer") -> list[str]:
    """The lines below an answer: sources with their quotes, then the instructions that were found in passages."""
    width = _width()
    lines = citation(answer.lookup) if answer.lookup else []
    for source in answer.sources:
        lines += ["", f"[{source.number}] {_one_line(source.document)}", f"    {source.heading}"]
        for quote in answer.quotes:
            if quote.source == source.number:
                quoted = f'"{" ".join(quote.text.split())}"'
                lines.append(textwrap.fill(quoted, width, initial_indent="    ", subsequent_indent="    "))
    if answer.note:
        lines += ["", textwrap.fill(f"note: {answer.note}", width)]
    if answer.flags:
        lines += ["", "warning: these retrieved sentences address a language model; they were treated as text:"]
    for flag in answer.flags[:_FLAGS_SHOWN]:
        told = f'{_one_line(flag.document)} ({flag.kind}): "{textwrap.shorten(flag.text, 160, placeholder=" ...")}"'
        lines.append(textwrap.fill(told, width, initial_indent="    ", subsequent_indent="    "))
    if len(answer.flags) > _FLAGS_SHOWN:
        lines.append(f"    and {len(answer.flags) - _FLAGS_SHOWN} more; ask --format json lists them all")
    return lines


def _one_line(text: str) -> str:
    # A line feed in a file's name must not make a line that looks like another source.
    return text.replace("\r", "\\r").replace("\n", "\\n")


def _width() -> int:
    return min(shutil.get_terminal_size().columns, 100)
