"""One reader per file format: characters or bytes in; title, text and blocks out."""

import io
import logging
import re
from collections.abc import Callable, Iterator
from typing import Any

import docutils.core
import docutils.nodes
import docutils.utils
import pypdf
import pypdf.errors
from bs4 import BeautifulSoup, Tag
from bs4.element import NavigableString, PageElement, PreformattedString
from markdown_it import MarkdownIt

from .documents import Block, BlockBuilder, Unreadable
from .docx_format import read_docx
from .metadata import front_matter_end

Parsed = tuple[str | None, str, tuple[Block, ...]]

_BLANK_LINES = re.compile(r"\n[ \t]*\n\s*")
_HEADINGS = {"h1": 1, "h2": 2, "h3": 3, "h4": 4, "h5": 5, "h6": 6}
_HTML_NOISE = ("script", "style", "template", "noscript", "nav", "form")
_HTML_BLOCKS = frozenset(
    {"address", "article", "aside", "blockquote", "body", "center", "dd", "details", "div", "dl", "dt", "fieldset"}
    | {"figcaption", "figure", "footer", "header", "hr", "html", "li", "main", "ol", "p", "pre", "section", "summary"}
    | {"table", "tbody", "td", "th", "thead", "tr", "ul"}
    | set(_HEADINGS)
)
_RST_SETTINGS: dict[str, Any] = {
    # A document must not make the reader open other files, run raw nodes, read a config file or print.
    "file_insertion_enabled": False,
    "raw_enabled": False,
    "_disable_config": True,
    "report_level": 5,
    "halt_level": 6,
    "warning_stream": io.StringIO(),
}


def read_text(text: str) -> Parsed:
    """Plain text: blocks are separated by blank lines; there are no headings."""
    blocks: list[Block] = []
    for start, end in _spans(text):
        blocks.append(Block(len(blocks), (), start, end))
    return None, text, tuple(blocks)


def _spans(text: str) -> Iterator[tuple[int, int]]:
    position = 0
    for gap in [*_BLANK_LINES.finditer(text), None]:
        piece = text[position : gap.start() if gap else len(text)]
        stripped = piece.strip()
        if stripped:
            start = position + piece.index(stripped)
            yield start, start + len(stripped)
        position = gap.end() if gap else len(text)


def read_markdown(text: str) -> Parsed:
    """CommonMark with tables; the text of the document is the source itself, so offsets point into the file.

    Front matter stays in the text, but in no block.
    """
    offsets = [0]
    for line in text.split("\n"):
        offsets.append(offsets[-1] + len(line) + 1)
    headings: list[tuple[int, str]] = []
    blocks: list[Block] = []
    title: str | None = None
    end = front_matter_end(text)
    # Its lines are emptied, not removed, so that the parser counts the others as the file does.
    tokens = MarkdownIt("commonmark").enable("table").parse("\n" * text.count("\n", 0, end) + text[end:])
    for token, following in zip(tokens, [*tokens[1:], None], strict=True):
        if token.level != 0 or token.map is None or token.nesting < 0 or token.type in {"hr", "inline"}:
            continue
        if token.type == "heading_open" and following is not None:
            level = int(token.tag[1])
            name = " ".join(_plain(following).split())
            headings = [(depth, known) for depth, known in headings if depth < level]
            if name:
                headings.append((level, name))
                title = title or name
            continue
        start, end = offsets[token.map[0]], min(offsets[token.map[1]], len(text))
        piece = text[start:end]
        stripped = piece.strip()
        if stripped:
            start += piece.index(stripped)
            path = tuple(name for _, name in headings)
            blocks.append(Block(len(blocks), path, start, start + len(stripped)))
    return title, text, tuple(blocks)


def _plain(inline: Any) -> str:
    return "".join(child.content or (" " if child.type == "softbreak" else "") for child in inline.children or [])


def read_html(text: str) -> Parsed:
    """HTML: scripts, styles, navigation and forms are left out; lists and tables are one block each."""
    soup = BeautifulSoup(text, "html.parser")
    for noise in soup(_HTML_NOISE):
        noise.decompose()
    builder = BlockBuilder()
    if soup.title:
        # Kept only as the title of a page that has no heading.
        title = " ".join(soup.title.get_text().split())
        soup.title.decompose()
    else:
        title = ""
    _walk_html(soup.body or soup, builder)
    found, whole, blocks = builder.result()
    return found or title or None, whole, blocks


def _walk_html(node: Tag, builder: BlockBuilder) -> None:
    inline: list[str] = []

    def flush() -> None:
        builder.block(" ".join("".join(inline).split()))
        inline.clear()

    for child in node.children:
        if not isinstance(child, Tag):
            inline.append(_visible(child))
            continue
        if child.name == "br":
            inline.append(" ")
        elif child.name not in _HTML_BLOCKS and child.find(_HTML_BLOCKS) is None:
            inline.append(child.get_text())
        else:
            flush()
            _html_block(child, builder)
    flush()


def _html_block(tag: Tag, builder: BlockBuilder) -> None:
    if tag.name in _HEADINGS:
        builder.heading(_HEADINGS[tag.name], tag.get_text(" "))
    elif tag.name == "pre":
        builder.block(tag.get_text())
    elif tag.name == "table":
        rows = [[" ".join(cell.get_text(" ").split()) for cell in row(["th", "td"])] for row in tag("tr")]
        builder.block("\n".join("| " + " | ".join(cells) + " |" for cells in rows if cells))
    elif tag.name in {"ul", "ol"}:
        items = [" ".join(item.get_text(" ").split()) for item in tag("li", recursive=False)]
        builder.block("\n".join(f"- {item}" for item in items if item))
    else:
        _walk_html(tag, builder)


def _visible(node: PageElement) -> str:
    return str(node) if isinstance(node, NavigableString) and not isinstance(node, PreformattedString) else ""


def read_rst(text: str) -> Parsed:
    """Parses reStructuredText; included files and raw nodes are refused, faults in the markup are passed over."""
    tree = docutils.core.publish_doctree(text, settings_overrides=dict(_RST_SETTINGS))
    builder = BlockBuilder()
    _walk_rst(tree, builder, 1)
    return builder.result()


def _walk_rst(node: docutils.nodes.Element, builder: BlockBuilder, level: int) -> None:
    for child in node.children:
        if isinstance(child, docutils.nodes.title):
            # The title of the document hangs on the root, those of its sections one level deeper.
            builder.heading(level, child.astext())
        elif isinstance(child, docutils.nodes.section):
            _walk_rst(child, builder, level + 1)
        elif isinstance(child, docutils.nodes.bullet_list | docutils.nodes.enumerated_list):
            builder.block("\n".join("- " + " ".join(item.astext().split()) for item in child.children))
        elif isinstance(child, docutils.nodes.table):
            found = child.findall(docutils.nodes.row)
            rows = [[" ".join(cell.astext().split()) for cell in row.children] for row in found]
            builder.block("\n".join("| " + " | ".join(cells) + " |" for cells in rows))
        elif isinstance(child, docutils.nodes.system_message | docutils.nodes.comment | docutils.nodes.Invisible):
            continue
        elif isinstance(child, docutils.nodes.Element):
            builder.block(child.astext())


def read_pdf(content: bytes) -> Parsed:
    """PDF text, page by page; the page number stands where other formats have a heading.

    Raises:
        Unreadable: The file is encrypted, broken, or holds no text (a scan).
    """
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    builder = BlockBuilder()
    try:
        reader = pypdf.PdfReader(io.BytesIO(content))
        if reader.is_encrypted and not reader.decrypt(""):
            raise Unreadable("the PDF is encrypted; save it without a password")
        for number, page in enumerate(reader.pages, start=1):
            text = page.extract_text()
            if text.strip():
                builder.heading(1, f"page {number}")
            for start, end in _spans(text):
                builder.block(text[start:end])
        title = reader.metadata.title if reader.metadata else None
    except Unreadable:
        raise
    except Exception as error:
        # A broken PDF can fail anywhere inside the parser, with almost any exception.
        raise Unreadable(f"the PDF is broken ({type(error).__name__})") from error
    _, whole, blocks = builder.result()
    if not blocks:
        raise Unreadable("the PDF holds no text; it may be a scan")
    return (str(title).strip() or None) if title else None, whole, blocks


TEXT_FORMATS: dict[str, Callable[[str], Parsed]] = {
    ".md": read_markdown,
    ".markdown": read_markdown,
    ".txt": read_text,
    ".html": read_html,
    ".htm": read_html,
    ".rst": read_rst,
}
BYTE_FORMATS: dict[str, Callable[[bytes], Parsed]] = {".pdf": read_pdf, ".docx": read_docx}
