import os
from pathlib import Path

import pypdf
import pytest

from ...project_base.errors import UserError
from ...project_base.progress import Advance
from ..documents import Document
from ..formats import BYTE_FORMATS, TEXT_FORMATS, read_html, read_markdown, read_rst
from ..reading import read_corpus
from ..records import ROW_FORMATS
from ..settings import Settings
from ..suffixes import SUFFIXES


def texts(blocks: tuple[object, ...], text: str) -> list[str]:
    return [text[block.start : block.end] for block in blocks]  # type: ignore[attr-defined]


def only(folder: Path, name: str, content: bytes, **settings: str) -> Document:
    (folder / name).write_bytes(content)
    return read_corpus(Settings(folder=str(folder), **settings)).documents[0]  # type: ignore[arg-type]


def test_markdown_blocks_keep_headings_and_offsets() -> None:
    source = "# Top\n\nOne\ntwo.\n\n## Sub *x*\n\n- a\n- b\n\n| h |\n|---|\n| v |\n\n```\ncode\n```\n\n## Next\n\nEnd."
    title, text, blocks = read_markdown(source)
    assert (title, text) == ("Top", source)
    assert [block.headings for block in blocks] == [("Top",), *[("Top", "Sub x")] * 3, ("Top", "Next")]
    assert texts(blocks, text)[:2] == ["One\ntwo.", "- a\n- b"]


def test_html_drops_scripts_and_keeps_tables() -> None:
    title, text, blocks = read_html(
        "<title>t</title><script>x()</script><h1>Head</h1>loose <b>text</b><p>para</p><div>in<p>ner</p></div>"
        "<table><tr><th>a</th><td>b</td></tr></table><ul><li>one<li>two</ul><!-- hidden -->"
    )
    assert title == "Head"
    assert texts(blocks, text)[:5] == ["loose text", "para", "in", "ner", "| a | b |"]
    assert "hidden" not in text
    assert "x()" not in text


def test_rst_opens_no_other_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("secret words")
    title, text, blocks = read_rst(f"Title\n=====\n\nFirst.\n\nSub\n---\n\n- a\n\n.. include:: {tmp_path / 'secret'}\n")
    assert title == "Title"
    assert "secret words" not in text
    assert [block.headings for block in blocks] == [("Title",), ("Title", "Sub")]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("größe".encode(), "größe"),
        ("größe".encode("utf-8-sig"), "größe"),
        ("größe".encode("utf-16"), "größe"),
        ("größe".encode("utf-32"), "größe"),
        ("-*- coding: latin-1 -*-\n\ngröße".encode("latin-1"), "-*- coding: latin-1 -*-\n\ngröße"),
    ],
)
def test_encodings(tmp_path: Path, content: bytes, expected: str) -> None:
    assert only(tmp_path, "a.txt", content).text == expected


def test_the_configured_encoding_is_the_last_resort(tmp_path: Path) -> None:
    assert only(tmp_path, "a.txt", "größe".encode("cp1252"), encoding="cp1252").text == "größe"


def test_what_cannot_be_read_is_listed_with_its_reason(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "good.md").write_text("# T\n\ntext")
    (tmp_path / ".hidden.md").write_text("not read")
    (tmp_path / "latin.txt").write_bytes("größe".encode("latin-1"))
    (tmp_path / "binary.md").write_bytes(b"a\0b")
    (tmp_path / "empty.txt").write_bytes(b" \n")
    (tmp_path / "headings.md").write_text("# only\n\n## headings\n")
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 nonsense")
    (tmp_path / "photo.jpg").write_bytes(b"\xff\xd8")
    (tmp_path / "dangling.md").symlink_to(tmp_path / "nowhere")
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(tmp_path / "scan.pdf")
    writer.encrypt("secret", algorithm="RC4-128")
    writer.write(tmp_path / "locked.pdf")
    (tmp_path / "large.txt").write_bytes(b"x" * 1_000_001)
    corpus = read_corpus(Settings(folder=str(tmp_path), max_megabytes=1))
    assert [document.path for document in corpus.documents] == ["sub/good.md"]
    reasons = {item.path: item.reason for item in corpus.skipped}
    for name, part in {
        "latin.txt": "not UTF-8 (byte 2)",
        "binary.md": "binary",
        "empty.txt": "empty",
        "headings.md": "no text",
        "broken.pdf": "broken",
        "photo.jpg": "no reader for .jpg",
        "dangling.md": "broken link",
        "scan.pdf": "scan",
        "locked.pdf": "encrypted",
        "large.txt": "max_megabytes",
    }.items():
        assert part in reasons.pop(name)
    assert reasons == {}


def test_a_file_without_permission_is_listed(tmp_path: Path) -> None:
    (tmp_path / "good.md").write_text("text")
    (tmp_path / "closed.md").write_text("text")
    (tmp_path / "closed.md").chmod(0)
    skipped = read_corpus(Settings(folder=str(tmp_path))).skipped
    # The superuser may read everything.
    assert [item.reason for item in skipped] == ([] if os.geteuid() == 0 else ["Permission denied"])


def test_pdf_pages_stand_where_headings_do(tmp_path: Path) -> None:
    stream = b"BT /F1 12 Tf 20 50 Td (The warranty lasts two years.) Tj ET"
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 300 100] /Contents 4 0 R "
        b"/Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(stream), stream),
    ]
    content, offsets = b"%PDF-1.4\n", []
    for number, body in enumerate(objects, start=1):
        offsets.append(len(content))
        content += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % offset for offset in offsets)
    content += b"xref\n0 5\n0000000000 65535 f \n%strailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF" % (
        table,
        len(content),
    )
    document = only(tmp_path, "a.pdf", content)
    assert document.blocks[0].headings == ("page 1",)
    assert "The warranty lasts two years." in document.text


@pytest.mark.parametrize("make", ["missing", "empty", "file"])
def test_no_corpus_is_an_error(tmp_path: Path, make: str) -> None:
    folder = tmp_path / "docs"
    if make == "empty":
        folder.mkdir()
    if make == "file":
        folder.write_text("x")
    with pytest.raises(UserError, match=r"does not exist|can be read|not a folder"):
        read_corpus(Settings(folder=str(folder)))


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("plain words".encode("utf-16-le"), "looks like utf-16-le without a byte-order mark"),
        ("plain words".encode("utf-16-be"), "looks like utf-16-be without a byte-order mark"),
        (b"\xff\xfea\0b", "cannot be decoded as utf-16 (byte"),
        (b"coding: klingon\n\xff", "the encoding klingon, which Python does not know"),
        (b"\x7fELF\0\0\0\1\2\3", "a binary file"),
    ],
)
def test_an_encoding_that_fails_is_named(tmp_path: Path, content: bytes, expected: str) -> None:
    (tmp_path / "good.md").write_text("text")
    (tmp_path / "bad.txt").write_bytes(content)
    (skipped,) = read_corpus(Settings(folder=str(tmp_path))).skipped
    assert expected in skipped.reason


def test_utf16_without_a_mark_is_read_where_the_settings_say_so(tmp_path: Path) -> None:
    assert only(tmp_path, "a.txt", "größe".encode("utf-16-le"), encoding="utf-16-le").text == "größe"


def test_links_stay_within_the_folder(tmp_path: Path) -> None:
    folder, outside = tmp_path / "docs", tmp_path / "outside"
    (folder / ".data").mkdir(parents=True)
    outside.mkdir()
    (outside / "secret.md").write_text("secret words")
    (folder / ".data" / "inner.md").write_text("inner words")
    (folder / "inner.md").symlink_to(Path(".data", "inner.md"))
    (folder / "secret.md").symlink_to(outside / "secret.md")
    (folder / "more").symlink_to(outside)
    (folder / "self").symlink_to(folder)
    corpus = read_corpus(Settings(folder=str(folder)))
    assert [document.path for document in corpus.documents] == ["inner.md"]
    assert {item.path: item.reason.partition(";")[0] for item in corpus.skipped} == {
        "secret.md": "a link that leads out of the documents folder",
        "more": "a link that leads out of the documents folder",
        "self": "a link to a folder, which is not followed",
    }


def test_each_stage_of_reading_is_reported(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("text")
    (tmp_path / "b.jpg").write_text("no text")
    (tmp_path / "c.csv").write_text("n\n1\n2\n")
    done: dict[str, list[int]] = {}

    def progress(label: str, steps: int) -> Advance:
        done[label] = [steps, 0]

        def advance(count: int) -> None:
            done[label][1] += count

        return advance

    read_corpus(Settings(folder=str(tmp_path)), progress)
    assert done == {"reading": [3, 3], "comparing": [3, 3]}


def test_every_kind_of_file_that_is_named_has_a_parser() -> None:
    assert (*TEXT_FORMATS, *BYTE_FORMATS, *ROW_FORMATS) == SUFFIXES
