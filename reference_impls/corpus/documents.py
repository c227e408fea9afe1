"""The nouns of the corpus: a document, its blocks, and the files that could not be read."""

from dataclasses import dataclass


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
    """The readable text of one file.

    Attributes:
        path: Path below the corpus folder, with forward slashes.
        title: First heading, or the file's name where it has none.
        text: All text; for markdown and plain text the file's own characters, else the extracted text.
        blocks: The blocks, in reading order.
        sha256: Hash of the file's bytes, hexadecimal.
    """

    path: str
    title: str
    text: str
    blocks: tuple[Block, ...]
    sha256: str


@dataclass(frozen=True)
class Skipped:
    """A file that is not in the index, and why."""

    path: str
    reason: str


@dataclass(frozen=True)
class Corpus:
    """All documents of a folder, sorted by path, and all files that were left out."""

    documents: tuple[Document, ...]
    skipped: tuple[Skipped, ...]


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
