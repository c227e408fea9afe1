"""The contract of every pattern: what it is asked for, and what it gives back.

A pattern is a folder `hybrid/<pattern>/` with a module `pattern.py` that has the five functions of `Pattern`. Which
patterns there are, and what they are in words, stands in `patterns.py` and nowhere else.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal, Protocol, Self

from pydantic import BaseModel, ConfigDict

from ..project_base.checks import Check
from ..project_base.progress import Progress, silent
from ..rag.answer import Answer, Source
from ..retrieval.access import NO_FILTERS, NOBODY, Filters, Reader
from .evaluation import TwoByTwo
from .settings import ProjectSettings

Way = Literal["retrieval", "fixed", "tuned", "none"]
"""Which part gave the text: retrieval, a fixed answer, a tuned model (with retrieval where sources stand), or none."""


class Reply(BaseModel):
    """What becomes of a question that is asked of a hybrid.

    Attributes:
        question: As it was asked.
        text: The answer, or the refusal.
        refused: True when no answer is given.
        reason: Why it was refused, else empty.
        way: Which part gave the text.
        why: Why it went this way, in one sentence for whoever runs the project.
        label: What the tuned part called the question or the text; empty where it names nothing.
        confidence: Its calibrated probability, in [0, 1]; None where there is none.
        sources: The passages that the text cites.
        repaired: What a tuned part changed in a text, one sentence each.
        notes: What else should be known, one sentence each.
        kept_back: Sentences that a tuned part kept from going out, each with its reason; for the owner alone.
        version: The version of the tuned part that took part; empty for none.
        retrieved: The answer of the retrieval half, where it was asked; callers get it with the text that went out
            where a tuned part mended it.
        total_ms: Wall-clock time of everything, in milliseconds.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    question: str
    text: str
    refused: bool = False
    reason: str = ""
    way: Way
    why: str = ""
    label: str = ""
    confidence: float | None = None
    sources: tuple[Source, ...] = ()
    repaired: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    kept_back: tuple[str, ...] = ()
    version: str = ""
    retrieved: Answer | None = None
    total_ms: float

    def for_callers(self) -> Self:
        """The reply without what a tuned part took out of it."""
        retrieved = self.retrieved
        if retrieved is not None and (self.kept_back or self.repaired):
            sent = {"text": self.text, "refused": self.refused, "reason": self.reason}
            retrieved = retrieved.model_copy(update=sent)
        return self.model_copy(update={"kept_back": (), "retrieved": retrieved})


@dataclass(frozen=True)
class Work:
    """What a long command of a pattern is given beside the settings.

    Attributes:
        again: Does anew what is finished.
        despite: Findings of `check` that are overruled.
        version: A version of the registry, by id or number; empty for the newest that this pattern made.
        progress: Opens bars.
        tell: Hears, in one line each, what takes long and what was chosen.
    """

    again: bool = False
    despite: tuple[str, ...] = ()
    version: str = ""
    progress: Progress = silent
    tell: Callable[[str], object] = field(default=lambda _: None)


@dataclass(frozen=True)
class Trained:
    """What `train` leaves.

    Attributes:
        version: Id in the registry of what was made, which is not in service before it is promoted.
        told: What was found, one line each, for the terminal.
        measured: Figures by name: losses, seconds, examples.
        next_step: What to do where it is not to be judged next; else empty.
    """

    version: str
    told: tuple[str, ...] = ()
    measured: Mapping[str, float] = field(default_factory=dict)
    next_step: str = ""


@dataclass(frozen=True)
class Finding:
    """What `check` found.

    Attributes:
        says: One sentence; where, what is wrong, what is allowed.
        next_step: What to do; empty where nothing has to be done.
        blocking: Whether training or answering would make no sense or do harm.
        rows: What it speaks of, as lines of at most 80 columns.
    """

    says: str
    next_step: str = ""
    blocking: bool = False
    rows: tuple[str, ...] = ()


class Answerer(Protocol):
    """A hybrid that is ready to answer; may be asked by several threads."""

    def ask(self, question: str, reader: Reader = NOBODY, where: Filters = NO_FILTERS) -> Reply:
        """Answers one question.

        Args:
            question: The question.
            reader: Who asks; documents that others alone may read take no part.
            where: Metadata that a document must have to take part, by name.

        Raises:
            QuestionError: The question is refused; whoever asks can mend it.
            UserError: The owner of the project has to mend something.
        """
        ...


class Pattern(Protocol):
    """The module `hybrid/<pattern>/pattern.py`."""

    def check(self, settings: ProjectSettings) -> list[Finding]:
        """Looks at data, models and index without training anything.

        What does not fit together (a base model that is gone, an adapter of another base, an index older than the
        retriever) is a blocking finding that says what to do.

        Raises:
            UserError: A file cannot be read at all.
        """
        ...

    def train(self, settings: ProjectSettings, work: Work) -> Trained:
        """Trains the tuned part and adds it to the registry.

        Raises:
            UserError: Data, models or machine do not allow it.
        """
        ...

    def open_answers(self, settings: ProjectSettings, work: Work) -> Answerer:
        """Opens index and models; `work.version` empty means the version in service.

        Raises:
            UserError: Something is missing, or the parts do not belong together.
        """
        ...

    def evaluate(self, settings: ProjectSettings, work: Work) -> TwoByTwo:
        """Judges the pattern beside both halves alone, on items that nothing was trained or chosen on.

        Raises:
            UserError: As `open_answers`, or there is nothing to judge by.
        """
        ...

    def checks(self, settings: ProjectSettings, workdir: Path) -> list[Check]:
        """The smoke checks of the pattern on the sample, in order, within 30 s on two cores.

        Args:
            settings: The project's settings.
            workdir: An empty folder for all that is written.
        """
        ...
