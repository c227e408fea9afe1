"""A pipeline that many threads ask and that follows the index: what `index` publishes counts without a restart."""

import logging
import threading
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from ..embedding.base import Embedder
from ..language_models.base import LanguageModel
from ..language_models.choose import make_model
from ..project_base.errors import QuestionError, UserError
from ..reranking.load import load_reranker
from ..retrieval.access import NO_FILTERS, NOBODY, Filters, Reader
from ..retrieval.lexical import stop_words
from ..retrieval.manifest import MANIFEST
from ..serving.problems import Unavailable
from .answer import Answer
from .answer_cache import AnswerCache, cache_key
from .pipeline import Pipeline, check_question
from .settings import ProjectSettings
from .shared_models import SharedEmbedder, SharedModel, SharedReranker

_LOG = logging.getLogger(__name__)

_FileState = tuple[int, int, int] | None

_TRY_AGAIN_S = 5.0


@dataclass(frozen=True)
class Opened:
    """An open index with the answers that it gave.

    Attributes:
        pipeline: Answers from it.
        answers: Those given so far. A new index starts with none, so nothing outlives a changed or deleted document.
        since: When it was opened, in UTC.
    """

    pipeline: Pipeline
    answers: AnswerCache
    since: datetime


class LivePipeline:
    """Answers from the newest index.

    Before each question one look at the manifest's file tells whether there is a new index. Whoever sees that first
    opens it, and whoever asks meanwhile waits: the old one may hold what was deleted, or what somebody may no longer
    read. For the same reason an index that cannot be opened stops the answers; it is tried again after some seconds.

    Args:
        settings: The project's settings.
        embedder: The model that embedded the index.
        model: The answering model; by default the one that the settings name. It stays loaded when the index changes.

    Raises:
        UserError: There is no index that fits the settings, or a model cannot be loaded.
    """

    def __init__(self, settings: ProjectSettings, embedder: Embedder, model: LanguageModel | None = None) -> None:
        self._settings = settings
        self._manifest = Path(settings.retrieval.index_folder) / MANIFEST
        self._embedder = SharedEmbedder(embedder)
        made = model or make_model(settings.language_models, self._embedder, stop_words(settings.retrieval.stop_words))
        self._model = SharedModel(made, one_at_a_time=settings.language_models.generator == "local")
        reranker = load_reranker(settings.reranking)
        self._reranker = None if reranker is None else SharedReranker(reranker)
        self._opening = threading.Lock()
        self._try_again = 0.0
        # Noted before the index is read: what is published meanwhile must look new afterwards.
        state = self._file_state()
        opened = self._open()
        if isinstance(opened, UserError):
            raise opened
        # One value, so that no thread sees the state of one index beside the answers of another.
        self._latest: tuple[_FileState, Opened | UserError] = (state, opened)

    def ask(self, question: str, reader: Reader = NOBODY, where: Filters = NO_FILTERS) -> Answer:
        """Answers one question, from the cache where it was answered before.

        Raises:
            UserError: The question or a filter is refused.
            Unavailable: The index or the model cannot answer.
        """
        started = time.perf_counter()
        question = check_question(question, self._settings.rag.question_characters)
        opened, key = self.current(), cache_key(question, reader, where)
        known = opened.answers.get(key)
        if known is not None:
            return _again(known, question, started)
        with _for_the_owner():
            answer = opened.pipeline.ask(question, reader, where)
        opened.answers.put(key, answer)
        return answer

    def stream(
        self, question: str, reader: Reader = NOBODY, where: Filters = NO_FILTERS
    ) -> Generator[str | Answer, None, None]:
        """Answers one question piece by piece, then with the `Answer`, last and once; a known text is one piece.

        Raises:
            UserError: As `ask`.
            Unavailable: As `ask`, and where the answer breaks off.
        """
        started = time.perf_counter()
        question = check_question(question, self._settings.rag.question_characters)
        opened, key = self.current(), cache_key(question, reader, where)
        known = opened.answers.get(key)
        if known is not None:
            if not known.refused:
                yield known.text
            yield _again(known, question, started)
            return
        with _for_the_owner():
            for step in opened.pipeline.stream(question, reader, where):
                if isinstance(step, Answer):
                    opened.answers.put(key, step)
                yield step

    def current(self) -> Opened:
        """The newest index, opened now if it is new.

        Raises:
            Unavailable: It cannot be opened.
        """
        if self._is_due():
            with self._opening:
                # Whoever waited finds the work done.
                if self._is_due():
                    state = self._file_state()
                    opened = self._open()
                    self._try_again = time.monotonic() + _TRY_AGAIN_S
                    self._latest = (state, opened)
        opened = self._latest[1]
        if isinstance(opened, UserError):
            raise Unavailable(opened.message, opened.next_step) from opened
        return opened

    def _is_due(self) -> bool:
        state, opened = self._latest
        failed = isinstance(opened, UserError) and time.monotonic() >= self._try_again
        return failed or self._file_state() != state

    def _open(self) -> Opened | UserError:
        try:
            pipeline = Pipeline(self._settings, self._embedder, self._model, self._reranker)
        except UserError as error:
            return error
        _LOG.info("answering from the index %s", pipeline.manifest.generation)
        # With look-ups an answer from documents may be outdated by a row that has come since.
        most = 0 if self._settings.lookups.file else self._settings.rag.cache_answers
        return Opened(pipeline, AnswerCache(most), datetime.now(UTC))

    def _file_state(self) -> _FileState:
        try:
            found = self._manifest.stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_ino, found.st_size


@contextmanager
def _for_the_owner() -> Iterator[None]:
    """Keeps what whoever asks cannot mend, and should not read, for the log: paths, tables, addresses."""
    try:
        yield
    except (QuestionError, Unavailable):
        raise
    except UserError as error:
        raise Unavailable(error.message, error.next_step) from error


def _again(known: Answer, question: str, started: float) -> Answer:
    passed = round((time.perf_counter() - started) * 1000, 3)
    return known.model_copy(update={"question": question, "cached": True, "retrieval_ms": 0.0, "total_ms": passed})
