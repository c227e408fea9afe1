"""What commands print: the result on standard output, messages on standard error."""

from __future__ import annotations

import os
import shutil
import sys
from datetime import date

import click

from advisor.documents import Dossier, Recommendation

__all__ = ["audit", "columns", "emit", "say", "wants_colour"]


def say(message: str) -> None:
    """A message beside the result."""
    click.echo(message, err=True)


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
        say(f"warning: the prices were to be looked up again by {basis.review_by}; see: advisor rules list --figures")


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
