"""A classifier on word counts: TF-IDF of n-grams and logistic regression, the floor that a tuned model has to beat."""

import json
import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..labelled_data.base import Advance, Example
from ..labelled_data.rungs import Fit, Fitted, Run
from ..project_base.errors import UserError
from ..project_base.optional import require
from ..registry.model_folder import ModelFolder
from .arrays import read_arrays, write_arrays
from .base import About, Choice, Context, Labelled, Logits, TextClassifier, labelled
from .ngrams import MOST_CHARACTERS, Vocabulary, learn_vocabulary
from .sparse_rows import SparseRows, affordable

KIND = "word_counts"

_NGRAMS = "ngrams.json"
_ARRAYS = "word_counts.safetensors"


class WordCountsAbout(About):
    """What is kept of it beside the n-grams and their weights.

    Attributes:
        labels: In the order of the columns.
        shares: Share of each in the training data.
        choice: The C that held-out examples chose.
    """

    labels: tuple[str, ...]
    shares: tuple[float, ...]
    choice: Choice


class NgramScorer:
    """Counts the n-grams of a text and adds up their weights; needs numpy alone.

    Args:
        vocabulary: The n-grams that count.
        weights: float32 [n-grams, labels]: a text reads a few rows, each in one piece.
        bias: float32 [labels].
    """

    def __init__(self, vocabulary: Vocabulary, weights: Logits, bias: Logits) -> None:
        self._vocabulary = vocabulary
        self._weights = np.ascontiguousarray(weights)
        self._bias = bias

    def logits(self, texts: Sequence[str], advance: Advance) -> Logits:
        """Logits of texts that are not blank, float32 [n, labels]."""
        return self._vocabulary.rows(texts, advance).times(self._weights) + self._bias

    def write(self, folder: Path) -> None:
        """Writes n-grams and weights into a folder.

        Raises:
            OSError: A file cannot be written.
        """
        content = json.dumps(self._vocabulary.ngrams, ensure_ascii=True)
        (folder / _NGRAMS).write_text(content, encoding="utf-8", newline="\n")
        arrays = {"rarity": self._vocabulary.rarity, "weights": self._weights, "bias": self._bias}
        write_arrays(folder / _ARRAYS, arrays)

    @property
    def parameters(self) -> int:
        """How many weights were learnt."""
        return int(self._weights.size + self._bias.size)


def read_ngrams(folder: Path) -> NgramScorer:
    """Opens what `NgramScorer.write` wrote.

    Raises:
        UserError: The files are damaged, or do not fit one another.
    """
    rarity, weights, bias = read_arrays(folder / _ARRAYS, "rarity", "weights", "bias")
    try:
        ngrams = json.loads((folder / _NGRAMS).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _damaged(folder / _NGRAMS, str(error)) from error
    if not isinstance(ngrams, list) or not len(ngrams) == len(rarity) == len(weights):
        raise _damaged(folder / _NGRAMS, f"it does not fit the {len(weights)} weights beside it")
    return NgramScorer(Vocabulary(tuple(map(str, ngrams)), rarity), weights, bias)


def count_words(data: Labelled, most: int, run: Run) -> tuple[Vocabulary, SparseRows]:
    """The n-grams of the training texts, and the rows of the training and then of the validation texts."""
    advance = run.progress("counting words", len(data.texts) + len(data.all_texts))
    vocabulary = learn_vocabulary(data.texts, affordable(most, len(data.labels)), advance)
    return vocabulary, vocabulary.rows(data.all_texts, advance)


def word_counts(context: Context) -> Fit:
    """The rung that counts words and pieces of words."""
    settings = context.encoders

    def fit(train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        require("torch", "torch>=2.4")
        from .head_choice import choose_counts  # noqa: PLC0415 -- for training alone
        from .search import parts_of  # noqa: PLC0415 -- for training alone

        started = time.perf_counter()
        data = labelled(train, validation)
        vocabulary, rows = count_words(data, settings.most_ngrams, run)
        parts = parts_of(data, run.seed)
        choice, layer = choose_counts(context, data, parts, rows, run)
        scorer = NgramScorer(vocabulary, layer.weight.T / choice.temperature, layer.bias / choice.temperature)
        about = WordCountsAbout(labels=data.labels, shares=data.told_shares, choice=choice)
        return Fitted(
            model=TextClassifier(data.labels, data.shares, scorer),
            kind=KIND,
            about=about.model_dump(mode="json"),
            write=scorer.write,
            measured={
                "seconds": time.perf_counter() - started,
                "parameters": float(scorer.parameters),
                "trained_parameters": float(scorer.parameters),
                "cut_texts": float(sum(len(text) > MOST_CHARACTERS for text in data.texts)),
            },
        )

    return fit


def load_word_counts(model: ModelFolder, context: Context) -> TextClassifier:
    """Opens what `word_counts` wrote, in a tenth of a second.

    Raises:
        UserError: The files are damaged, or do not fit one another.
    """
    del context
    about = WordCountsAbout.read(model.about, model.path)
    return TextClassifier(about.labels, about.shares, read_ngrams(model.path))


def _damaged(file: Path, reason: str) -> UserError:
    return UserError(f"{file} cannot be used: {reason}", "take another version of the model, or train it again")
