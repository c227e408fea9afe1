"""A classifier whose encoder is trained too: by adapters of low rank, or as a whole."""

import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ..labelled_data.base import Example
from ..labelled_data.rungs import Fit, Fitted, Run
from ..registry.model_folder import ModelFolder
from ..training.base import Validate
from ..training.loop import train as train_network
from ..training.workers import is_main_process
from .base import Choice, Context, Labelled, TextClassifier, labelled
from .batches import LabelledTexts, classification_loss
from .digest import digest_of
from .head import start_layer
from .kept import (
    Method,
    TunedAbout,
    open_encoder,
    read_head,
    set_head,
    without_adapter,
    write_network,
)
from .network import Pool, SentenceNetwork
from .preparing import head_group, key_of, new_encoder, new_reader, seeded, training_settings
from .reading import Reader, cut_figures, tell_cut
from .scoring import NetworkScorer, logits_of
from .search import SCORES
from .softmax_regression import balancing_weights
from .source import Source, find_source

LORA = "lora"
FULL = "full"


class ClassifierAbout(TunedAbout):
    """What is kept of a tuned classifier.

    Attributes:
        shares: Share of each label in the training data.
        views: What the head sees of a text.
    """

    shares: tuple[float, ...]
    views: tuple[str, ...]


class TunedClassifier(TextClassifier):
    """A classifier whose network was trained as a whole, or by an adapter.

    Args:
        about: What is kept beside the weights.
        network: In evaluation mode.
        reader: Tokenises for it.
    """

    def __init__(self, about: ClassifierAbout, network: SentenceNetwork, reader: Reader) -> None:
        super().__init__(about.labels, about.shares, NetworkScorer(network, reader))
        self.about = about
        self.network = network
        self.reader = reader

    @property
    def kind(self) -> str:
        """The kind of its model folder."""
        return FULL if self.about.merged else self.about.method

    def write(self, folder: Path) -> None:
        """Writes its files into a folder.

        Raises:
            OSError: A file cannot be written.
        """
        write_network(self.network, self.reader, folder)

    def merged(self) -> "TunedClassifier":
        """The same classifier with its adapter added into the weights; its probabilities differ by rounding alone.

        Raises:
            UserError: It has no adapter.
        """
        network = SentenceNetwork(without_adapter(self.network), self.network.pool, len(self.labels), 0.0)
        network.head.load_state_dict(self.network.head.state_dict())
        about = self.about.model_copy(update={"merged": True})
        return TunedClassifier(about, network.to(self.network.head.weight.device).eval(), self.reader)


def lora(context: Context) -> Fit:
    """The rung that trains an adapter of low rank beside each layer of the encoder, and the head."""
    return _rung(context, "lora")


def full(context: Context) -> Fit:
    """The rung that trains all weights of the encoder, and the head."""
    return _rung(context, "full")


def load_tuned(model: ModelFolder, context: Context) -> TunedClassifier:
    """Opens what `lora`, `full` or a merged export wrote.

    Raises:
        UserError: The encoder of an adapter is gone or another one now, or a file is damaged.
    """
    about = ClassifierAbout.read(model.about, model.path)
    encoder, reader = open_encoder(about, model.path, context)
    network = _network(encoder, about.views, len(about.labels), 0.0)
    read_head(network.head, model.path)
    return TunedClassifier(about, network.to(encoder.device).requires_grad_(False).eval(), reader)


def _rung(context: Context, method: Method) -> Fit:
    def fit(train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        return _fit(context, method, labelled(train, validation), run)

    return fit


def _fit(context: Context, method: Method, data: Labelled, run: Run) -> Fitted:
    started = time.perf_counter()
    settings = context.encoders
    source = find_source(context.embedding)
    reader = new_reader(context, source)
    reading, checked = reader.read(data.texts), reader.read(data.validation_texts)
    tell_cut(reading, reader, run)
    network, choice = _new_network(context, method, source, data, run)
    weights = balancing_weights(data.numbers, len(data.labels), settings.balance)
    trained = train_network(
        network,
        LabelledTexts(reader, reading.tokens, data.numbers),
        classification_loss(weights, settings.label_smoothing),
        _validate(context, network, reader, checked.tokens, data) if checked.tokens else None,
        training_settings(context, method),
        run,
        key=key_of(
            context,
            method,
            source,
            run,
            train=digest_of([data.labels, data.texts, data.numbers.tolist()]),
            validation=digest_of([data.validation_texts, data.validation_numbers.tolist()]),
        ),
        groups=[head_group(network, context)],
    )
    about = ClassifierAbout(
        base=source.identity,
        method=method,
        prompt=source.prompt,
        most_tokens=reader.most_tokens,
        labels=data.labels,
        choice=choice,
        shares=data.told_shares,
        views=settings.tuned_features,
    )
    classifier = TunedClassifier(about, network.requires_grad_(False), reader)
    return Fitted(
        model=classifier,
        kind=classifier.kind,
        about=about.model_dump(mode="json"),
        write=classifier.write,
        measured={**trained.measured, **cut_figures(reading), "seconds": time.perf_counter() - started},
    )


def _new_network(
    context: Context, method: Method, source: Source, data: Labelled, run: Run
) -> tuple[SentenceNetwork, Choice | None]:
    """The network as its training begins; its head answers as the frozen one does, or at random."""
    settings = context.encoders
    start, choice = None, None
    # Processes beside the main one start from its weights, whatever their own are.
    if settings.head_start == "frozen" and is_main_process():
        start, choice = start_layer(context, source, settings.tuned_features, data, run)
    seeded(run)
    encoder = new_encoder(context, method, source)
    network = _network(encoder, settings.tuned_features, len(data.labels), settings.head_dropout)
    if start is not None:
        set_head(network.head, start.weight, start.bias)
    return network, choice


def _network(encoder: Any, views: Sequence[str], labels: int, dropout: float) -> SentenceNetwork:
    pool = Pool(views, encoder.config.num_hidden_layers, normalised=True)
    return SentenceNetwork(encoder, pool, labels, dropout)


def _validate(
    context: Context, network: SentenceNetwork, reader: Reader, tokens: Sequence[Sequence[int]], data: Labelled
) -> Validate:
    score = SCORES[context.encoders.judged_by]
    return lambda: score(logits_of(network, reader, tokens), data.validation_numbers)
