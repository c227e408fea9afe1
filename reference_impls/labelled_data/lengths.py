"""How long the texts are for the model that reads them, and how many it would cut."""

from collections.abc import Callable, Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from ..texts.words import words_of
from .base import Example
from .duplicates import compared_text

CountTokens = Callable[[Sequence[str]], Sequence[int]]
"""The number of tokens of each text, special ones included."""


class Lengths(BaseModel):
    """Lengths of what models read, and for generation of what they write as well.

    Attributes:
        unit: `tokens` of the model, or `words` where no tokenizer was given.
        median: Half of the texts are at most so long.
        p95: 95 % of them.
        p99: 99 % of them.
        longest: The longest.
        limit: Tokens after which the model cuts; None where it is not known.
        cut: How many texts are longer than that.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    unit: str
    median: int
    p95: int
    p99: int
    longest: int
    limit: int | None = None
    cut: int = 0


def measure_lengths(
    examples: Sequence[Example], count_tokens: CountTokens | None = None, limit: int | None = None
) -> Lengths:
    """Measures the texts.

    Args:
        examples: At least one.
        count_tokens: The tokenizer of the model, if it is known.
        limit: Its longest input, in tokens.
    """
    texts = [_whole(example) for example in examples]
    counted = count_tokens(texts) if count_tokens else [len(words_of(text)) for text in texts]
    lengths = np.asarray(counted, dtype=np.int64)
    median, p95, p99 = (int(value) for value in np.quantile(lengths, [0.5, 0.95, 0.99], method="higher"))
    return Lengths(
        unit="tokens" if count_tokens else "words",
        median=median,
        p95=p95,
        p99=p99,
        longest=int(lengths.max()),
        limit=limit if count_tokens else None,
        cut=int((lengths > limit).sum()) if limit is not None and count_tokens else 0,
    )


def _whole(example: Example) -> str:
    read = compared_text(example)
    return f"{read}\n{example.target}" if example.turns and isinstance(example.target, str) else read
