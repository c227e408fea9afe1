"""The contract of every answering model."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

_CITATION = re.compile(r"\[(\d{1,3})\]")


@dataclass(frozen=True)
class Passage:
    """A retrieved chunk as a model sees it: its source in words, and its text."""

    source: str
    text: str


@dataclass(frozen=True)
class Prompt:
    """A question with its passages, best first; passage i is cited as [i + 1].

    Attributes:
        question: The question.
        passages: The passages.
        question_vector: float32 [dimension] where the question has been embedded already.
    """

    question: str
    passages: tuple[Passage, ...]
    question_vector: NDArray[np.float32] | None = None


@dataclass(frozen=True)
class Quote:
    """A sentence that stands word for word in passage `passage` (counted from 0)."""

    text: str
    passage: int


@dataclass(frozen=True)
class Generation:
    """What a model wrote: the text with its [n] citations, and the sentences that it quotes."""

    text: str
    quotes: tuple[Quote, ...] = ()

    @property
    def cited(self) -> tuple[int, ...]:
        """Numbers of the cited passages, counted from 0, in the order of their first citation."""
        return tuple(dict.fromkeys(int(number) - 1 for number in _CITATION.findall(self.text) if int(number) > 0))


class LanguageModel(Protocol):
    """Writes an answer from passages."""

    def generate(self, prompt: Prompt) -> Generation:
        """Answers a prompt from its passages alone; an empty text means that they do not answer it.

        Raises:
            UserError: The model cannot be reached or loaded, or the prompt does not fit.
        """
        ...

    def stream(self, prompt: Prompt) -> Iterator[str | Generation]:
        """Answers like `generate`, piece by piece.

        Yields:
            Pieces of text as they are written, then the `Generation`, last and once. The pieces joined are its text,
            unless that is empty: only the `Generation` tells whether the passages were found to hold an answer.

        Raises:
            UserError: As `generate`, and where the answer breaks off.
        """
        ...


@runtime_checkable
class Completer(Protocol):
    """A model that can write about any text: every one but `extractive`, which only quotes."""

    def complete(self, instruction: str, text: str) -> str:
        """What the model writes, as it comes; it may be empty, and is not to be trusted.

        Args:
            instruction: What to do.
            text: What to do it to.

        Raises:
            UserError: The model cannot be reached, or the text does not fit.
        """
        ...


class SentenceEncoder(Protocol):
    """What the extractive model needs of an embedder."""

    def encode_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeds questions: float32 [n, dimension], rows of length 1."""
        ...

    def encode_passages(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """Embeds passages: float32 [n, dimension], rows of length 1."""
        ...
