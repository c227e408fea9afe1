"""A linear tagger: logistic regression on what stands in and around each word, then the most probable valid tags."""

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
from .base import About, Choice, Context
from .logs import log_softmax
from .sparse_rows import affordable
from .tagger import ScoredWords, TextTagger, fewer, tagged
from .tags import Logits, Words, words_in
from .word_features import WordVocabulary, learn_features

KIND = "word_tagger"

_FEATURES = "features.json"
_ARRAYS = "word_tagger.safetensors"


class WordTaggerAbout(About):
    """What is kept of it beside its features and their weights."""

    labels: tuple[str, ...]
    choice: Choice


class FeatureScorer:
    """Scores words by their features; needs numpy alone.

    Args:
        vocabulary: The features that count.
        weights: float32 [features, tags].
        bias: float32 [tags].
    """

    def __init__(self, vocabulary: WordVocabulary, weights: Logits, bias: Logits) -> None:
        self._vocabulary = vocabulary
        self._weights = np.ascontiguousarray(weights)
        self._bias = bias

    def logits(self, texts: Sequence[str], words: Sequence[Words]) -> Logits:
        """Logits of the words of all texts, one after the other: float32 [words, tags]."""
        return self._vocabulary.rows(texts, words).times(self._weights) + self._bias

    def words(self, texts: Sequence[str], advance: Advance) -> list[ScoredWords]:
        """The words of each text with the log-probabilities of their tags."""
        found = []
        for text in texts:
            words = words_in(text)
            found.append(ScoredWords(words, log_softmax(self.logits([text], [words]))))
            advance(1)
        return found

    def write(self, folder: Path) -> None:
        """Writes features and weights into a folder.

        Raises:
            OSError: A file cannot be written.
        """
        content = json.dumps(self._vocabulary.features, ensure_ascii=True)
        (folder / _FEATURES).write_text(content, encoding="utf-8", newline="\n")
        write_arrays(folder / _ARRAYS, {"weights": self._weights, "bias": self._bias})

    @property
    def parameters(self) -> int:
        """How many weights were learnt."""
        return int(self._weights.size + self._bias.size)


def read_features(folder: Path) -> FeatureScorer:
    """Opens what `FeatureScorer.write` wrote.

    Raises:
        UserError: The files are damaged, or do not fit one another.
    """
    weights, bias = read_arrays(folder / _ARRAYS, "weights", "bias")
    file = folder / _FEATURES
    try:
        features = json.loads(file.read_text(encoding="utf-8"))
        if not isinstance(features, list) or len(features) != len(weights):
            raise ValueError(f"it does not fit the {len(weights)} weights beside it")
    except (OSError, ValueError) as error:
        raise UserError(
            f"{file} cannot be used: {error}", "take another version of the model, or train it again"
        ) from error
    return FeatureScorer(WordVocabulary(tuple(map(str, features))), weights, bias)


def word_tagger(context: Context) -> Fit:
    """The rung that looks at words and their neighbours."""
    settings = context.encoders

    def fit(train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        require("torch", "torch>=2.4")
        from .head_choice import choose_counts  # noqa: PLC0415 -- for training alone
        from .search import parts_of_texts  # noqa: PLC0415 -- for training alone

        started = time.perf_counter()
        data = fewer(tagged(train, validation, run), run)
        words, checked = data.words(), data.validation_words()
        vocabulary = learn_features(data.texts, words, affordable(settings.most_ngrams, 1 + 2 * len(data.labels)))
        rows = vocabulary.rows(data.all_texts, [*words, *checked])
        by_word = data.by_word(words, checked)
        parts = parts_of_texts(by_word, list(map(len, words)), run.seed, data.units)
        choice, layer = choose_counts(context, by_word, parts, rows, run)
        scorer = FeatureScorer(vocabulary, layer.weight.T / choice.temperature, layer.bias / choice.temperature)
        about = WordTaggerAbout(labels=data.labels, choice=choice)
        return Fitted(
            model=TextTagger(data.labels, scorer),
            kind=KIND,
            about=about.model_dump(mode="json"),
            write=scorer.write,
            measured={
                "seconds": time.perf_counter() - started,
                "parameters": float(scorer.parameters),
                "trained_parameters": float(scorer.parameters),
            },
        )

    return fit


def load_word_tagger(model: ModelFolder, context: Context) -> TextTagger:
    """Opens what `word_tagger` wrote.

    Raises:
        UserError: The files are damaged, or do not fit one another.
    """
    del context
    about = WordTaggerAbout.read(model.about, model.path)
    return TextTagger(about.labels, read_features(model.path))
