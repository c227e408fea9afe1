"""Cuts documents into chunks along their structure."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

from ..texts.sentences import sentence_spans
from .documents import Block, Document
from .settings import Settings

_LONGEST_WORD = 20


@dataclass(frozen=True)
class Chunk:
    """A passage that is indexed, found and quoted as one.

    Attributes:
        id: `path#number`, unique in an index.
        document: Path of the document below the corpus folder.
        title: Title of the document.
        headings: Titles of the sections around the passage, outermost first.
        text: The passage, exactly as in the text of the document.
        start: Offset of its first character in the text of the document.
        end: Offset after its last character.
        blocks: Ordinals of the blocks that it covers, wholly or in part.
    """

    id: str
    document: str
    title: str
    headings: tuple[str, ...]
    text: str
    start: int
    end: int
    blocks: tuple[int, ...]

    @property
    def context(self) -> str:
        """Title and headings in one line, each once: what the passage is about when its text does not say so."""
        return " > ".join(dict.fromkeys((self.title, *self.headings)))


@dataclass(frozen=True)
class _Piece:
    block: int
    headings: tuple[str, ...]
    start: int
    end: int
    words: int


def chunk_document(document: Document, settings: Settings) -> list[Chunk]:
    """Cuts one document.

    Blocks stay whole and are packed, within one section, up to `chunk_words`; longer blocks are split at sentence
    ends, and a sentence that is longer still at white space. Every character of every block is in exactly one chunk,
    apart from white space at the seams.

    Args:
        document: The document.
        settings: `chunk_by` and `chunk_words`.
    """
    chunks: list[Chunk] = []
    pack: list[_Piece] = []
    for piece in _pieces(document, settings.chunk_words):
        if pack and not _fits(pack, piece, settings):
            chunks.append(_chunk(document, pack, len(chunks)))
            pack = []
        pack.append(piece)
    if pack:
        chunks.append(_chunk(document, pack, len(chunks)))
    return chunks


def _fits(pack: list[_Piece], piece: _Piece, settings: Settings) -> bool:
    if settings.chunk_by == "paragraph" and piece.block != pack[-1].block:
        return False
    words = sum(part.words for part in pack) + piece.words
    return piece.headings == pack[-1].headings and words <= settings.chunk_words


def _pieces(document: Document, most_words: int) -> Iterator[_Piece]:
    for block in document.blocks:
        words = _count_words(document.text[block.start : block.end])
        if words <= most_words:
            yield _Piece(block.ordinal, block.headings, block.start, block.end, words)
        else:
            yield from _sentence_pieces(document.text, block, most_words)


def _sentence_pieces(text: str, block: Block, most_words: int) -> Iterator[_Piece]:
    for start, end in sentence_spans(text[block.start : block.end]):
        for cut_start, cut_end in _word_cuts(text, block.start + start, block.start + end, most_words):
            words = _count_words(text[cut_start:cut_end])
            yield _Piece(block.ordinal, block.headings, cut_start, cut_end, words)


def _word_cuts(text: str, start: int, end: int, most_words: int) -> Iterator[tuple[int, int]]:
    longest = most_words * _LONGEST_WORD
    if _count_words(text[start:end]) <= most_words:
        yield start, end
        return
    position = start
    while position < end:
        head = text[position : min(position + longest, end)]
        parts = head.split(maxsplit=most_words)
        cut = position + (len(head) - len(parts[-1]) if len(parts) > most_words else len(head))
        yield position, position + len(text[position:cut].rstrip())
        position = cut + len(text[cut:end]) - len(text[cut:end].lstrip())


def _count_words(text: str) -> int:
    # A run without white space (a data dump, some scripts) counts by its length.
    return max(len(text.split()), math.ceil(len(text) / _LONGEST_WORD))


def _chunk(document: Document, pack: list[_Piece], number: int) -> Chunk:
    start, end = pack[0].start, pack[-1].end
    return Chunk(
        id=f"{document.path}#{number}",
        document=document.path,
        title=document.title,
        headings=pack[0].headings,
        text=document.text[start:end],
        start=start,
        end=end,
        blocks=tuple(dict.fromkeys(piece.block for piece in pack)),
    )
