from hashlib import sha256

import pytest

from ..chunking import chunk_document
from ..documents import Document
from ..formats import read_markdown
from ..settings import Settings


def document(source: str) -> Document:
    title, text, blocks = read_markdown(source)
    return Document("a.md", title or "a", text, blocks, sha256(source.encode()).hexdigest())


SOURCE = (
    "# T\n\n"
    + "\n\n".join(" ".join(f"w{number}x{word}" for word in range(15)) for number in range(4))
    + "\n\n## S\n\nend"
)


def test_paragraphs_are_packed_within_a_section() -> None:
    chunks = chunk_document(document(SOURCE), Settings(folder="x", chunk_words=30))
    assert [chunk.blocks for chunk in chunks] == [(0, 1), (2, 3), (4,)]
    assert chunks[2].context == "T > S"
    assert [chunk.id for chunk in chunks] == ["a.md#0", "a.md#1", "a.md#2"]


def test_by_paragraph_each_stays_apart() -> None:
    chunks = chunk_document(document(SOURCE), Settings(folder="x", chunk_by="paragraph", chunk_words=30))
    assert [chunk.blocks for chunk in chunks] == [(0,), (1,), (2,), (3,), (4,)]


@pytest.mark.parametrize("text", ["One two three. " * 40, "word " * 500, "x" * 3000, "一二三四五六七八九十。" * 300])
def test_long_paragraphs_lose_nothing_and_stay_below_the_limit(text: str) -> None:
    source = document(text)
    chunks = chunk_document(source, Settings(folder="x", chunk_words=25))
    assert len(chunks) > 1
    assert "".join("".join(chunk.text.split()) for chunk in chunks) == "".join(text.split())
    for chunk in chunks:
        assert len(chunk.text.split()) <= 25
        assert source.text[chunk.start : chunk.end] == chunk.text
