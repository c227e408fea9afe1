"""What stands before a chunk in the index, so that it is found although its text does not say what it is about."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Literal

from ..corpus.chunking import Chunk
from ..corpus.documents import Document
from ..texts.sentences import sentences

Context = Literal["none", "headings", "summary"]

_SENTENCES = 3
_MOST_WORDS = 40
_MOST_CHARACTERS = 300
_SENTENCE_ENDS = tuple(".!?\u2026\u3002\uff01\uff1f\u0964\u061f\u06d4")


@dataclass(frozen=True)
class Summary:
    """The summary of a document; `ordinal` is the block from which it is taken first."""

    text: str
    ordinal: int


def summary_of(document: Document) -> Summary | None:
    """Summarises a document by its first three sentences, cut at 40 words or 300 characters.

    No language is assumed and no model is needed. The first three sentences are a strong summary of texts that open
    with their subject: See, Liu, Manning (2017), Get to the point, table 1, where they are ahead of trained models.
    Lists, tables and lines that do not end like a sentence are passed over.

    Args:
        document: The document.

    Returns:
        The summary, or None for a document without running text.
    """
    lead = list(islice(_running_text(document), _SENTENCES))
    if not lead:
        return None
    words = " ".join(sentence for _, sentence in lead).split()
    return Summary(" ".join(words[:_MOST_WORDS])[:_MOST_CHARACTERS], lead[0][0])


def _running_text(document: Document) -> Iterator[tuple[int, str]]:
    for block in document.blocks:
        for sentence in sentences(document.text[block.start : block.end]):
            if sentence.endswith(_SENTENCE_ENDS):
                yield block.ordinal, sentence


def indexed_text(chunk: Chunk, context: Context, summary: Summary | None = None) -> str:
    """The text that is embedded and whose words are counted for a chunk.

    Args:
        chunk: The chunk.
        context: What stands before its text: nothing, title and headings, or these and the summary.
        summary: Of its document. It is left out where its own block stands, and wherever a passage is judged
            rather than found: what another passage says does not support an answer.
    """
    parts = [] if context == "none" else [chunk.context]
    if context == "summary" and summary is not None and summary.ordinal not in chunk.blocks:
        parts.append(summary.text)
    return "\n".join([*parts, chunk.text])
