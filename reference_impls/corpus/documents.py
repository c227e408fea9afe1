"""The nouns of the corpus: a document, its blocks, and what became of files that are not in it as they stand."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Metadata = Mapping[str, str | int | float | bool]
EVERYBODY = ("*",)
"""The readers of a document that nothing restricts."""


@dataclass(frozen=True)
class Block:
    """One piece of a document that belongs together: a paragraph, a list, a table or a code listing.

    Attributes:
        ordinal: Number of the block in its document, from 0; headings are not counted.
        headings: Titles of the sections around it, outermost first.
        start: Offset of its first character in the text of the document.
        end: Offset after its last character.
    """

    ordinal: int
    headings: tuple[str, ...]
    start: int
    end: int


@dataclass(frozen=True)
class Document:
    """The readable text of one file, or of one record of a table.

    Attributes:
        path: Path below the corpus folder, with forward slashes; for a record with its row, as in `prices.csv#row=12`.
        title: First heading, or the file's name where it has none.
        text: All text; for markdown and plain text the file's own characters, else the extracted text.
        blocks: The blocks, in reading order.
        sha256: Hash of all that the document is made from, hexadecimal: the file's bytes (of a record its text), and
            its metadata, readers and tenant where it has any. It changes whenever anything in this value does.
        metadata: What is known about it beside its text, by name.
        readers: Users and groups that may read it; ("*",) is everybody.
        tenant: The tenant that it belongs to; None is shared by all.
        record_of: Path of the file that holds this record; None for a document that is a whole file.
    """

    path: str
    title: str
    text: str
    blocks: tuple[Block, ...]
    sha256: str
    metadata: Metadata = field(default_factory=dict, hash=False)
    readers: tuple[str, ...] = EVERYBODY
    tenant: str | None = None
    record_of: str | None = None

    @property
    def file(self) -> str:
        """Path of the file that holds it."""
        return self.record_of or self.path


@dataclass(frozen=True)
class Skipped:
    """A file or a record that is not in the index, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Remark:
    """Something about a file that its owner should know, although nothing was left out for it."""

    path: str
    text: str


@dataclass(frozen=True)
class ReadFile:
    """What one file gave, before `_metadata.yaml` is applied.

    Attributes:
        path: Path of the file below the corpus folder.
        documents: Its one document, or its records.
        skipped: Records of it that cannot be used.
    """

    path: str
    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]


@dataclass(frozen=True)
class Corpus:
    """All documents of a folder by path, all files and records that were left out, and what is remarkable.

    For the next time, `files` is what each readable file gave on its own, and `signatures` tells duplicates.
    """

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]
    remarks: tuple[Remark, ...] = ()
    files: tuple[ReadFile, ...] = ()
    signatures: Mapping[bytes, NDArray[np.uint64]] = field(default_factory=dict, hash=False)


class Unreadable(Exception):
    """A file has no text that can be used; the message is the reason shown to the user."""


class BlockBuilder:
    """Collects blocks while a reader walks its file, and joins their text with blank lines."""

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._blocks: list[Block] = []
        self._headings: list[tuple[int, str]] = []
        self._length = 0
        self.title: str | None = None

    def heading(self, level: int, text: str) -> None:
        """Opens a section; sections of the same or a deeper level end here. Level 1 is the outermost."""
        text = " ".join(text.split())
        if not text:
            return
        self._headings = [(depth, title) for depth, title in self._headings if depth < level]
        self._headings.append((level, text))
        self._append(text)
        self.title = self.title or text

    def block(self, text: str) -> None:
        """Adds a block under the open sections; blank text is left out."""
        text = text.strip()
        if not text:
            return
        start = self._append(text)
        headings = tuple(title for _, title in self._headings)
        self._blocks.append(Block(len(self._blocks), headings, start, start + len(text)))

    def _append(self, text: str) -> int:
        if self._parts:
            self._length += 2
        start = self._length
        self._parts.append(text)
        self._length += len(text)
        return start

    def result(self) -> tuple[str | None, str, tuple[Block, ...]]:
        """Title (None without headings), text and blocks."""
        return self.title, "\n\n".join(self._parts), tuple(self._blocks)
