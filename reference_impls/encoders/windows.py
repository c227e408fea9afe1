"""Texts in windows of tokens, each of whose words is read in the window where it has the most around it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from ..training.base import Batch
from .reading import Reader
from .tags import Tags, Words, words_in

if TYPE_CHECKING:
    pass

Integers = NDArray[np.int64]

IGNORED = -100
"""The label of tokens that no loss is computed for, as torch's cross-entropy takes it."""

_AT_ONCE = 256


@dataclass(frozen=True)
class Windows:
    """Tokenised texts, with the token that stands for each word.

    Attributes:
        tokens: Numbers of the tokens of each window, with the special ones.
        words: Start and end of the words of each text, int64 [words, 2]; words that have no token are left out.
        window: Window in which each word is read, over all texts: int64 [words].
        token: Place of its first token there, int64 [words].
        shared: Whether that token is the first one of the word before, too: bool [words].
        long_texts: How many texts take more than one window.
    """

    tokens: list[list[int]]
    words: list[Words]
    window: Integers
    token: Integers
    shared: NDArray[np.bool_]
    long_texts: int

    @property
    def sizes(self) -> list[int]:
        """How many words each text has."""
        return [len(each) for each in self.words]


def windows_of(reader: Reader, texts: Sequence[str], overlap: int) -> Windows:
    """Cuts texts into windows.

    Args:
        reader: Its tokenizer, and the most tokens of a window.
        texts: Any texts; a blank one has no words.
        overlap: Tokens that neighbouring windows of a text share, at most half a window.
    """
    tokens: list[list[int]] = []
    words: list[Words] = []
    places: list[Integers] = []
    long_texts = 0
    inner = reader.most_tokens - reader.tokenizer.num_special_tokens_to_add(pair=False)
    for start in range(0, len(texts), _AT_ONCE):
        part = list(texts[start : start + _AT_ONCE])
        found = reader.tokenized(
            part,
            truncation=True,
            max_length=reader.most_tokens,
            stride=max(0, min(overlap, inner // 2)),
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        owners = np.asarray(found["overflow_to_sample_mapping"], dtype=np.int64)
        offsets = [np.asarray(each, dtype=np.int64).reshape(-1, 2) for each in found["offset_mapping"]]
        for place, text in enumerate(part):
            own = np.flatnonzero(owners == place)
            long_texts += len(own) > 1
            of, where = _read_words(words_in(text), [offsets[window] for window in own])
            where[:, 0] += len(tokens) + (own[0] if len(own) else 0)
            words.append(of)
            places.append(where)
        tokens += found["input_ids"]
    joined = np.concatenate([np.empty((0, 2), dtype=np.int64), *places])
    shared = np.zeros(len(joined), dtype=bool)
    shared[1:] = (joined[1:] == joined[:-1]).all(axis=1)
    return Windows(tokens, words, joined[:, 0], joined[:, 1], shared, long_texts)


def _read_words(words: Words, windows: Sequence[NDArray[np.int64]]) -> tuple[Words, Integers]:
    """Words that have a token, and for each its window within the text and its token there: int64 [words, 2]."""
    best = np.full(len(words), -1, dtype=np.int64)
    where = np.zeros((len(words), 2), dtype=np.int64)
    for number, offsets in enumerate(windows):
        # Special tokens, and those of nothing but white space in some tokenizers, stand for no character.
        real = np.flatnonzero(offsets[:, 1] > offsets[:, 0])
        if not len(real):
            continue
        nearest = np.searchsorted(offsets[real, 1], words[:, 0], side="right")
        first = real[np.minimum(nearest, len(real) - 1)]
        there = (nearest < len(real)) & (offsets[first, 0] < words[:, 1])
        around = np.minimum(first - real[0], real[-1] - first)
        better = there & (around > best)
        best[better] = around[better]
        where[better] = np.stack([np.full(len(words), number), first], axis=1)[better]
    kept = best >= 0
    return words[kept], where[kept]


class TaggedWindows:
    """Windows as batches for the training loop.

    Args:
        reader: Pads them.
        windows: The windows.
        tags: Tag of each word, over all texts: int64 [words].

    Attributes:
        lengths: Tokens of each window.
    """

    def __init__(self, reader: Reader, windows: Windows, tags: Tags) -> None:
        self._reader = reader
        self._tokens = windows.tokens
        self.lengths = [len(each) for each in windows.tokens]
        self._labels = [np.full(len(each), IGNORED, dtype=np.int64) for each in windows.tokens]
        for window, token, tag, shared in zip(windows.window, windows.token, tags, windows.shared, strict=True):
            if not shared:
                self._labels[window][token] = tag

    def collate(self, positions: Sequence[int]) -> Batch:
        """The windows at these positions: `input_ids`, `attention_mask` and `labels`, each [n, tokens]."""
        import torch  # noqa: PLC0415 -- cutting windows alone needs none

        inputs = self._reader.inputs([self._tokens[position] for position in positions])
        labels: torch.Tensor = torch.full(inputs["input_ids"].shape, IGNORED, dtype=torch.int64)
        for row, position in enumerate(positions):
            labels[row, : len(self._labels[position])] = torch.from_numpy(self._labels[position])
        return inputs | {"labels": labels}
