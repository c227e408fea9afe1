"""A tagger whose encoder is trained too: by adapters of low rank, or as a whole."""

import time
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from torch import nn

from ..labelled_data.base import Advance, Example
from ..labelled_data.rungs import Fit, Fitted, Run
from ..registry.model_folder import ModelFolder
from ..training.base import Validate
from ..training.loop import train as train_network
from ..training.workers import is_main_process
from .base import Choice, Context
from .batches import tagging_loss
from .digest import digest_of
from .kept import Method, TunedAbout, open_encoder, read_head, set_head, without_adapter, write_network
from .logs import log_softmax
from .network import TokenNetwork
from .preparing import head_group, key_of, new_encoder, new_reader, seeded, training_settings
from .reading import Reader
from .scoring import token_logits_of
from .softmax_regression import balancing_weights
from .source import Source, find_source
from .tagger import ScoredWords, TaggedTexts, TextTagger, joined_tags, scored, span_f1, spans_of_words, tagged
from .tagger_head import start_tags
from .tags import Logits, tag_names
from .windows import TaggedWindows, Windows, windows_of

LORA = "tagger_lora"
FULL = "tagger_full"


class TaggerAbout(TunedAbout):
    """What is kept of a tuned tagger.

    Attributes:
        overlap: How many tokens neighbouring windows of a text share.
    """

    overlap: int


class NetworkWordScorer:
    """The scorer of a tuned tagger.

    Args:
        network: In evaluation mode.
        reader: Tokenises for it.
        overlap: Tokens that neighbouring windows of a text share.
    """

    def __init__(self, network: TokenNetwork, reader: Reader, overlap: int) -> None:
        self.network = network
        self.reader = reader
        self.overlap = overlap

    def words(self, texts: Sequence[str], advance: Advance) -> list[ScoredWords]:
        """The words of each text with the log-probabilities of their tags."""
        windows = windows_of(self.reader, texts, self.overlap)
        found = scored(windows.words, word_logs(self.network, self.reader, windows), windows.shared)
        advance(len(texts))
        return found


class TunedTagger(TextTagger):
    """A tagger whose network was trained as a whole, or by an adapter.

    Args:
        about: What is kept beside the weights.
        network: In evaluation mode.
        reader: Tokenises for it.
    """

    def __init__(self, about: TaggerAbout, network: TokenNetwork, reader: Reader) -> None:
        super().__init__(about.labels, NetworkWordScorer(network, reader, about.overlap))
        self.about = about
        self.network = network
        self.reader = reader

    @property
    def kind(self) -> str:
        """The kind of its model folder."""
        return FULL if self.about.merged or self.about.method == "full" else LORA

    def write(self, folder: Path) -> None:
        """Writes its files into a folder.

        Raises:
            OSError: A file cannot be written.
        """
        write_network(self.network, self.reader, folder)

    def merged(self) -> "TunedTagger":
        """The same tagger with its adapter added into the weights.

        Raises:
            UserError: It has no adapter.
        """
        network = TokenNetwork(without_adapter(self.network), self.network.head.out_features, 0.0)
        network.head.load_state_dict(self.network.head.state_dict())
        about = self.about.model_copy(update={"merged": True})
        network = network.to(self.network.head.weight.device).requires_grad_(False).eval()
        return TunedTagger(about, network, self.reader)


def tagger_lora(context: Context) -> Fit:
    """The rung that trains an adapter of low rank beside each layer of the encoder, and the head."""
    return _rung(context, "lora")


def tagger_full(context: Context) -> Fit:
    """The rung that trains all weights of the encoder, and the head."""
    return _rung(context, "full")


def load_tuned_tagger(model: ModelFolder, context: Context) -> TunedTagger:
    """Opens what `tagger_lora`, `tagger_full` or a merged export wrote.

    Raises:
        UserError: The encoder of an adapter is gone or another one now, or a file is damaged.
    """
    about = TaggerAbout.read(model.about, model.path)
    encoder, reader = open_encoder(about, model.path, context)
    network = TokenNetwork(encoder, len(tag_names(about.labels)), 0.0)
    read_head(network.head, model.path)
    return TunedTagger(about, network.to(encoder.device).requires_grad_(False).eval(), reader)


def word_logs(network: nn.Module, reader: Reader, windows: Windows) -> Logits:
    """Log-probabilities of the tags of all words, float32 [words, tags]."""
    logits = token_logits_of(network, reader, windows.tokens)
    rows = [logits[window][token] for window, token in zip(windows.window, windows.token, strict=True)]
    tags = int(network.head.out_features)  # type: ignore[union-attr, arg-type]  # a linear layer
    return log_softmax(np.stack(rows)) if rows else np.empty((0, tags), dtype=np.float32)


def _rung(context: Context, method: Method) -> Fit:
    def fit(train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        return _fit(context, method, tagged(train, validation, run), run)

    return fit


def _fit(context: Context, method: Method, data: TaggedTexts, run: Run) -> Fitted:
    started = time.perf_counter()
    settings = context.encoders
    source = find_source(context.embedding)
    reader = new_reader(context, source)
    windows = windows_of(reader, data.texts, settings.window_overlap)
    tags = joined_tags(windows.words, data.spans, data.labels)
    network, choice = _new_network(context, method, source, data, run)
    trained = train_network(
        network,
        TaggedWindows(reader, windows, tags),
        tagging_loss(balancing_weights(tags, len(tag_names(data.labels)), settings.balance), settings.label_smoothing),
        _validate(network, reader, data, settings.window_overlap) if data.validation_texts else None,
        training_settings(context, method),
        run,
        key=key_of(
            context,
            method,
            source,
            run,
            train=digest_of([data.texts, [[[each.start, each.end, each.label] for each in of] for of in data.spans]]),
            validation=digest_of(
                [
                    data.validation_texts,
                    [[[each.start, each.end, each.label] for each in of] for of in data.validation_spans],
                ]
            ),
        ),
        groups=[head_group(network, context)],
    )
    about = TaggerAbout(
        base=source.identity,
        method=method,
        prompt="",
        most_tokens=reader.most_tokens,
        labels=data.labels,
        choice=choice,
        overlap=settings.window_overlap,
    )
    tagger = TunedTagger(about, network.requires_grad_(False), reader)
    return Fitted(
        model=tagger,
        kind=tagger.kind,
        about=about.model_dump(mode="json"),
        write=tagger.write,
        measured={
            **trained.measured,
            "windowed_texts": float(windows.long_texts),
            "seconds": time.perf_counter() - started,
        },
    )


def _new_network(
    context: Context, method: Method, source: Source, data: TaggedTexts, run: Run
) -> tuple[TokenNetwork, Choice | None]:
    """The network as its training begins; its head answers as the frozen one does, or at random."""
    settings = context.encoders
    start, choice = None, None
    # Processes beside the main one start from its weights, whatever their own are.
    if settings.head_start == "frozen" and is_main_process():
        start, choice = start_tags(context, source, data, run)
    seeded(run)
    encoder = new_encoder(context, method, source)
    network = TokenNetwork(encoder, len(tag_names(data.labels)), settings.head_dropout)
    if start is not None:
        set_head(network.head, start.weight, start.bias)
    return network, choice


def _validate(network: TokenNetwork, reader: Reader, data: TaggedTexts, overlap: int) -> Validate:
    """F1 over spans; below 0, while no span is right, the mean log-likelihood of the words' tags leads on."""
    windows = windows_of(reader, data.validation_texts, overlap)
    tags = joined_tags(windows.words, data.validation_spans, data.labels)

    def validate() -> float:
        logs = word_logs(network, reader, windows)
        given = spans_of_words(scored(windows.words, logs, windows.shared), data.labels)
        found = span_f1(data.validation_spans, given)
        return found or float(logs[np.arange(len(tags)), tags].mean())

    return validate
