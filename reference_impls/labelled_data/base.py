"""What labelled data consists of, and what every model of it answers."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

Probabilities = NDArray[np.float32]
Advance = Callable[[int], object]

Task = Literal["classification", "extraction", "generation"]
"""One label for each text; spans in each text; a text for each conversation."""


@dataclass(frozen=True, order=True)
class Span:
    """A labelled piece of a text: characters `start` to `end` (exclusive), counted from 0, in Unicode code points."""

    start: int
    end: int
    label: str


@dataclass(frozen=True)
class Turn:
    """One message of a conversation."""

    role: Literal["system", "user", "assistant"]
    text: str


@dataclass(frozen=True)
class Example:
    """One checked example.

    Attributes:
        text: What the model reads. For generation the last message of the user, so that every check can read it.
        target: The label; or the spans, in order and without overlap; or the wanted response.
        place: Where it stands, for messages: `messages.csv:12`.
        turns: For generation the messages before the response, the last of them `text`; else empty.
        group: Examples of one group (a customer, a document) never stand on two sides of a split; empty for none.
        when: An ISO date or time, as text that sorts; empty where unknown.
        unit: Names what it hangs together with, as near-duplicates or by the group; it is one piece of evidence with
            those. Empty where that is nothing, or where nobody looked.
    """

    text: str
    target: str | tuple[Span, ...]
    place: str
    turns: tuple[Turn, ...] = ()
    group: str = ""
    when: str = ""
    unit: str = ""


@runtime_checkable
class Classifier(Protocol):
    """Gives each text a probability for each label."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels, in the order of the columns."""
        ...

    def probabilities(self, texts: Sequence[str], advance: Advance = ...) -> Probabilities:
        """float32 [n, labels], rows sum to 1; `advance` hears how many more texts are done."""
        ...


@runtime_checkable
class Tagger(Protocol):
    """Finds the spans in each text."""

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that spans can have, in order."""
        ...

    def spans(self, texts: Sequence[str], advance: Advance = ...) -> list[tuple[Span, ...]]:
        """The spans of each text, in order and without overlap."""
        ...


@runtime_checkable
class Writer(Protocol):
    """Writes the response to each conversation."""

    def write(self, conversations: Sequence[Sequence[Turn]], advance: Advance = ...) -> list[str]:
        """The response to each conversation, whose last turn is the user's."""
        ...

    def losses(self, examples: Sequence[Example], advance: Advance = ...) -> NDArray[np.float32]:
        """Mean negative log-likelihood, in nats for each token of the wanted response: float32 [n]."""
        ...


Model = Classifier | Tagger | Writer
