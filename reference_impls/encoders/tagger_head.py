"""The frozen encoder with a trained tagger: logistic regression on the vectors of words, and on what stands in them."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from ..labelled_data.base import Advance, Example
from ..labelled_data.rungs import Fit, Fitted, Run
from ..registry.model_folder import ModelFolder
from .arrays import read_arrays, write_arrays
from .base import About, Choice, Context, Labelled
from .coordinates import Linear
from .digest import digest_of
from .head_choice import choose_layers, start_from
from .logs import combined, log_softmax
from .search import Part, layer_of, parts_of_texts
from .softmax_regression import apply
from .source import BaseIdentity, Source, find_source, same_source
from .sparse_rows import Floats, affordable
from .tagger import ScoredWords, TaggedTexts, TextTagger, fewer, scored, tagged
from .windows import Windows, windows_of
from .word_features import learn_features
from .word_tagger import FeatureScorer, read_features

if TYPE_CHECKING:
    from .frozen import FrozenEncoder

KIND = "tagger_head"

_LAYER = "head.safetensors"


class TaggerHeadAbout(About):
    """What is kept of it beside its weights.

    Attributes:
        base: The encoder.
        labels: The labels of spans.
        most_tokens: How many tokens a window has.
        overlap: How many of them neighbouring windows share.
        precision: What the encoder computes in.
        choice: What held-out examples chose.
    """

    base: BaseIdentity
    labels: tuple[str, ...]
    most_tokens: int
    overlap: int
    precision: str
    choice: Choice


class VectorScorer:
    """Scores words by their vectors, and by their features.

    Args:
        encoder: Makes the vectors.
        overlap: Tokens that windows of a text share.
        layer: On the vectors.
        features: The layer on features; None where they do not help.
        choice: What the features count for, and the temperature.
    """

    def __init__(
        self,
        encoder: "FrozenEncoder",
        overlap: int,
        layer: Linear,
        features: FeatureScorer | None,
        choice: Choice,
    ) -> None:
        self._encoder = encoder
        self._overlap = overlap
        self.layer = layer
        self.features = features
        self._choice = choice

    def words(self, texts: Sequence[str], advance: Advance) -> list[ScoredWords]:
        """The words of each text with the log-probabilities of their tags."""
        windows = windows_of(self._encoder.reader, texts, self._overlap)
        logits = apply(self.layer, word_vectors(self._encoder, windows))
        if self.features is not None:
            logits = combined(logits, self.features.logits(texts, windows.words), self._choice.words_weight)
        logs = log_softmax(logits / np.float32(self._choice.temperature))
        advance(len(texts))
        return scored(windows.words, logs, windows.shared)

    def write(self, folder: Path) -> None:
        """Writes the layers into a folder.

        Raises:
            OSError: A file cannot be written.
        """
        write_arrays(folder / _LAYER, {"weight": self.layer.weight, "bias": self.layer.bias})
        if self.features is not None:
            self.features.write(folder)

    @property
    def parameters(self) -> int:
        """How many weights were learnt."""
        own = int(self.layer.weight.size + self.layer.bias.size)
        return own + (self.features.parameters if self.features else 0)


def word_vectors(encoder: "FrozenEncoder", windows: Windows, advance: Advance = lambda _: None) -> Floats:
    """The vector of the first token of each word, scaled to length 1: float32 [words, width]."""
    vectors = np.empty((len(windows.window), encoder.width), dtype=np.float32)
    order = np.argsort(windows.window, kind="stable")
    ends = np.searchsorted(windows.window[order], np.arange(len(windows.tokens) + 1))
    for window, states in encoder.tokens(windows.tokens, advance):
        places = order[ends[window] : ends[window + 1]]
        vectors[places] = states[windows.token[places]]
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    unit: Floats = vectors / np.maximum(lengths, np.float32(1e-12))
    return unit


def tagger_head(context: Context) -> Fit:
    """The rung that trains a tagger on vectors and leaves the encoder as it is."""

    def fit(train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        started = time.perf_counter()
        data = tagged(train, validation, run)
        source = find_source(context.embedding)
        encoder = _encoder(context, source)
        scorer, choice = _fitted(context, encoder, data, run)
        about = TaggerHeadAbout(
            base=source.identity,
            labels=data.labels,
            most_tokens=encoder.reader.most_tokens,
            overlap=context.encoders.window_overlap,
            precision=encoder.precision,
            choice=choice,
        )
        return Fitted(
            model=TextTagger(data.labels, scorer),
            kind=KIND,
            about=about.model_dump(mode="json"),
            write=scorer.write,
            measured={
                "seconds": time.perf_counter() - started,
                "parameters": float(scorer.parameters + encoder.parameters),
                "trained_parameters": float(scorer.parameters),
            },
        )

    return fit


def load_tagger_head(model: ModelFolder, context: Context) -> TextTagger:
    """Opens what `tagger_head` wrote.

    Raises:
        UserError: The encoder is gone or another one now, or a file is damaged.
    """
    about = TaggerHeadAbout.read(model.about, model.path)
    source = same_source(about.base, context.embedding)
    weight, bias = read_arrays(model.path / _LAYER, "weight", "bias")
    settings = context.encoders.model_copy(update={"most_tokens": about.most_tokens})
    encoder = _encoder(Context(settings, context.embedding, context.training), source, about.precision)
    features = read_features(model.path) if about.choice.words_weight else None
    scorer = VectorScorer(encoder, about.overlap, Linear(weight, bias), features, about.choice)
    return TextTagger(about.labels, scorer)


def start_tags(context: Context, source: Source, data: TaggedTexts, run: Run) -> tuple[Linear, Choice]:
    """The layer on vectors alone, from which the head of a tuned tagger starts, and what was chosen for it.

    Args:
        context: As for the rung.
        source: The encoder.
        data: The examples.
        run: Who watches.
    """
    seen = _seen(context, _encoder(context, source), fewer(data, run), run)
    return start_from(context, seen.by_word, seen.parts, seen.vectors)


@dataclass(frozen=True)
class _Seen:
    """Examples as the frozen encoder sees them."""

    data: TaggedTexts
    windows: Windows
    vectors: Floats
    by_word: Labelled
    parts: list[Part]


def _seen(context: Context, encoder: "FrozenEncoder", data: TaggedTexts, run: Run) -> _Seen:
    windows = windows_of(encoder.reader, data.all_texts, context.encoders.window_overlap)
    advance = run.progress("embedding words", len(windows.tokens))
    key = f"{encoder.id}|{context.encoders.window_overlap}|{digest_of(data.all_texts)}"
    vectors = context.vectors.words(key, lambda: word_vectors(encoder, windows, advance))
    count = len(data.texts)
    by_word = data.by_word(windows.words[:count], windows.words[count:])
    sizes = windows.sizes[:count]
    parts = parts_of_texts(by_word, sizes, run.seed, data.units)
    return _Seen(data, windows, vectors, by_word, parts)


def _encoder(context: Context, source: Source, precision: str = "auto") -> "FrozenEncoder":
    """The encoder, loaded once while a ladder is climbed."""
    from .frozen import FrozenEncoder  # noqa: PLC0415 -- loads torch

    key = f"words|{precision}|{source.identity.model_dump_json()}|{context.encoders.most_tokens}"
    made = context.vectors.source(key, lambda: FrozenEncoder(source, context, ("mean",), precision))
    assert isinstance(made, FrozenEncoder)  # noqa: S101 -- the key names what is made for it
    return made


def _fitted(context: Context, encoder: "FrozenEncoder", given: TaggedTexts, run: Run) -> tuple[VectorScorer, Choice]:
    """Chooses and fits both layers."""
    settings = context.encoders
    seen = _seen(context, encoder, fewer(given, run), run)
    vocabulary, rows = None, None
    if settings.count_words:
        most = affordable(settings.most_ngrams, len(seen.by_word.labels))
        vocabulary = learn_features(seen.data.texts, seen.windows.words[: len(seen.data.texts)], most)
        rows = vocabulary.rows(seen.data.all_texts, seen.windows.words)
    choice, layers, counts = choose_layers(context, seen.by_word, seen.parts, seen.vectors, rows, run)
    layer = layers.get(choice.penalty) or layer_of(seen.vectors, seen.by_word, choice.penalty, settings.balance)
    features, penalty = None, choice.words_inverse_penalty
    if vocabulary is not None and rows is not None and penalty is not None and choice.words_weight:
        found = counts.get(penalty) or layer_of(rows, seen.by_word, penalty, settings.balance)
        features = FeatureScorer(vocabulary, found.weight.T, found.bias)
    return VectorScorer(encoder, settings.window_overlap, layer, features, choice), choice
