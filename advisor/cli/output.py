"""What commands print: the result on standard output, messages on standard error."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from datetime import date
from typing import TYPE_CHECKING, TextIO

import click

from advisor.documents import Dossier, Recommendation

if TYPE_CHECKING:
    from advisor.knowledge import Pattern

__all__ = ["audit", "columns", "emit", "remark", "say", "say_choice", "say_vetoes", "show", "wants_colour"]


def say(message: str) -> None:
    """A message beside the result."""
    click.echo(message, err=True)


def remark(message: str) -> None:
    """A sentence beside the result; wrapped on a terminal, one line elsewhere."""
    click.echo(_fitted(message, sys.stderr, "  "), err=True)


def show(line: str, indent: str = "    ") -> None:
    """One entry of a result: on a terminal wrapped to its width, what follows under `indent`; one line elsewhere."""
    click.echo(_fitted(line, sys.stdout, indent))


def _fitted(text: str, stream: TextIO, indent: str) -> str:
    if not stream.isatty():
        return text
    width = min(shutil.get_terminal_size().columns, 100)
    wrap = textwrap.TextWrapper(width, subsequent_indent=indent, break_long_words=False, break_on_hyphens=False)
    return "\n".join(wrap.fill(line) for line in text.split("\n"))


def wants_colour() -> bool:
    """Whether standard output is a terminal that shows colours."""
    return sys.stdout.isatty() and "NO_COLOR" not in os.environ and os.environ.get("TERM") != "dumb"


def columns() -> int:
    """The width to print to: that of the terminal, 80 elsewhere, never more than 100."""
    return min(shutil.get_terminal_size().columns if sys.stdout.isatty() else 80, 100)


def audit(recommendation: Recommendation) -> None:
    """Says which rules of the user's own had a part in it, and whether the prices are old."""
    for path, how in recommendation.own_rules:
        say(f"own rules: {path} {how}")
    basis = recommendation.cost_basis
    # The figures of ISO days sort like the days.
    if basis is not None and date.today().isoformat() > basis.review_by:
        remark(
            f"warning: the prices were to be looked up again by {basis.review_by}; see: advisor rules list --figures"
        )


def say_choice(recommendation: Recommendation, chosen: Pattern) -> None:
    """Says where the user insists on something else than the verdict, and which rules speak against it."""
    if chosen.id != recommendation.pattern:
        verdict = "there is no verdict"
        if recommendation.approach is not None:
            how = f"{recommendation.confidence.level} confidence"
            verdict = f"the verdict is {recommendation.approach}, {recommendation.pattern} ({how})"
        remark(f"note: {verdict}; the project is {chosen.approach}, {chosen.id}, since you insist on it")
    say_vetoes(recommendation, chosen)


def say_vetoes(recommendation: Recommendation, chosen: Pattern) -> None:
    """Warns of each rule that rules the pattern out."""
    for veto in recommendation.vetoes:
        if veto.pattern == chosen.id or (veto.pattern is None and veto.approach == chosen.approach):
            remark(f"warning: {veto.rule} rules {chosen.id} out; to bring it back: {veto.relax}")


def emit(recommendation: Recommendation, form: str, *, label: str | None = None) -> None:
    """Prints a recommendation; with a label, in one line."""
    audit(recommendation)
    if form == "json":
        click.echo(recommendation.model_dump_json(indent=None if label else 1))
        return
    if label is not None:
        verdict = recommendation.approach or f"none ({recommendation.undecided})"
        confidence = recommendation.confidence
        click.echo(f"{label}: {verdict}, {recommendation.pattern or '-'}, {confidence.level} ({confidence.score:.2f})")
        return
    from advisor.report import build_sections, render_markdown, render_text

    sections = build_sections(Dossier(recommendation=recommendation), brief=form == "text")
    if form == "markdown":
        click.echo(render_markdown(sections), nl=False)
    else:
        click.echo(render_text(sections, width=columns(), colour=wants_colour()), nl=False)
