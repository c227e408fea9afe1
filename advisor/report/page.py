"""The report as one HTML file: no script, no outside reference, the same bytes for the same dossier."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import replace
from datetime import date
from functools import cache
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from advisor import resources
from advisor.documents import Dossier
from advisor.report.blocks import Block, Callout, Headline, Section
from advisor.report.characters import printable
from advisor.report.sections import build_sections
from advisor.report.sections.costs import overdue
from advisor.report.wording import sentence

__all__ = ["render_page"]


def render_page(dossier: Dossier, today: date | None = None) -> str:
    """The whole dossier as one page; with the day of today it warns of old prices."""
    folder = resources.folder("templates") / "report"
    style = (folder / "page.css").read_text(encoding="utf-8")
    sections = build_sections(dossier)
    warning = overdue(dossier.recommendation.cost_basis, today) if today else None
    if warning:
        sections = tuple(_warned(section, warning) for section in sections)
    page = _environment(folder).get_template("page.html.jinja")
    return page.render(
        sections=sections,
        title=next((block.text for section in sections for block in section.blocks if isinstance(block, Headline)), ""),
        # The file is our own: its bytes go in as they are, and only they may style the page.
        style=Markup(style),  # noqa: S704
        policy=f"default-src 'none'; style-src '{_hash(style)}'; base-uri 'none'; form-action 'none'",
    )


def _warned(section: Section, warning: str) -> Section:
    if section.id != "costs":
        return section
    callout = Callout(title="These prices are old", text=sentence(warning), tone="alarm")
    return replace(section, blocks=(callout, *section.blocks))


def _hash(style: str) -> str:
    return "sha256-" + base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()


@cache
def _environment(folder: Path) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(folder),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_shown,
    )
    environment.filters["template"] = _template
    environment.filters["hundredths"] = _hundredths
    return environment


def _shown(value: object) -> object:
    return printable(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _template(block: Block) -> str:
    """The template of a kind of block has the kind's name."""
    return f"blocks/{type(block).__name__.lower()}.html.jinja"


def _hundredths(share: float) -> str:
    """A share as a percentage in CSS, never outside 0 to 100."""
    return f"{min(max(share, 0.0), 1.0) * 100:.2f}%"
