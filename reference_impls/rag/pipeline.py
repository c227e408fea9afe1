"""The way of a question: retrieve, decide whether anything supports an answer, answer or refuse."""

import time
from pathlib import Path

from pydantic import BaseModel, ConfigDict

from ..corpus.formats import SUFFIXES
from ..corpus.reading import list_files
from ..language_models.base import Generation, LanguageModel, Passage, Prompt
from ..language_models.choose import make_model
from ..project_base.errors import UserError
from ..project_base.progress import Progress, silent
from ..retrieval.build import BuildReport, build_index, changed_documents
from ..retrieval.embedding import Embedder
from ..retrieval.index import open_index
from ..retrieval.lexical import stop_words
from ..retrieval.manifest import Manifest, read_manifest
from ..retrieval.search import Hit, Retriever
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


class Answer(_Frozen):
    """What became of a question.

    Attributes:
        question: As it was asked.
        refused: True when no answer is given.
        text: The answer with [n] citations, or the refusal.
        reason: Why it was refused, else empty.
        support: How well the best passage supports an answer, in [0, 1].
        quotes: Sentences of the sources, word for word.
        sources: The cited passages, by number.
        retrieval_ms: Wall-clock time of embedding and search, in milliseconds.
        total_ms: Wall-clock time of everything, in milliseconds.
    """

    question: str
    refused: bool
    text: str
    reason: str
    support: float
    quotes: tuple[QuotedSentence, ...]
    sources: tuple[Source, ...]
    retrieval_ms: float
    total_ms: float


class Pipeline:
    """Answers questions from one open index.

    Args:
        settings: The project's settings.
        embedder: The model that embedded the index.
        model: The answering model; by default the one that the settings name.

    Raises:
        UserError: There is no index that fits the settings, or a model cannot be loaded.
    """

    def __init__(self, settings: ProjectSettings, embedder: Embedder, model: LanguageModel | None = None) -> None:
        self._settings = settings
        index = open_index(settings.corpus, settings.retrieval, settings.vector_stores, embedder.id)
        self.manifest: Manifest = index.manifest
        self.retriever = Retriever(index, embedder, settings.retrieval)
        stopped = stop_words(settings.retrieval.stop_words)
        self._model = model or make_model(settings.language_models, embedder, stopped)

    def ask(self, question: str) -> Answer:
        """Answers one question.

        Raises:
            UserError: The question is empty, too long or not text, or the model fails.
        """
        question = check_question(question, self._settings.rag.question_characters)
        started = time.perf_counter()
        vector = self.retriever.embed(question)
        hits = self.retriever.search(question, vector, self._settings.rag.passages)
        support = self.retriever.support(question, vector, hits)
        retrieved = time.perf_counter()
        generation, reason = Generation(""), ""
        if support < self._settings.rag.refuse_below or not hits:
            reason = f"support {support:.2f} is below rag.refuse_below ({self._settings.rag.refuse_below:g})"
        else:
            passages = tuple(Passage(f"{hit.chunk.document} > {hit.chunk.context}", hit.chunk.text) for hit in hits)
            generation = self._model.generate(Prompt(question, passages, vector))
            if not generation.text:
                reason = "the passages that were found do not hold an answer"
            elif self._settings.rag.require_citation and not generation.cited:
                reason = "the answer cites no passage (rag.require_citation)"
        ended = time.perf_counter()
        return Answer(
            question=question,
            refused=bool(reason),
            text=REFUSAL if reason else generation.text,
            reason=reason,
            support=round(support, 4),
            quotes=() if reason else tuple(_quotes(generation)),
            sources=() if reason else tuple(_sources(generation, hits)),
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
