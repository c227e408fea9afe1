"""Rows of a permutation test, and tokens as such rows: what each word looks like, and in which span it stands."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from .base import Example
from .cross_fit import FOLDS
from .settings import Settings
from .simple_model import Integers, tf_idf

_TOKEN = re.compile(r"\w+|[^\w\s]")
_OUTSIDE = "no span"
_EDGE = "-"


@dataclass(frozen=True)
class Rows:
    """What the permutation test looks at.

    Attributes:
        features: Sparse, rows of length 1.
        labels: Of each row.
        folds: int64 [rows]
        blocks: int64 [rows]; rows of one number stand beside one another and belong together.
        turned: Whether shuffling turns the labels within each block; else whole blocks change places.
    """

    features: Any
    labels: tuple[str, ...]
    folds: Integers
    blocks: Integers
    turned: bool


def token_rows(examples: Sequence[Example], settings: Settings) -> Rows:
    """The tokens of examples with spans, each with the label of the span that it stands in.

    Args:
        examples: In random order; the first are taken, up to `labelled_data.probe_rows` tokens, of a long one a piece
            around its first span, so that every fold has texts.
        settings: How many tokens.
    """
    features: list[list[str]] = []
    labels: list[str] = []
    blocks: list[int] = []
    longest = max(1, settings.probe_rows // FOLDS)
    for number, example in enumerate(examples):
        tokens = _piece(example, list(_TOKEN.finditer(example.text)), longest)
        if features and len(features) + len(tokens) > settings.probe_rows:
            break
        words = [_EDGE, *(token.group() for token in tokens), _EDGE]
        features += [_looks(words, place) for place in range(1, len(words) - 1)]
        labels += [_label_at(example, token.start()) for token in tokens]
        blocks += [number] * len(tokens)
    of_example = np.array(blocks, dtype=np.int64)
    found = tf_idf(features, lambda looks: looks) if features else None
    return Rows(found, tuple(labels), of_example % FOLDS, of_example, turned=True)


def _piece(example: Example, tokens: list[re.Match[str]], longest: int) -> list[re.Match[str]]:
    places = (place for place, token in enumerate(tokens) if _label_at(example, token.start()) != _OUTSIDE)
    start = min(max(0, next(places, 0) - longest // 4), max(0, len(tokens) - longest))
    return tokens[start : start + longest]


def _looks(words: Sequence[str], place: int) -> list[str]:
    word = words[place]
    shape = re.sub(r"[^\W\d_A]", "a", re.sub(r"[A-Z]", "A", re.sub(r"\d", "0", word)))
    return [
        f"word {word.lower()}",
        f"before {words[place - 1].lower()}",
        f"after {words[place + 1].lower()}",
        f"end {word[-3:].lower()}",
        f"shape {shape}",
    ]


def _label_at(example: Example, start: int) -> str:
    if isinstance(example.target, str):
        return _OUTSIDE
    return next((span.label for span in example.target if span.start <= start < span.end), _OUTSIDE)
