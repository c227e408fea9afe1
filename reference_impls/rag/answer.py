"""What becomes of a question."""

import time
from collections.abc import Iterable, Sequence

from pydantic import BaseModel, ConfigDict

from ..language_models.base import Generation
from ..language_models.instructions import suspicions
from ..lookups.answering import LookupAnswer
from .passages import Evidence

REFUSAL = "I cannot answer this from the documents."


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class QuotedSentence(_Frozen):
    """A sentence that stands word for word in source `source` (its number)."""

    text: str
    source: int


class Source(_Frozen):
    """A passage that the answer rests on; offsets are characters in the text of the document."""

    number: int
    document: str
    heading: str
    start: int
    end: int
    text: str


class Flag(_Frozen):
    """A sentence of a retrieved passage that addresses a language model; it was treated as text.

    Attributes:
        document: Where it stands.
        kind: What it seems to do.
        text: The sentence, word for word.
    """

    document: str
    kind: str
    text: str


class Answer(_Frozen):
    """What became of a question.

    Attributes:
        question: As it was asked.
        refused: True when no answer is given.
        text: The answer with [n] citations, or the refusal.
        reason: Why it was refused, else empty.
        support: How well the best passage supports an answer, in [0, 1]; for a row the similarity of the look-up.
        quotes: Sentences of the sources, word for word.
        sources: The cited passages, by number.
        flags: Instructions to a model in the passages that were handed to it, cited or not.
        searched: What was searched: the question, then its other wordings where `rag.rewrite` asks for them.
        note: What went otherwise than set, without harm to the answer; else empty.
        lookup: The rows that answer instead of passages, with their source; None where documents were searched.
        cached: True when the same was asked before of the same index, and nothing was retrieved or written again.
        retrieval_ms: Wall-clock time until the passages were found (rewriting, search, reranking), in milliseconds.
        total_ms: Wall-clock time of everything, in milliseconds.
    """

    question: str
    refused: bool
    text: str
    reason: str
    support: float
    quotes: tuple[QuotedSentence, ...]
    sources: tuple[Source, ...]
    flags: tuple[Flag, ...] = ()
    searched: tuple[str, ...] = ()
    note: str = ""
    lookup: LookupAnswer | None = None
    cached: bool = False
    retrieval_ms: float
    total_ms: float


def from_row(question: str, row: LookupAnswer, started: float) -> Answer:
    """The answer that a row of a look-up gives; `started` is of `time.perf_counter`, in seconds."""
    taken = round((time.perf_counter() - started) * 1000, 3)
    return Answer(
        question=question,
        refused=False,
        text=row.text,
        reason="",
        support=row.similarity,
        quotes=(),
        sources=(),
        lookup=row,
        retrieval_ms=taken,
        total_ms=taken,
    )


def quotes_of(generation: Generation) -> tuple[QuotedSentence, ...]:
    """The sentences that a model quotes."""
    return tuple(QuotedSentence(text=quote.text, source=quote.passage + 1) for quote in generation.quotes)


def sources_of(generation: Generation, evidence: Sequence[Evidence]) -> tuple[Source, ...]:
    """The passages that a model cites, by number; numbers that stand for nothing are passed over."""
    cited = sorted(number for number in generation.cited if number < len(evidence))
    return tuple(
        Source(
            number=number + 1,
            document=evidence[number].document,
            heading=evidence[number].heading,
            start=evidence[number].start,
            end=evidence[number].end,
            text=evidence[number].text,
        )
        for number in cited
    )


def flags_of(evidence: Iterable[Evidence]) -> tuple[Flag, ...]:
    """The instructions to a model in passages that were handed to one, each once."""
    found = [
        Flag(document=each.document, kind=item.kind, text=item.sentence)
        for each in evidence
        for item in suspicions(f"{each.heading}\n\n{each.text}")
    ]
    # Chunks overlap, and those of a section share its heading: a sentence is told once.
    return tuple(dict.fromkeys(found))
