"""The retrieval half with a tuned model as the one that answers."""

import time

from ...rag.live import LivePipeline
from ...retrieval.access import NO_FILTERS, NOBODY, Filters, Reader
from ..base import Reply, Work
from ..judging_answers import without_cache
from ..retrieval_half import open_retrieval, reply_of
from ..settings import ProjectSettings
from ..tuned_writer import LiveWriter, TunedGenerator, notices


class TunedAnswers:
    """Answers written by a tuned model from the passages that are found.

    Args:
        retrieval: Whose model is the tuned one.
        writer: The same, for its version.
    """

    def __init__(self, retrieval: LivePipeline, writer: LiveWriter) -> None:
        self._retrieval = retrieval
        self._writer = writer

    def ask(self, question: str, reader: Reader = NOBODY, where: Filters = NO_FILTERS) -> Reply:
        """Answers one question.

        Raises:
            QuestionError: The question is empty, too long or not text.
            UserError: Index or model cannot answer.
        """
        started = time.perf_counter()
        version, said = self._writer.version, notices([self._writer.current()])
        answer = self._retrieval.ask(question, reader, where)
        if answer.lookup is not None:
            return reply_of(answer, started, why="a row of a look-up answers", version=version)
        return reply_of(
            answer,
            started,
            way="none" if answer.refused else "tuned",
            why="the tuned model answered from the passages" if not answer.refused else answer.reason,
            version=version,
            notes=tuple(note for note in (answer.note, *said) if note),
        )


def open_tuned(settings: ProjectSettings, work: Work) -> TunedAnswers:
    """Opens index and model.

    Raises:
        UserError: There is no such version, none is in service, its base model is gone or another one, or the index
            does not fit.
    """
    writer = LiveWriter(settings, work.version)
    return TunedAnswers(open_retrieval(without_cache(settings), work, None, TunedGenerator(writer.current)), writer)
