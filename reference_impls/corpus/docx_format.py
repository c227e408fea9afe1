"""Word documents: headings, paragraphs, lists and tables in reading order."""

import io
import re
import zipfile
from collections.abc import Iterator
from typing import Any

import docx
from docx.document import Document as WordDocument
from docx.oxml.ns import qn
from docx.table import Table
from docx.text.paragraph import Paragraph

from .documents import Block, BlockBuilder, Unreadable

_HEADING = re.compile(r"heading ([1-9])$", re.I)
_OLE = bytes.fromhex("d0cf11e0a1b11ae1")
_LARGEST_UNPACKED = 1_000_000_000
_TWICE = ("}Fallback", "}moveFrom")
"""What wraps text that stands elsewhere too: a text box for old programs, and the place that text was moved from."""
_BREAKS = {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}


def read_docx(content: bytes) -> tuple[str | None, str, tuple[Block, ...]]:
    """Reads a .docx file; tracked insertions, content controls and text boxes count as text, deletions do not.

    Page headers, footnotes and comments are not read.

    Returns:
        Title (its first heading, else the title among its properties), text and blocks.

    Raises:
        Unreadable: The file is encrypted, an old .doc, broken, or unpacks to more than 1 GB.
    """
    if content.startswith(_OLE):
        raise Unreadable("an encrypted or an old .doc file; save it as .docx without a password")
    builder = BlockBuilder()
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > _LARGEST_UNPACKED:
            raise Unreadable(f"the .docx unpacks to {unpacked / 1e9:.1f} GB")
        word = docx.Document(io.BytesIO(content))
        _read_body(word, builder)
        title = word.core_properties.title
    except Unreadable:
        raise
    except Exception as error:
        # A broken archive or foreign XML can fail anywhere inside the parser, with almost any exception.
        raise Unreadable(f"the .docx is broken ({type(error).__name__})") from error
    found, whole, blocks = builder.result()
    return found or title.strip() or None, whole, blocks


def _read_body(word: WordDocument, builder: BlockBuilder) -> None:
    items: list[str] = []

    def flush() -> None:
        builder.block("\n".join(items))
        items.clear()

    for element in _contents(word.element.body):
        if element.tag == qn("w:tbl"):
            flush()
            builder.block("\n".join(_rows(Table(element, word))))
            continue
        paragraph = Paragraph(element, word)
        text = _text(element)
        level = _heading_level(paragraph)
        if level is not None:
            flush()
            builder.heading(level, text)
        elif _is_list_item(paragraph):
            items += [f"- {' '.join(text.split())}"] if text.strip() else []
        else:
            flush()
            builder.block(text)
    flush()


def _contents(parent: Any) -> Iterator[Any]:
    """Paragraphs and tables below an element, in order; what a content control wraps is taken out of it."""
    for child in parent.iterchildren(qn("w:p"), qn("w:tbl"), qn("w:sdt"), qn("w:sdtContent"), qn("w:customXml")):
        if child.tag in (qn("w:p"), qn("w:tbl")):
            yield child
        else:
            yield from _contents(child)


def _text(paragraph: Any) -> str:
    parts: list[str] = []
    for element in paragraph.iter(qn("w:t"), qn("w:p"), *_BREAKS):
        if element is paragraph or any(str(above.tag).endswith(_TWICE) for above in element.iterancestors()):
            continue
        if element.tag == qn("w:t"):
            parts.append(element.text or "")
        elif element.tag == qn("w:p"):
            parts.append("\n")
        elif element.getparent().tag == qn("w:r"):
            parts.append(_BREAKS[element.tag])
    return "".join(parts).strip()


def _rows(table: Table) -> Iterator[str]:
    for row in table.rows:
        # A merged cell comes once for every column that it covers.
        cells = {id(cell._tc): cell for cell in row.cells}.values()
        texts = [" ".join(" ".join(_text(part) for part in cell._tc.iter(qn("w:p"))).split()) for cell in cells]
        if any(texts):
            yield "| " + " | ".join(texts) + " |"


def _heading_level(paragraph: Paragraph) -> int | None:
    # Styles of a company's own are based on the built-in ones, whose names in the file are English everywhere.
    for name in _style_names(paragraph):
        if name.lower() == "title":
            return 1
        if match := _HEADING.match(name):
            return int(match.group(1))
    return None


def _is_list_item(paragraph: Paragraph) -> bool:
    properties = paragraph._p.pPr
    if properties is not None and properties.numPr is not None:
        return True
    return any(name.lower().startswith(("list bullet", "list number")) for name in _style_names(paragraph))


def _style_names(paragraph: Paragraph) -> Iterator[str]:
    style: Any = paragraph.style
    seen: set[str] = set()
    while style is not None and style.style_id not in seen:
        seen.add(style.style_id)
        yield style.name or ""
        style = style.base_style
