"""Every chunk stands in the text of its document where its offsets say, whatever the file looks like."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from tempfile import TemporaryDirectory

import docx
from hypothesis import given
from hypothesis import strategies as st

from reference_impls.corpus.chunking import Chunk, chunk_document
from reference_impls.corpus.documents import Document
from reference_impls.corpus.reading import read_corpus
from reference_impls.corpus.settings import Settings
from reference_impls.corpus.stored import from_line, to_line
from reference_impls.retrieval.chunk_file import ChunkFile, write_chunks

WORDS = st.text(alphabet="abc .!?:\t|-*#_>`<&;'\"\\äß漢。\u00a0", max_size=40)
LINES = st.lists(WORDS, min_size=1, max_size=12)
MARKUP = st.sampled_from(
    ["# ", "## ", "- ", "> ", "    ", "```", "| a | b |", "---", "===", "", "<p>", "<h2>", "</ul>", ".. "]
)
PAPER = st.lists(st.tuples(MARKUP, WORDS).map("".join), min_size=1, max_size=15).map("\n".join)


def chunks_of(suffix: str, content: bytes, words: int) -> list[tuple[Document, Chunk]]:
    with TemporaryDirectory() as folder:
        Path(folder, "always.txt").write_text("words")
        Path(folder, f"file{suffix}").write_bytes(content)
        settings = Settings(folder=folder, chunk_words=words, record_title="a", record_metadata="b")
        corpus = read_corpus(settings)
        pairs = [(document, chunk) for document in corpus.documents for chunk in chunk_document(document, settings)]
        write_chunks(Path(folder), [chunk for _, chunk in pairs])
        assert list(ChunkFile(Path(folder))) == [chunk for _, chunk in pairs]
        assert tuple(from_line(to_line(file)) for file in corpus.files) == corpus.files
    return pairs


def check(pairs: list[tuple[Document, Chunk]]) -> None:
    for document, chunk in pairs:
        assert document.text[chunk.start : chunk.end] == chunk.text
        assert chunk.text.strip()
        assert chunk.document == document.path
    ids = [chunk.id for _, chunk in pairs]
    assert len(set(ids)) == len(ids)


@given(st.sampled_from([".md", ".txt", ".html", ".rst"]), PAPER, st.sampled_from(["", "---\nb: x\n---\n"]))
def test_marked_up_text(suffix: str, text: str, front: str) -> None:
    check(chunks_of(suffix, (front + text).encode(), 20))


@given(st.lists(LINES.filter(lambda cells: len(cells) > 1), min_size=1, max_size=5))
def test_tables(rows: list[list[str]]) -> None:
    stream = io.StringIO()
    csv.writer(stream).writerows([["a", "b"], *([row[0], " ".join(row[1:])] for row in rows)])
    check(chunks_of(".csv", stream.getvalue().encode(), 20))
    lines = "\n".join(json.dumps({"a": row[0], "b": row[1:]}) for row in rows)
    check(chunks_of(".jsonl", lines.encode(), 20))


@given(st.lists(st.tuples(st.sampled_from(["Heading 1", "Heading 3", "List Bullet", "Normal"]), WORDS), max_size=8))
def test_word_files(paragraphs: list[tuple[str, str]]) -> None:
    word = docx.Document()
    for style, text in paragraphs:
        word.add_paragraph(text, style=style)
    stream = io.BytesIO()
    word.save(stream)
    check(chunks_of(".docx", stream.getvalue(), 20))
