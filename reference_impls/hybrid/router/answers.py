"""A router that is ready to answer."""

import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import cast

from ...fine_tuning.answering.answering import Answering
from ...labelled_data.base import Classifier
from ...project_base.errors import UserError
from ...project_base.rooms import command_line
from ...rag.live import LivePipeline
from ...rag.pipeline import check_question
from ...retrieval.access import NO_FILTERS, NOBODY, Filters, Reader
from ..base import Reply, Work
from ..result_files import known_result
from ..retrieval_half import open_retrieval, reply_of
from ..settings import ProjectSettings
from ..tuned_half import InUse
from .deciding import Decision, decide
from .handling import Handling, read_handling
from .limits import Limits, read_limits


class Sorter:
    """The tuned half: the classifier with its limits. Several threads may ask.

    Args:
        settings: Of the project.
        work: `version` names one of the registry; empty follows the version in service.
        handling: What is done with each label.

    Raises:
        UserError: There is no such version, none is in service, its base model is gone or another one, or its limits
            were chosen for something else, or were not judged.
    """

    def __init__(self, settings: ProjectSettings, work: Work, handling: Handling) -> None:
        self._wanted = settings.hybrid.wanted_accuracy
        # A version that is named is looked at before it is judged; one in service answers by what was judged alone.
        self._results = None if work.version else Path(settings.hybrid.results_folder)
        self._handling = handling
        self._turn = threading.Lock()
        self._version = InUse(settings, work.version)
        self._limits: tuple[str, Limits] = ("", self._read(self._version.current()))

    @property
    def limits(self) -> Limits:
        """Those that the last request met."""
        return self._limits[1]

    def decide(self, texts: Sequence[str]) -> tuple[list[Decision], str]:
        """The way of each request, and the version that chose it."""
        with self._turn:
            answering = self._version.current()
            if self._limits[0] != answering.name:
                self._limits = (answering.name, self._read(answering))
            limits = self._limits[1]
            rows = limits.calibrated(cast("Classifier", answering.model).probabilities(list(texts)))
        least = limits.threshold.threshold if limits.threshold else None
        return [
            decide(answering.labels[int(row.argmax())], float(row.max()), least, self._handling) for row in rows
        ], answering.name

    def _read(self, answering: Answering) -> Limits:
        limits = read_limits(answering.folder.path, tuple(self._handling.fixed), self._wanted)
        if self._results is not None:
            demand_judged(self._results, answering.name, limits)
        return limits


def demand_judged(results: Path, version: str, limits: Limits) -> None:
    """Makes sure that the result on file is of the limits by which a version in service is to answer.

    A version that was forced into service without any result answers all the same.

    Args:
        results: The folder of the results.
        version: In service.
        limits: Those of the settings.

    Raises:
        UserError: Other limits were judged.
    """
    try:
        found = known_result(results, "router", version)
    except UserError:
        # A damaged result says nothing of any limits; `promote` says that it is damaged.
        return
    if found is not None and found.model_sha256 == limits.model_sha256 and found.choice != limits.digest:
        raise UserError(
            f"the threshold by which {version} would answer was not judged: hybrid.wanted_accuracy or the labels of "
            "hybrid.handling have changed since its result",
            f"judge it, which trains nothing, or set them back: {command_line(f'evaluate {version}')}",
        )


class RouterAnswers:
    """Answers requests, each by its way.

    Args:
        settings: Of the project.
        sorter: The tuned half.
        retrieval: The retrieval half.
    """

    def __init__(self, settings: ProjectSettings, sorter: Sorter, retrieval: LivePipeline) -> None:
        self._longest = settings.rag.question_characters
        self._sorter = sorter
        self._retrieval = retrieval

    def ask(self, question: str, reader: Reader = NOBODY, where: Filters = NO_FILTERS) -> Reply:
        """Answers one request; a filter asks for documents, so that it leads to retrieval in any case.

        Raises:
            QuestionError: The request is empty, too long or not text.
            UserError: Index or model cannot answer.
        """
        started = time.perf_counter()
        question = check_question(question, self._longest)
        (decision,), version = self._sorter.decide([question])
        if decision.way == "fixed" and not where:
            return Reply(
                question=question,
                text=decision.text,
                way="fixed",
                why=decision.why,
                label=decision.label,
                confidence=decision.confidence,
                version=version,
                total_ms=round((time.perf_counter() - started) * 1000, 3),
            )
        return reply_of(
            self._retrieval.ask(question, reader, where),
            started,
            why="a filter asks for documents" if where else decision.why,
            label=decision.label,
            confidence=decision.confidence,
            version=version,
        )


def open_router(settings: ProjectSettings, work: Work) -> RouterAnswers:
    """Opens both halves.

    Raises:
        UserError: One of them cannot be opened.
    """
    handling = read_handling(Path(settings.hybrid.handling))
    return RouterAnswers(settings, Sorter(settings, work, handling), open_retrieval(settings, work))
