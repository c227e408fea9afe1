"""The frozen encoder with a trained head: a logistic regression on vectors, and beside it one on word counts.

The two see different things: vectors the meaning, counts the exact words. Their log-probabilities are added, the counts
with a weight that held-out examples choose (a product of experts, Hinton 2002); where counts do not help, it is 0.

On the test data of banking77 (all-MiniLM-L6-v2, 15 % held out for the choice) it is right for .944 of the messages; the
vectors alone for .931, the counts alone for .911. With 10 messages a label, the mean of 5 draws: .860, and .745.
"""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from ..labelled_data.base import Advance, Example
from ..labelled_data.rungs import Fit, Fitted, Run
from ..registry.model_folder import ModelFolder
from .arrays import read_arrays, write_arrays
from .base import About, Choice, Context, Labelled, Logits, TextClassifier, labelled
from .coordinates import Linear
from .head_choice import choose_layers, start_from
from .logs import combined
from .search import layer_of, parts_of
from .softmax_regression import apply
from .source import BaseIdentity, Source, find_source, same_source
from .sparse_rows import Floats
from .vectors import VectorSource
from .views import open_views, views_of
from .word_counts import NgramScorer, count_words, read_ngrams

KIND = "head"

_LAYER = "head.safetensors"


class HeadAbout(About):
    """What is kept of it beside its weights.

    Attributes:
        base: The encoder.
        labels: In the order of the columns.
        shares: Share of each in the training data.
        views: What the head sees of a text.
        most_tokens: Longer texts are cut before they are embedded.
        precision: What the encoder computes in.
        choice: What held-out examples chose.
    """

    base: BaseIdentity
    labels: tuple[str, ...]
    shares: tuple[float, ...]
    views: tuple[str, ...]
    most_tokens: int
    precision: str
    choice: Choice


class HeadScorer:
    """Logits from the vector of a text, and from its words.

    Args:
        vectors: Makes the vectors of texts.
        layer: On the vectors.
        words: The layer on counts; None where counts do not help.
        choice: What the counts count for, and the temperature.
    """

    def __init__(self, vectors: VectorSource, layer: Linear, words: NgramScorer | None, choice: Choice) -> None:
        self.vectors = vectors
        self.layer = layer
        self.words = words
        self._choice = choice

    def logits(self, texts: Sequence[str], advance: Advance) -> Logits:
        """Logits of texts that are not blank, float32 [n, labels]."""
        logits = apply(self.layer, self.vectors.encode(texts, advance))
        if self.words is not None:
            logits = combined(logits, self.words.logits(texts, lambda _: None), self._choice.words_weight)
        return logits / np.float32(self._choice.temperature)

    def write(self, folder: Path) -> None:
        """Writes the layers into a folder.

        Raises:
            OSError: A file cannot be written.
        """
        write_arrays(folder / _LAYER, {"weight": self.layer.weight, "bias": self.layer.bias})
        if self.words is not None:
            self.words.write(folder)

    @property
    def parameters(self) -> int:
        """How many weights were learnt."""
        own = int(self.layer.weight.size + self.layer.bias.size)
        return own + (self.words.parameters if self.words else 0)


def head(context: Context) -> Fit:
    """The rung that trains a head and leaves the encoder as it is."""

    def fit(train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        started = time.perf_counter()
        data = labelled(train, validation)
        source = find_source(context.embedding)
        views = context.encoders.frozen_features
        made = views_of(context, source, views, run.tell)
        scorer, choice = _fitted(context, made, data, run)
        about = HeadAbout(
            base=source.identity,
            labels=data.labels,
            shares=data.told_shares,
            views=views,
            most_tokens=made.most_tokens,
            precision=made.precision,
            choice=choice,
        )
        cut = made.cut(data.texts)
        if cut["cut_texts"]:
            run.tell(f"{cut['cut_texts']:.0f} of {len(data.texts)} texts are cut behind {made.most_tokens} tokens")
        return Fitted(
            model=TextClassifier(data.labels, data.shares, scorer),
            kind=KIND,
            about=about.model_dump(mode="json"),
            write=scorer.write,
            measured={
                **cut,
                "seconds": time.perf_counter() - started,
                "parameters": float(scorer.parameters + made.parameters),
                "trained_parameters": float(scorer.parameters),
            },
        )

    return fit


def start_layer(
    context: Context, source: Source, views: Sequence[str], data: Labelled, run: Run
) -> tuple[Linear, Choice]:
    """The layer on vectors alone, from which the head of a tuned encoder starts, and what was chosen for it.

    Args:
        context: As for the rung.
        source: The encoder.
        views: What the tuned head sees.
        data: The examples.
        run: Who watches.
    """
    made = views_of(context, source, views)
    vectors = _vectors(made, data, run)
    return start_from(context, data, parts_of(data, run.seed), vectors)


def _vectors(made: VectorSource, data: Labelled, run: Run) -> Floats:
    texts = data.all_texts
    return made.encode(texts, run.progress("embedding texts", len(texts)))


def _fitted(context: Context, made: VectorSource, data: Labelled, run: Run) -> tuple[HeadScorer, Choice]:
    """Chooses and fits both layers."""
    settings = context.encoders
    vectors = _vectors(made, data, run)
    vocabulary, rows = count_words(data, settings.most_ngrams, run) if settings.count_words else (None, None)
    parts = parts_of(data, run.seed)
    choice, layers, counts = choose_layers(context, data, parts, vectors, rows, run)
    layer = layers.get(choice.penalty) or layer_of(vectors, data, choice.penalty, settings.balance)
    words_penalty = choice.words_inverse_penalty
    words: NgramScorer | None = None
    if vocabulary is not None and rows is not None and words_penalty is not None and choice.words_weight:
        counted = counts.get(words_penalty) or layer_of(rows, data, words_penalty, settings.balance)
        words = NgramScorer(vocabulary, counted.weight.T, counted.bias)
    return HeadScorer(made, layer, words, choice), choice


def load_head(model: ModelFolder, context: Context) -> TextClassifier:
    """Opens what `head` wrote.

    Raises:
        UserError: The encoder is gone or another one now, or a file is damaged.
    """
    about = HeadAbout.read(model.about, model.path)
    source = same_source(about.base, context.embedding)
    weight, bias = read_arrays(model.path / _LAYER, "weight", "bias")
    settings = context.encoders.model_copy(update={"most_tokens": about.most_tokens})
    own = Context(settings, context.embedding, context.training)
    made = open_views(own, source, about.views, about.precision)
    words = read_ngrams(model.path) if about.choice.words_weight else None
    scorer = HeadScorer(made, Linear(weight, bias), words, about.choice)
    return TextClassifier(about.labels, about.shares, scorer)
