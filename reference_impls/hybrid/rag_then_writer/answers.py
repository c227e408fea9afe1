"""Retrieval states the facts, the tuned writer words them, and what loses a fact goes out as it was stated."""

import threading
import time
from pathlib import Path

from ...labelled_data.base import Example
from ...labelled_data.reading import read_examples
from ...rag.live import LivePipeline
from ...retrieval.access import NO_FILTERS, NOBODY, Filters, Reader
from ..base import Reply, Work
from ..retrieval_half import open_retrieval, reply_of
from ..settings import ProjectSettings
from ..tuned_writer import LiveWriter, notices
from .writing import HouseWriter, house_words


class WrittenAnswers:
    """Answers in the house style.

    Args:
        retrieval: States the facts.
        writer: For its version and notices.
        house: Words them.
    """

    def __init__(self, retrieval: LivePipeline, writer: LiveWriter, house: HouseWriter) -> None:
        self._retrieval = retrieval
        self._writer = writer
        self._house = house
        self._counting = threading.Lock()
        self._counts = {"styled": 0, "unstyled": 0}

    @property
    def counts(self) -> dict[str, int]:
        """How many drafts went out in the house style so far, and how many as they were stated."""
        with self._counting:
            return dict(self._counts)

    @property
    def index(self) -> str:
        """The generation of the index that answers."""
        return self._retrieval.current().pipeline.manifest.generation

    def ask(self, question: str, reader: Reader = NOBODY, where: Filters = NO_FILTERS) -> Reply:
        """Answers one question.

        Raises:
            QuestionError: The question is empty, too long or not text.
            UserError: Index or model cannot answer.
        """
        started = time.perf_counter()
        version = self._writer.version
        answer = self._retrieval.ask(question, reader, where)
        if answer.refused or answer.lookup is not None:
            return reply_of(answer, started, why="there is nothing to word", version=version)
        worded = self._house.word(answer.question, answer.text)
        with self._counting:
            self._counts["unstyled" if worded.faults else "styled"] += 1
        notes = (answer.note, *notices([self._writer.current()]))
        if worded.faults:
            counts, lost = self.counts, "; ".join(worded.faults[:3])
            return reply_of(
                answer,
                started,
                why=f"the rewriting was put aside ({lost}), and the stated facts go out as they are; so did "
                f"{counts['unstyled']} of {sum(counts.values())} drafts since the start",
                version=version,
                notes=tuple(note for note in notes if note),
            )
        return reply_of(
            answer,
            started,
            way="tuned",
            why="the writer worded the stated facts, and all of them survived",
            text=worded.text,
            version=version,
            notes=tuple(note for note in notes if note),
        )


def drafts_of(settings: ProjectSettings) -> tuple[Example, ...]:
    """Drafts with their edited form.

    Raises:
        UserError: They cannot be read.
    """
    return tuple(read_examples(Path(settings.fine_tuning.examples), "generation", settings.labelled_data).examples)


def open_written(settings: ProjectSettings, work: Work) -> WrittenAnswers:
    """Opens both halves.

    Raises:
        UserError: One of them cannot be opened, or the edited drafts are gone, which say what the house adds.
    """
    writer = LiveWriter(settings, work.version)
    house = HouseWriter(writer.current, house_words(drafts_of(settings)))
    return WrittenAnswers(open_retrieval(settings, work), writer, house)
