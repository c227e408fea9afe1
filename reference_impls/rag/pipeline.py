"""The way of a question: a look-up, or else retrieve, decide whether anything supports an answer, answer or refuse."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import partial

from ..embedding.base import Embedder, Vectors
from ..language_models.base import Generation, LanguageModel, Prompt
from ..language_models.choose import make_model
from ..lookups.answering import open_lookups
from ..project_base.errors import QuestionError
from ..reranking.base import Reranker
from ..reranking.load import load_reranker
from ..retrieval.access import NO_FILTERS, NOBODY, Filters, Reader
from ..retrieval.index import open_index
from ..retrieval.lexical import stop_words
from ..retrieval.manifest import Manifest
from ..retrieval.search import Hit, Retriever
from .answer import REFUSAL, Answer, flags_of, from_row, quotes_of, sources_of
from .finding import Finder
from .lookup import look_up
from .passages import Evidence, found_passages, whole_documents
from .rewriting import make_rewriter
from .settings import ProjectSettings


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
            yield from_row(question, row, started)
            return
        visible = self.retriever.visible(reader, where)
        found = self.finder.find(question, vector, self._settings.rag.passages, visible)
        support = self.retriever.support(question, vector, found.hits, visible)
        retrieved = time.perf_counter()
        generation, reason = Generation(""), ""
        evidence: list[Evidence] = []
        if support < self._settings.rag.refuse_below or not found.hits:
            reason = f"support {support:.2f} is below rag.refuse_below ({self._settings.rag.refuse_below:g})"
        else:
            evidence = found_passages(found.hits)
            if self._settings.rag.fallback == "documents":
                generation = self._model.generate(_prompt(question, evidence, vector))
                wider = [] if generation.text else self._documents(found.hits)
                evidence = wider or evidence
                write = write if wider else partial(_written, generation)
            for step in write(_prompt(question, evidence, vector)):
                if isinstance(step, Generation):
                    generation = step
                else:
                    yield step
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
            quotes=() if reason else quotes_of(generation),
            sources=() if reason else sources_of(generation, evidence),
            flags=flags_of(evidence),
            searched=found.searched,
            note=found.note,
            retrieval_ms=round((retrieved - started) * 1000, 3),
            total_ms=round((ended - started) * 1000, 3),
        )

    def _documents(self, hits: Sequence[Hit]) -> list[Evidence]:
        return whole_documents(self.retriever, hits, self._settings.rag.fallback_words)


def _prompt(question: str, evidence: Sequence[Evidence], vector: Vectors) -> Prompt:
    return Prompt(question, tuple(each.passage() for each in evidence), vector)


def _written(generation: Generation, _prompt: Prompt) -> Iterator[str | Generation]:
    """What was written already, as a model streams it."""
    if generation.text:
        yield generation.text
    yield generation


def check_question(question: str, longest: int) -> str:
    """The question without white space around it.

    Raises:
        QuestionError: It is empty, longer than allowed, or not valid text.
    """
    question = question.strip()
    if not question:
        raise QuestionError("the question is empty", "ask in a sentence, for example: How long is the warranty?")
    if len(question) > longest:
        raise QuestionError(
            f"the question has {len(question):,} characters; allowed are {longest:,} (rag.question_characters)",
            "ask in fewer words",
        )
    try:
        question.encode("utf-8")
    except UnicodeEncodeError as error:
        raise QuestionError("the question is not valid UTF-8 text", "type it again, in a UTF-8 terminal") from error
    return question
