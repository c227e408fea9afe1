"""A closed model with its helper, ready to answer."""

import threading
import time
from collections.abc import Sequence
from typing import cast

from ...labelled_data.base import Span, Tagger
from ...rag.answer import REFUSAL, Answer
from ...rag.live import LivePipeline
from ...retrieval.access import NO_FILTERS, NOBODY, Filters, Reader
from ...retrieval.lexical import stop_words
from ..base import Reply, Work
from ..retrieval_half import open_retrieval, reply_of
from ..settings import ProjectSettings
from ..tuned_half import InUse
from .mending import Helper, Mended


class Marker:
    """The tuned half: marks facts with the version that is meant. Several threads may ask.

    Args:
        settings: Of the project.
        work: `version` names one of the registry; empty follows the version in service.

    Raises:
        UserError: See `tuned_half.InUse`.
    """

    def __init__(self, settings: ProjectSettings, work: Work) -> None:
        self._version = InUse(settings, work.version)
        self._turn = threading.Lock()

    @property
    def version(self) -> str:
        """The version that marks."""
        return self._version.current().name

    def spans(self, texts: Sequence[str]) -> Sequence[Sequence[Span]]:
        """The facts in each text."""
        with self._turn:
            return cast("Tagger", self._version.current().model).spans(list(texts))


class HelpedAnswers:
    """Answers of the retrieval half, checked and mended before they go out.

    Args:
        settings: Of the project.
        marker: The tuned half.
        retrieval: The retrieval half, with the closed model.
    """

    def __init__(self, settings: ProjectSettings, marker: Marker, retrieval: LivePipeline) -> None:
        self._marker = marker
        self._retrieval = retrieval
        self._helper = Helper(marker.spans, stop_words(settings.retrieval.stop_words))

    def ask(self, question: str, reader: Reader = NOBODY, where: Filters = NO_FILTERS) -> Reply:
        """Answers one question; a sentence with a fact that no cited passage states is mended or kept back.

        Raises:
            QuestionError: The question is empty, too long or not text.
            UserError: Index or model cannot answer.
        """
        started = time.perf_counter()
        return self.mended(self._retrieval.ask(question, reader, where), started)

    def mended(self, answer: Answer, started: float) -> Reply:
        """An answer of the retrieval half as it goes out; `started` is of `time.perf_counter`, in seconds."""
        version = self._marker.version
        if answer.refused or answer.lookup is not None:
            return reply_of(answer, started, why="nothing was written from passages", version=version)
        passages = {source.number: f"{source.heading}\n\n{source.text}" for source in answer.sources}
        text, mended = self._helper.mend(answer.text, passages)
        repaired = tuple(each.why for each in mended if each.outcome == "repaired")
        withheld = [each for each in mended if each.outcome == "withheld"]
        told = _kept_back(withheld)
        return reply_of(
            answer,
            started,
            way="tuned" if repaired or withheld else "retrieval",
            why=_in_words(mended),
            text=text or REFUSAL,
            refused=not text,
            reason="" if text else f"nothing is left to say: {told}",
            sources=answer.sources if text else (),
            repaired=repaired,
            notes=tuple(note for note in (answer.note, told) if note),
            kept_back=tuple(f"{each.before} ({each.why})" for each in withheld),
            version=version,
        )


def open_helped(settings: ProjectSettings, work: Work) -> HelpedAnswers:
    """Opens both halves.

    Raises:
        UserError: One of them cannot be opened.
    """
    return HelpedAnswers(settings, Marker(settings, work), open_retrieval(settings, work))


def _kept_back(withheld: Sequence[Mended]) -> str:
    """How many sentences, and which kinds of facts: what they say is for the owner, since no passage supports it."""
    if not withheld:
        return ""
    kinds = sorted({fault.label for each in withheld for fault in each.faults})
    one = len(withheld) == 1
    return (
        f"{len(withheld)} {'sentence was' if one else 'sentences were'} kept back, since no passage states "
        f"{'its' if one else 'their'} {', '.join(kinds)}"
    )


def _in_words(mended: Sequence[Mended]) -> str:
    counts = {outcome: sum(each.outcome == outcome for each in mended) for outcome in ("kept", "repaired", "withheld")}
    return f"{counts['kept']} sentences passed, {counts['repaired']} repaired, {counts['withheld']} kept back"
