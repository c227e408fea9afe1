"""The way of a question: a look-up, or else retrieve, decide whether anything supports an answer, answer or refuse."""

import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ..corpus.reading import list_files
from ..corpus.suffixes import SUFFIXES
from ..embedding.base import Embedder
from ..language_models.base import Generation, LanguageModel, Passage, Prompt
from ..language_models.choose import make_model
from ..language_models.instructions import suspicions
from ..lookups.answering import LookupAnswer, open_lookups
from ..project_base.errors import UserError
from ..project_base.progress import Progress, silent
from ..reranking.base import Reranker
from ..reranking.load import load_reranker
from ..retrieval.access import NO_FILTERS, NOBODY, Filters, Reader
from ..retrieval.build import BuildReport, build_index, changed_documents
from ..retrieval.index import open_index
from ..retrieval.lexical import stop_words
from ..retrieval.manifest import Manifest, read_manifest
from ..retrieval.search import Hit, Retriever
from .finding import Finder
from .lookup import look_up
from .rewriting import make_rewriter
from .settings import ProjectSettings

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


class Pipeline:
    """Answers questions from one open index.

    Args:
        settings: The project's settings.
        embedder: The model that embedded the index.
        model: The answering model; by default the one that the settings name.
        reranker: What orders passages anew; by default the one that the settings name, if any.

    Raises:
        UserError: There is no index that fits the settings, or a model cannot be loaded.
    """

    def __init__(
        self,
        settings: ProjectSettings,
        embedder: Embedder,
        model: LanguageModel | None = None,
        reranker: Reranker | None = None,
    ) -> None:
        self._settings = settings
        index = open_index(settings.corpus, settings.retrieval, settings.vector_stores, embedder.id)
        self.manifest: Manifest = index.manifest
        self.retriever = Retriever(index, embedder, settings.retrieval)
        self._lookups = open_lookups(settings.lookups, embedder)
        stopped = stop_words(settings.retrieval.stop_words)
        self._model = model or make_model(settings.language_models, embedder, stopped)
        rewriter = make_rewriter(settings.rag, self._model)
        order = reranker or load_reranker(settings.reranking)
        self.finder = Finder(self.retriever, settings.retrieval, rewriter, order, settings.reranking.candidates)

    def ask(self, question: str, reader: Reader | None = NOBODY, where: Filters = NO_FILTERS) -> Answer:
        """Answers one question.

        Args:
            question: The question.
            reader: Who asks; None is the owner of the index, who sees everything.
            where: Metadata that a document must have to take part, by name.

        Raises:
            UserError: The question is empty, too long or not text, or the model fails.
        """
        steps = self._answer(question, reader, where, lambda prompt: [self._model.generate(prompt)])
        return next(step for step in steps if isinstance(step, Answer))

    def stream(
        self, question: str, reader: Reader | None = NOBODY, where: Filters = NO_FILTERS
    ) -> Iterator[str | Answer]:
        """Answers one question piece by piece; the arguments are those of `ask`.

        Yields:
            Pieces of text as they are written, then the `Answer`, last and once. Only that counts: an answer that
            cites nothing is refused after its pieces have been shown.

        Raises:
            UserError: As `ask`, and where the answer breaks off.
        """
        return self._answer(question, reader, where, self._model.stream)

    def support(self, question: str, leave_out: frozenset[str] = frozenset()) -> float:
        """How well the best passage supports an answer, in [0, 1]: what `rag.refuse_below` is compared with.

        Args:
            question: The question.
            leave_out: Paths of documents that take no part, as if the index did not hold them.

        Raises:
            UserError: The question is empty, too long or not text.
        """
        question = check_question(question, self._settings.rag.question_characters)
        visible = self.retriever.without(leave_out) if leave_out else None
        vector = self.retriever.embed(question)
        found = self.finder.find(question, vector, self._settings.rag.passages, visible)
        return self.retriever.support(question, vector, found.hits, visible)

    def _answer(
        self,
        question: str,
        reader: Reader | None,
        where: Filters,
        write: Callable[[Prompt], Iterable[str | Generation]],
    ) -> Iterator[str | Answer]:
        question = check_question(question, self._settings.rag.question_characters)
        started = time.perf_counter()
        vector = self.retriever.embed(question)
        # A filter asks for documents: records have no such metadata.
        if (row := None if where else look_up(self._lookups, question, vector, reader)) is not None:
            yield _from_row(question, row, started)
            return
        visible = self.retriever.visible(reader, where)
        found = self.finder.find(question, vector, self._settings.rag.passages, visible)
        hits = found.hits
        support = self.retriever.support(question, vector, hits, visible)
        retrieved = time.perf_counter()
        generation, reason = Generation(""), ""
        passages: tuple[Passage, ...] = ()
        if support < self._settings.rag.refuse_below or not hits:
            reason = f"support {support:.2f} is below rag.refuse_below ({self._settings.rag.refuse_below:g})"
        else:
            passages = tuple(Passage(f"{hit.chunk.document} > {hit.chunk.context}", hit.chunk.text) for hit in hits)
            for written in write(Prompt(question, passages, vector)):
                if isinstance(written, Generation):
                    generation = written
                else:
                    yield written
            if not generation.text:
                reason = "the passages that were found do not hold an answer"
            elif self._settings.rag.require_citation and not generation.cited:
                reason = "the answer cites no passage (rag.require_citation)"
        ended = time.perf_counter()
        yield Answer(
            question=question,
            refused=bool(reason),
            text=REFUSAL if reason else generation.text,
            reason=reason,
            support=round(support, 4),
            quotes=() if reason else tuple(_quotes(generation)),
            sources=() if reason else tuple(_sources(generation, hits)),
            flags=tuple(_flags(hits)) if passages else (),
            searched=found.searched,
            note=found.note,
            retrieval_ms=round((retrieved - started) * 1000, 3),
            total_ms=round((ended - started) * 1000, 3),
        )


def check_question(question: str, longest: int) -> str:
    """The question without white space around it.

    Raises:
        UserError: It is empty, longer than allowed, or not valid text.
    """
    question = question.strip()
    if not question:
        raise UserError("the question is empty", "ask in a sentence, for example: How long is the warranty?")
    if len(question) > longest:
        raise UserError(
            f"the question has {len(question):,} characters; allowed are {longest:,} (rag.question_characters)",
            "ask in fewer words",
        )
    try:
        question.encode("utf-8")
    except UnicodeEncodeError as error:
        raise UserError("the question is not valid UTF-8 text", "type it again, in a UTF-8 terminal") from error
    return question


def check_documents(settings: ProjectSettings) -> None:
    """Fails early, before a model is loaded, where there is nothing to index.

    Raises:
        UserError: The folder is missing or holds no file.
    """
    if not list_files(Path(settings.corpus.folder)):
        raise UserError(
            f"the document folder {settings.corpus.folder} holds no files",
            f"put files of these kinds there: {', '.join(SUFFIXES)}",
        )


def update_index(
    settings: ProjectSettings, embedder: Embedder, *, rebuild: bool = False, progress: Progress = silent
) -> BuildReport:
    """Brings the project's index in line with its documents."""
    return build_index(
        settings.corpus, settings.retrieval, settings.vector_stores, embedder, rebuild=rebuild, progress=progress
    )


def documents_changed(settings: ProjectSettings) -> list[str]:
    """Paths that differ between the folder and the index; empty where there is no index."""
    manifest = read_manifest(Path(settings.retrieval.index_folder))
    return changed_documents(settings.corpus, manifest) if manifest else []


def _from_row(question: str, row: LookupAnswer, started: float) -> Answer:
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


def _quotes(generation: Generation) -> list[QuotedSentence]:
    return [QuotedSentence(text=quote.text, source=quote.passage + 1) for quote in generation.quotes]


def _sources(generation: Generation, hits: list[Hit]) -> list[Source]:
    cited = sorted(number for number in generation.cited if number < len(hits))
    return [
        Source(
            number=number + 1,
            document=hits[number].chunk.document,
            heading=hits[number].chunk.context,
            start=hits[number].chunk.start,
            end=hits[number].chunk.end,
        )
        for number in cited
    ]


def _flags(hits: list[Hit]) -> list[Flag]:
    found = [
        Flag(document=hit.chunk.document, kind=item.kind, text=item.sentence)
        for hit in hits
        for item in suspicions(f"{hit.chunk.context}\n\n{hit.chunk.text}")
    ]
    # Chunks overlap, and those of a section share its heading: a sentence is told once.
    return list(dict.fromkeys(found))
