"""The tagger that every rung of extraction hands back, and the examples that they learn from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from ..evaluation.spans import span_counts
from ..labelled_data.base import Advance, Example, Span
from ..labelled_data.rungs import Run
from ..project_base.errors import UserError
from .base import Labelled, spans_of
from .tags import Logits, Tags, Words, best_tags, spans_from, tag_names, tags_of, widened, words_in

MOST_WORDS = 200_000
"""About 300 MB of vectors of 384 numbers."""

_AT_ONCE = 256
_NEVER = -1e4


class WordScorer(Protocol):
    """The part of a tagger that differs from rung to rung."""

    def words(self, texts: Sequence[str], advance: Advance) -> "list[ScoredWords]":
        """The words of each text with the log-probabilities of their tags."""
        ...


@dataclass(frozen=True)
class ScoredWords:
    """The words of a text, and what is thought of each.

    Attributes:
        words: int64 [words, 2].
        logs: Log-probability of each tag, float32 [words, tags].
    """

    words: Words
    logs: Logits


def scored(words_of_texts: Sequence[Words], logs: Logits, shared: NDArray[np.bool_]) -> list[ScoredWords]:
    """Divides the log-probabilities of all words among their texts.

    Args:
        words_of_texts: The words of each text.
        logs: Of the words of all texts, float32 [words, tags].
        shared: Whether a word shares its token with the one before: no span ends between the two.
    """
    if shared.any():
        begun, inside = logs[shared][:, 1::2], logs[shared][:, 2::2]
        joined = logs[shared].copy()
        joined[:, 2::2] = np.logaddexp(begun, inside)
        joined[:, 1::2] = _NEVER
        logs = logs.copy()
        logs[shared] = joined
    ends = np.cumsum([len(words) for words in words_of_texts])
    pieces = np.split(logs, ends[:-1])
    return [ScoredWords(words, piece) for words, piece in zip(words_of_texts, pieces, strict=True)]


def spans_of_words(texts: Sequence[ScoredWords], labels: Sequence[str]) -> list[tuple[Span, ...]]:
    """The most probable spans of each text."""
    return [spans_from(each.words, best_tags(each.logs), labels) if len(each.words) else () for each in texts]


class TextTagger:
    """A tagger of any rung that scores words. A blank text has no words, and so no spans.

    Args:
        labels: The labels that spans can have.
        scorer: Gives the log-probabilities of the tags.
    """

    def __init__(self, labels: Sequence[str], scorer: WordScorer) -> None:
        self._labels = tuple(labels)
        self.scorer = scorer

    @property
    def labels(self) -> tuple[str, ...]:
        """The labels that spans can have, in order."""
        return self._labels

    def spans(self, texts: Sequence[str], advance: Advance = lambda _: None) -> list[tuple[Span, ...]]:
        """The spans of each text, in order and without overlap."""
        found: list[tuple[Span, ...]] = []
        for start in range(0, len(texts), _AT_ONCE):
            found += spans_of_words(self.scorer.words(texts[start : start + _AT_ONCE], advance), self._labels)
        return found


@dataclass(frozen=True)
class TaggedTexts:
    """Examples of an extraction, word by word.

    Attributes:
        labels: The labels of the training spans, sorted.
        texts: The training texts.
        spans: The spans of each.
        validation_texts: The validation texts; empty for a refit.
        validation_spans: The spans of each.
        units: What each training text hangs together with, as `labelled_data.base.Example.unit`; empty for nothing.
    """

    labels: tuple[str, ...]
    texts: list[str]
    spans: list[tuple[Span, ...]]
    validation_texts: list[str]
    validation_spans: list[tuple[Span, ...]]
    units: tuple[str, ...] = ()

    @property
    def all_texts(self) -> list[str]:
        """The training and then the validation texts."""
        return [*self.texts, *self.validation_texts]

    def words(self) -> list[Words]:
        """The words of each training text."""
        return [words_in(text) for text in self.texts]

    def validation_words(self) -> list[Words]:
        """The words of each validation text."""
        return [words_in(text) for text in self.validation_texts]

    def by_word(self, words: Sequence[Words], checked: Sequence[Words]) -> Labelled:
        """The tags of all words as labels, those of the validation texts apart; the texts are left out.

        Args:
            words: Of each training text.
            checked: Of each validation text.
        """
        return Labelled(
            labels=tag_names(self.labels),
            texts=[],
            numbers=joined_tags(words, self.spans, self.labels),
            validation_texts=["" for _ in checked],
            validation_numbers=joined_tags(checked, self.validation_spans, self.labels),
        )


def joined_tags(words: Sequence[Words], spans: Sequence[Sequence[Span]], labels: Sequence[str]) -> Tags:
    """The tags of the words of all texts, one after the other: int64 [words]."""
    each = [tags_of(of, wanted, labels) for of, wanted in zip(words, spans, strict=True)]
    return np.concatenate([np.empty(0, dtype=np.int64), *each])


def tagged(train: Sequence[Example], validation: Sequence[Example], run: Run) -> TaggedTexts:
    """Collects the spans.

    Args:
        train: Examples whose target is spans.
        validation: Likewise; may be empty.
        run: Hears of spans that do not begin and end with words.

    Raises:
        UserError: There are no examples, or no spans.
    """
    if not train:
        raise UserError("there is no training example", "give texts with labelled spans, about 50 of each label")
    spans = [spans_of(example) for example in train]
    labels = tuple(sorted({span.label for each in spans for span in each}))
    if not labels:
        raise UserError(
            f"none of the {len(train)} training examples has a span, so there is nothing to learn",
            "label spans in some of them, or look whether labelled_data.spans names the right column",
        )
    texts = [example.text for example in train]
    odd = sum(widened(words_in(text), each) for text, each in zip(texts, spans, strict=True))
    if odd:
        run.tell(
            f"{odd} of {sum(map(len, spans))} spans begin or end within a word; they are taught, and will be found, as "
            "whole words"
        )
    return TaggedTexts(
        labels,
        texts,
        spans,
        [example.text for example in validation],
        [spans_of(example) for example in validation],
        tuple(example.unit for example in train),
    )


def fewer(data: TaggedTexts, run: Run, most: int = MOST_WORDS) -> TaggedTexts:
    """As many of the training texts as the linear taggers learn from in reasonable time, drawn at random.

    Args:
        data: All texts.
        run: Its seed draws; hears how many were left out.
        most: Most words.
    """
    sizes = np.array([len(words_in(text)) for text in data.texts])
    if sizes.sum() <= most:
        return data
    order = np.random.default_rng(run.seed).permutation(len(sizes))
    kept = np.sort(order[np.cumsum(sizes[order]) <= most])
    kept = kept if len(kept) else order[:1]
    run.tell(f"{len(kept)} of {len(sizes)} texts are taken, drawn at random: a linear tagger learns little from more")
    units = tuple(data.units[at] for at in kept) if data.units else ()
    return replace(data, texts=[data.texts[at] for at in kept], spans=[data.spans[at] for at in kept], units=units)


def span_f1(true: Sequence[Sequence[Span]], given: Sequence[Sequence[Span]]) -> float:
    """F1 over all spans: 2 right / (true + given); 0 where there is neither.

    Args:
        true: The spans of each text, of at least one text.
        given: Those that a model gave.
    """
    right, found, spans = span_counts(true, given).by_text().sum(axis=0).tolist()
    return 2 * right / (found + spans) if found + spans else 0.0
