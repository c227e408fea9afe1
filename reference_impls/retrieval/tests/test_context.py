from pathlib import Path

import pytest

from ...corpus.chunking import Chunk, chunk_document
from ...corpus.documents import Block, Document
from ...corpus.reading import read_corpus
from ...corpus.settings import Settings as CorpusSettings
from ..context import Context, indexed_text, summary_of

PAGE = """# Bridge B1

- small and quiet
- made of steel

Source: somewhere on the shelf

The bridge joins sensors to the network. It runs on two batteries.

## Care

Wipe it with a dry cloth every month. Never use water on it.
"""


def document(text: str, tmp_path: Path) -> Document:
    (tmp_path / "page.md").write_text(text, encoding="utf-8")
    return read_corpus(CorpusSettings(folder=str(tmp_path))).documents[0]


def chunks(found: Document, tmp_path: Path) -> list[Chunk]:
    return chunk_document(found, CorpusSettings(folder=str(tmp_path)))


def test_a_summary_is_the_first_running_text(tmp_path: Path) -> None:
    summary = summary_of(document(PAGE, tmp_path))
    assert summary is not None
    assert summary.text == (
        "The bridge joins sensors to the network. It runs on two batteries. Wipe it with a dry cloth every month."
    )


@pytest.mark.parametrize(("context", "lines"), [("none", 0), ("headings", 1), ("summary", 2)])
def test_a_chunk_is_indexed_with_its_context(context: Context, lines: int, tmp_path: Path) -> None:
    found = document(PAGE, tmp_path)
    *_, care = chunks(found, tmp_path)
    text = indexed_text(care, context, summary_of(found))
    assert text.endswith(care.text)
    before = text.removesuffix(care.text).splitlines()
    assert len(before) == lines
    assert [care.context, *before][-1].startswith("The bridge joins" if context == "summary" else "Bridge B1 > Care")


def test_the_opening_is_not_said_twice(tmp_path: Path) -> None:
    found = document(PAGE, tmp_path)
    first, *_ = chunks(found, tmp_path)
    assert indexed_text(first, "summary", summary_of(found)) == indexed_text(first, "headings")


@pytest.mark.parametrize(
    "sentence",
    ["One word follows another until nobody reads on. ", "橋は センサーを網につなぎます。", "x" * 400 + ". "],
)
def test_a_summary_is_bounded_in_every_script(sentence: str, tmp_path: Path) -> None:
    summary = summary_of(document(f"# T\n\n{sentence * 40}", tmp_path))
    assert summary is not None
    assert len(summary.text) <= 300
    assert len(summary.text.split()) <= 40


def test_a_document_without_running_text_has_no_summary() -> None:
    text = "- one\n- two"
    found = Document("a.md", "T", text, (Block(0, ("T",), 0, len(text)),), "0" * 64)
    assert summary_of(found) is None
    (only,) = chunk_document(found, CorpusSettings(folder="."))
    assert indexed_text(only, "summary", None) == f"T\n{text}"
