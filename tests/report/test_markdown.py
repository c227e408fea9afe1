from __future__ import annotations

import re
from itertools import pairwise

import pytest
from markdown_it import MarkdownIt

from advisor.documents import Dossier
from advisor.report import build_sections, render_markdown
from advisor.report.blocks import Headline, Item, Items, KeyValues, Paragraph, Section, Source, Table
from tests.report import dossiers as given

READER = MarkdownIt("commonmark").enable("table")
TRICKS = [
    "<script>alert(1)</script>",
    "</script><img src=x onerror=alert(1)>",
    "[click](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "<http://evil.example>",
    "# heading",
    "- item",
    "+ item",
    "1. item",
    "12) item",
    "> quote",
    "---",
    "===",
    "```code",
    "~~~ code",
    "*bold* _it_ **b** `c`",
    "a | b",
    "&lt;b&gt; &amp; \\",
    "    four spaces",
    "{{ 7 * 7 }} {% raw %} $x$",
    "[ref]: http://evil.example",
]


def read(markdown: str) -> str:
    return str(READER.render(markdown))


def shown(html: str) -> str:
    from html import unescape

    return unescape(re.sub(r"<[^>]+>", "", html)).strip()


@pytest.mark.parametrize("trick", TRICKS)
def test_a_paragraph_is_read_back_as_it_was_said(trick: str) -> None:
    html = read(render_markdown((Section(id="x", title="X", blocks=(Headline("T"), Paragraph(trick))),)))
    assert html.count("<") == 4, html
    assert shown(html).removeprefix("T").strip() == " ".join(trick.split())


@pytest.mark.parametrize("trick", TRICKS)
def test_tricks_stay_texts_in_lists_tables_and_code(trick: str) -> None:
    blocks = (
        Headline(trick, trick),
        Items(
            title=trick,
            items=(Item(title=trick, text=trick, note=trick, grounds=(trick,), marks=(trick,)),),
            more=trick,
        ),
        Table(caption=trick, columns=(trick, trick), rows=((trick, trick),)),
        KeyValues(pairs=((trick, trick),), literal=True),
    )
    html = read(render_markdown((Section(id="x", title=trick, blocks=blocks),)))
    allowed = {"h1", "h3", "p", "ul", "li", "strong", "em", "code", "table", "thead", "tbody", "tr", "th", "td"}
    assert set(re.findall(r"<(\w+)", html)) <= allowed
    assert html.count("<table") == 1
    assert html.count("<td") == 2


def test_a_source_is_a_link_only_when_it_leads_to_the_web() -> None:
    sources = (
        Source("Paper [1]", "read at the source", "https://example.org/a b>(c)"),
        Source("Trap", "read at the source", "javascript:alert(1)"),
    )
    html = read(render_markdown((Section(id="x", title="X", blocks=(Items((Item("t", sources=sources),)),)),)))
    assert re.findall(r'<a href="([^"]+)">([^<]+)', html) == [("https://example.org/a%20b%3E(c)", "Paper [1]")]
    assert "Trap" in html


def test_headings_are_in_order_and_everything_is_said() -> None:
    markdown = render_markdown(build_sections(given.full()))
    html = read(markdown)
    levels = [int(level) for level in re.findall(r"<h(\d)", html)]
    assert levels[0] == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))
    for said in ("Facts that change weekly or faster", "hit@5", "Two people agree on each.", "220 of 251"):
        assert said in html


@pytest.mark.parametrize("advice", [given.undecided(), given.vetoed()])
def test_no_verdict_reads_too(advice: object) -> None:
    assert render_markdown(build_sections(Dossier(recommendation=advice))).startswith("# ")  # type: ignore[arg-type]
