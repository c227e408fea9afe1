"""What a model reads: the passages that were found, or the documents around them."""

from collections.abc import Sequence
from dataclasses import dataclass

from ..language_models.base import Passage
from ..retrieval.search import Hit, Retriever


@dataclass(frozen=True)
class Evidence:
    """A stretch of a document; offsets are characters in the text of the document."""

    document: str
    heading: str
    text: str
    start: int
    end: int

    def passage(self) -> Passage:
        """As a model sees it."""
        return Passage(f"{self.document} > {self.heading}", self.text)


def found_passages(hits: Sequence[Hit]) -> list[Evidence]:
    """The chunks that were found, best first."""
    return [
        Evidence(hit.chunk.document, hit.chunk.context, hit.chunk.text, hit.chunk.start, hit.chunk.end) for hit in hits
    ]


def whole_documents(retriever: Retriever, hits: Sequence[Hit], most_words: int) -> list[Evidence]:
    """The documents of the hits, best first, as far as they fit.

    Args:
        retriever: Of the index.
        hits: What was found.
        most_words: Most words of all documents together; one that does not fit is left out, and the next is tried.
    """
    first_hits = {hit.chunk.document: hit for hit in reversed(hits)}
    documents = [first_hits[path] for path in dict.fromkeys(hit.chunk.document for hit in hits)]
    evidence: list[Evidence] = []
    for hit in documents:
        chunks = retriever.document_around(hit.position)
        text = "\n\n".join(chunk.text for chunk in chunks)
        words = len(text.split())
        if words <= most_words:
            most_words -= words
            evidence.append(Evidence(hit.chunk.document, hit.chunk.title, text, chunks[0].start, chunks[-1].end))
    return evidence
