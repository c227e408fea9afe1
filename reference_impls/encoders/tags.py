"""From spans to tags of words and back: B- begins a span, I- goes on with it, O is outside (Ramshaw, Marcus 1995)."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from ..labelled_data.base import Span

Words = NDArray[np.int64]
"""Start and end of each word of a text, in characters: int64 [words, 2]."""
Tags = NDArray[np.int64]
Logits = NDArray[np.float32]

OUTSIDE = 0
_IMPOSSIBLE = -1e9

# Scripts that put no space between words: each character is a word, so that a span may end at any of them.
_UNSPACED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3005-\u3007\u3041-\u30ff\u31f0-\u31ff"
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
)
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W\d_{_UNSPACED}]+|\d+|\S")


def words_in(text: str) -> Words:
    """Where the words of a text are: runs of letters, runs of digits, and each other character that is no white space.

    Short pieces, so that spans such as the 10 of 10kg begin and end where words do.
    """
    found = [match.span() for match in _WORD.finditer(text)]
    return np.array(found, dtype=np.int64).reshape(-1, 2)


def tag_names(labels: Sequence[str]) -> tuple[str, ...]:
    """The tags of these labels: O, then B- and I- of each."""
    return ("O", *(f"{part}-{label}" for label in labels for part in "BI"))


def tags_of(words: Words, spans: Sequence[Span], labels: Sequence[str]) -> Tags:
    """The tag of each word, int64 [words]. A word belongs to the first span that it shares a character with.

    Args:
        words: Of the text.
        spans: In order.
        labels: All labels; a span with another one counts as none.
    """
    tags = np.zeros(len(words), dtype=np.int64)
    number_of = {label: number for number, label in enumerate(labels)}
    for span in spans:
        if span.label not in number_of:
            continue
        first = int(np.searchsorted(words[:, 1], span.start, side="right"))
        last = int(np.searchsorted(words[:, 0], span.end, side="left"))
        inside = np.arange(first, last)
        inside = inside[tags[inside] == OUTSIDE]
        tags[inside] = 2 + 2 * number_of[span.label]
        tags[inside[:1]] -= 1
    return tags


def spans_from(words: Words, tags: Sequence[int] | Tags, labels: Sequence[str]) -> tuple[Span, ...]:
    """The spans of a text, in order and without overlap.

    Args:
        words: Of the text.
        tags: Of the words; an I- that goes on with nothing begins a span.
        labels: In the order of the tags.
    """
    spans: list[Span] = []
    open_label = -1
    for (start, end), tag in zip(words.tolist(), np.asarray(tags).tolist(), strict=True):
        label = -1 if tag == OUTSIDE else (tag - 1) // 2
        goes_on = label >= 0 and tag % 2 == 0 and label == open_label
        if goes_on:
            spans[-1] = Span(spans[-1].start, end, labels[label])
        elif label >= 0:
            spans.append(Span(start, end, labels[label]))
        open_label = label
    return tuple(spans)


def best_tags(logs: Logits) -> Tags:
    """The most probable tags in which every I- goes on with a span of its label (Viterbi 1967): int64 [words].

    Args:
        logs: Log-probability of each tag for each word, float32 [words, tags].
    """
    likeliest: Tags = logs.argmax(axis=1)
    if _valid(likeliest):
        # Mostly so; and then nothing can be more probable.
        return likeliest
    count, size = logs.shape
    inner = np.arange(2, size, 2)
    came_from = np.zeros((count, size), dtype=np.int64)
    score = logs[0].astype(np.float64)
    score[inner] = _IMPOSSIBLE
    for word in range(1, count):
        best = int(score.argmax())
        came_from[word] = best
        reached = np.full(size, score[best])
        begun = score[inner - 1] >= score[inner]
        came_from[word, inner] = np.where(begun, inner - 1, inner)
        reached[inner] = np.maximum(score[inner - 1], score[inner])
        score = reached + logs[word]
    tags = np.zeros(count, dtype=np.int64)
    tags[-1] = score.argmax()
    for word in range(count - 1, 0, -1):
        tags[word - 1] = came_from[word, tags[word]]
    return tags


def _valid(tags: Tags) -> bool:
    inside = (tags > 0) & (tags % 2 == 0)
    if not inside.any():
        return True
    before = np.concatenate([[OUTSIDE], tags[:-1]])
    return bool(((before == tags) | (before == tags - 1))[inside].all())


def widened(words: Words, spans: Sequence[Span]) -> int:
    """How many spans begin or end within a word, and so are taught and found as whole words."""
    starts, ends = set(words[:, 0].tolist()), set(words[:, 1].tolist())
    return sum(span.start not in starts or span.end not in ends for span in spans)
