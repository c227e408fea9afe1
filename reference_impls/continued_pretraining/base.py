"""What is read, and what a language model says of it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from ..project_base.progress import Advance

Kind = Literal["domain", "general"]
Side = Literal["train", "validation", "held_out"]
Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Tokens = NDArray[np.int32]


@dataclass(frozen=True)
class Text:
    """One document.

    Attributes:
        place: Its path below its folder: "notes/a.md", or "notes.jsonl#row=12".
        text: All of it.
        kind: Of the domain, or general.
    """

    place: str
    text: str
    kind: Kind


@dataclass(frozen=True)
class Losses:
    """What a model thinks of documents, one entry each.

    Attributes:
        sums: Negative log-likelihood of the counted tokens, in nats: float64 [documents].
        counts: How many tokens were counted: int64 [documents].
    """

    sums: Floats
    counts: Integers

    @property
    def mean(self) -> float:
        """Nats for each token, over all documents together; 0 without tokens."""
        return float(self.sums.sum() / max(1, self.counts.sum()))

    def __add__(self, other: "Losses") -> "Losses":
        """The documents of both, one behind another."""
        return Losses(np.concatenate([self.sums, other.sums]), np.concatenate([self.counts, other.counts]))


@dataclass(frozen=True)
class Base:
    """The model that a training begins with.

    Attributes:
        name: As the settings name it.
        notice: What has to be said of it; empty for a model of the owner's.
        about: By which it is found and known again; JSON values only.
        rate: Highest learning rate that suits it.
    """

    name: str
    notice: str
    about: dict[str, Any]
    rate: float


class LanguageModel(Protocol):
    """A model that reads on.

    Attributes:
        network: What is trained.
        window: Most tokens that it reads at once, special ones counted.
    """

    network: Any
    window: int

    @property
    def base(self) -> "Base":
        """The model that it was before it reads on."""
        ...

    def tokens(self, texts: Sequence[str]) -> list[Tokens]:
        """The tokens of each text, without special ones: int32 [tokens]."""
        ...

    def losses(self, documents: Sequence[Tokens], advance: Advance = ..., *, thorough: bool = True) -> Losses:
        """The loss of documents, each cut into windows of its own; the same each time for the same weights.

        Args:
            documents: As `tokens` gives them.
            advance: Hears how many more documents are done.
            thorough: Every token counts. Otherwise a masked model guesses one part of them, which is quicker.
        """
        ...

    def paraphrases(self) -> list[float]:
        """Of an encoder, for each everyday sentence 1.0 where it finds its paraphrase, else 0.0; of others nothing."""
        ...

    def write(self, folder: Path) -> None:
        """Writes a folder that other projects name as their model.

        Raises:
            OSError: A file cannot be written.
        """
        ...
