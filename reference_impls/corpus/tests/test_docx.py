import io
import zipfile
from pathlib import Path

import docx
import pytest
from docx.enum.style import WD_STYLE_TYPE
from docx.oxml import parse_xml

from ..documents import Unreadable
from ..docx_format import read_docx
from ..reading import read_corpus
from ..settings import Settings

W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'


def saved(document: object) -> bytes:
    stream = io.BytesIO()
    document.save(stream)  # type: ignore[attr-defined]
    return stream.getvalue()


def test_headings_lists_and_tables_are_blocks_in_reading_order() -> None:
    word = docx.Document()
    word.add_heading("Handbook", 0)
    word.add_heading("Setup", 1)
    word.add_paragraph("First words.")
    word.add_paragraph("one", style="List Bullet")
    word.add_paragraph("two", style="List Number")
    word.add_heading("Sizes", 2)
    table = word.add_table(rows=2, cols=3)
    for cell, text in zip((cell for row in table.rows for cell in row.cells), "abcdef", strict=True):
        cell.text = text
    table.rows[1].cells[0].merge(table.rows[1].cells[1])
    word.add_heading("Next", 1)
    word.add_paragraph("Last words.")
    title, text, blocks = read_docx(saved(word))
    assert title == "Handbook"
    assert [(block.headings, text[block.start : block.end]) for block in blocks] == [
        (("Setup",), "First words."),
        (("Setup",), "- one\n- two"),
        (("Setup", "Sizes"), "| a | b | c |\n| d e | f |"),
        (("Next",), "Last words."),
    ]


def test_a_style_of_the_companys_own_is_a_heading_where_it_is_based_on_one() -> None:
    word = docx.Document()
    own = word.styles.add_style("House", WD_STYLE_TYPE.PARAGRAPH)
    own.base_style = word.styles["Heading 2"]
    word.add_paragraph("Chapter", style="House")
    word.add_paragraph("Words.")
    _, _, blocks = read_docx(saved(word))
    assert [block.headings for block in blocks] == [("Chapter",)]


def test_insertions_and_content_controls_are_text_and_deletions_are_not() -> None:
    word = docx.Document()
    word.element.body.insert(
        0,
        parse_xml(
            f"<w:sdt {W}><w:sdtContent><w:p><w:r><w:t>kept</w:t><w:tab/><w:t>words</w:t></w:r>"
            "<w:ins><w:r><w:t> inserted</w:t></w:r></w:ins><w:del><w:r><w:delText>gone</w:delText></w:r></w:del>"
            "<w:moveFrom><w:r><w:t>moved</w:t></w:r></w:moveFrom></w:p></w:sdtContent></w:sdt>"
        ),
    )
    assert read_docx(saved(word))[1] == "kept words inserted"


@pytest.mark.parametrize(
    ("content", "expected"),
    [(b"PK\3\4 nonsense", "broken"), (bytes.fromhex("d0cf11e0a1b11ae1") + b"x", "encrypted or an old .doc")],
)
def test_what_is_no_word_file_is_refused(content: bytes, expected: str) -> None:
    with pytest.raises(Unreadable, match=expected):
        read_docx(content)


def test_an_archive_without_a_document_is_refused() -> None:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w") as archive:
        archive.writestr("other.xml", "<x/>")
    with pytest.raises(Unreadable, match="broken"):
        read_docx(stream.getvalue())


def test_a_word_file_without_text_is_listed(tmp_path: Path) -> None:
    (tmp_path / "a.docx").write_bytes(saved(docx.Document()))
    (tmp_path / "b.txt").write_text("text")
    (skipped,) = read_corpus(Settings(folder=str(tmp_path))).skipped
    assert (skipped.path, "no text" in skipped.reason) == ("a.docx", True)
