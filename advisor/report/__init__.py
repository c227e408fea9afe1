"""Reports: one flow of sections, shown as a page, as terminal text or as Markdown.

The page is rendered by `advisor.report.page`, which is not imported here: it needs the template engine, and a
recommendation in the terminal must not wait for it.
"""

from __future__ import annotations

from advisor.report.markdown import render_markdown
from advisor.report.sections import build_sections
from advisor.report.text import render_text

__all__ = ["build_sections", "render_markdown", "render_text"]
