"""Models made by hand, whose mistakes a test can choose, and what a registry says of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from ...encoders.base import Choice, TextClassifier
from ...encoders.majority import MajorityAbout
from ...encoders.ngrams import Vocabulary
from ...encoders.word_counts import NgramScorer, WordCountsAbout
from ...labelled_data.rungs import Fitted
from ...registry.model_folder import ModelFolder, write_model


def keywords(words: Mapping[str, str], labels: Sequence[str], strength: float = 3.0) -> Fitted:
    """A classifier that goes by single words; the first label where no word is known.

    Args:
        words: The label that a word stands for.
        labels: In order.
        strength: How sure it is of a text of one such word, as the difference of two logits.
    """
    known = sorted(words)
    weights = np.zeros((len(known), len(labels)), dtype=np.float32)
    for row, word in enumerate(known):
        weights[row, list(labels).index(words[word])] = strength
    bias = np.zeros(len(labels), dtype=np.float32)
    bias[0] = 0.1
    scorer = NgramScorer(
        Vocabulary(tuple(f"w{word}" for word in known), np.ones(len(known), dtype=np.float32)), weights, bias
    )
    shares = tuple(1 / len(labels) for _ in labels)
    about = WordCountsAbout(labels=tuple(labels), shares=shares, choice=Choice(words_inverse_penalty=1.0))
    return Fitted(TextClassifier(labels, shares, scorer), "word_counts", about.model_dump(mode="json"), scorer.write)


def majority(labels: Sequence[str]) -> Fitted:
    """Always the first label."""
    shares = (0.9, *(0.1 / (len(labels) - 1) for _ in labels[1:])) if len(labels) > 1 else (1.0,)
    about = MajorityAbout(labels=tuple(labels), shares=shares)

    class _Log:
        def logits(self, texts: Sequence[str], advance: object) -> np.ndarray[tuple[int, int], np.dtype[np.float32]]:
            return np.tile(np.log(np.asarray(shares, dtype=np.float32)), (len(texts), 1))

    return Fitted(
        TextClassifier(labels, shares, _Log()), "majority", about.model_dump(mode="json"), lambda folder: None
    )


def model_folder(folder: Path, fitted: Fitted, **about: object) -> ModelFolder:
    """The folder of a model."""
    return write_model(folder, fitted.kind, {**fitted.about, "task": "classification", **about}, fitted.write)
