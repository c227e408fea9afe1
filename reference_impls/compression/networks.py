"""The network within a tuned model, apart from how it is kept: what is exported, pruned, and imitated."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from ..encoders.adapters import all_parameters, has_adapter, merged_encoder
from ..encoders.base import Choice, Context, TextClassifier
from ..encoders.head import KIND as HEAD
from ..encoders.head import HeadAbout, HeadScorer
from ..encoders.kept import set_head
from ..encoders.loading import load_encoder, load_tokenizer
from ..encoders.network import Pool, SentenceNetwork, TokenNetwork
from ..encoders.reading import Reader
from ..encoders.source import same_source
from ..encoders.tagger_tuning import TaggerAbout, TunedTagger
from ..encoders.tuning import ClassifierAbout, TunedClassifier
from ..encoders.views import SENTENCE
from ..encoders.word_counts import NgramScorer
from ..labelled_data.base import Classifier, Tagger
from ..labelled_data.rungs import Fitted
from ..project_base.errors import UserError
from ..registry.model_folder import ModelFolder
from .measuring import Candidate
from .words import plain

_BYTES = 4


@dataclass(frozen=True)
class Parts:
    """A tuned model in its parts.

    Attributes:
        about: What is kept of it beside its weights.
        network: Its adapter is merged, it is in evaluation mode, in float32 on the CPU, and nobody else's: it may be
            changed.
        reader: Tokenises for it.
        adapted: Whether the model has an adapter, which the network has no more.
        words: What counts words beside the network; None where nothing does.
        choice: What its counts count for, and what logits are divided by.
    """

    about: ClassifierAbout | TaggerAbout
    network: SentenceNetwork | TokenNetwork
    reader: Reader
    adapted: bool = False
    words: NgramScorer | None = None
    choice: Choice = field(default_factory=Choice)


def parts_of(model: Classifier | Tagger, instead: str = "choose a model of the rungs lora or full") -> Parts:
    """A model's parts, as a copy.

    Args:
        model: Of any kind.
        instead: What the user is told to do where this kind has no network.

    Raises:
        UserError: It has no network of the room encoders.
    """
    if not isinstance(model, TunedClassifier | TunedTagger):
        raise UserError("this model has no tuned encoder of its own that could be made smaller", instead)
    adapted = has_adapter(model.network.encoder)
    network = copy.deepcopy(model.network)
    if adapted:
        network.encoder = merged_encoder(network.encoder)
    about = model.about.model_copy(update={"method": "full", "merged": False})
    return Parts(about, network.float().to("cpu").requires_grad_(False).eval(), model.reader, adapted)


def parts_of_kept(kept: ModelFolder, model: Classifier | Tagger, context: Context) -> Parts:
    """The parts of a model that was opened from a folder: a tuned one, or a frozen encoder with its head.

    Args:
        kept: The folder.
        model: What was opened.
        context: Where the frozen encoder is.

    Raises:
        UserError: It has no network of the room encoders.
    """
    if kept.kind != HEAD:
        return parts_of(model, "export a model of the rungs head, lora or full")
    about = HeadAbout.read(kept.about, kept.path)
    if about.views == SENTENCE:
        raise UserError(
            "this head sees the vectors of the embedding room, whose model is exported there",
            "set encoders.views to mean, max, cls and train it again; then all of it goes into one file",
        )
    assert isinstance(model, TextClassifier)  # noqa: S101 -- for the type checker
    assert isinstance(model.scorer, HeadScorer)  # noqa: S101 -- likewise
    source = same_source(about.base, context.embedding)
    encoder = load_encoder(source)
    pool = Pool(about.views, encoder.config.num_hidden_layers, normalised=True)
    network = SentenceNetwork(encoder, pool, len(about.labels), 0.0)
    set_head(network.head, model.scorer.layer.weight, model.scorer.layer.bias)
    kept_as = ClassifierAbout(
        base=about.base,
        method="full",
        prompt=source.prompt,
        most_tokens=about.most_tokens,
        labels=about.labels,
        shares=about.shares,
        views=about.views,
    )
    reader = Reader(load_tokenizer(source), about.most_tokens, source.prompt)
    network = network.requires_grad_(False).eval()
    return Parts(kept_as, network, reader, words=model.scorer.words, choice=about.choice)


def model_of(parts: Parts) -> TunedClassifier | TunedTagger:
    """The model that consists of these parts."""
    if isinstance(parts.about, TaggerAbout):
        assert isinstance(parts.network, TokenNetwork)  # noqa: S101 -- for the type checker
        return TunedTagger(parts.about, parts.network, parts.reader)
    assert isinstance(parts.network, SentenceNetwork)  # noqa: S101 -- likewise
    return TunedClassifier(parts.about, parts.network, parts.reader)


def count_layers(parts: Parts) -> None:
    """Makes the network read the layers that its encoder has now."""
    if isinstance(parts.about, ClassifierAbout) and isinstance(parts.network, SentenceNetwork):
        layers, normalised = parts.network.encoder.config.num_hidden_layers, parts.network.pool.normalised
        parts.network.pool = Pool(parts.about.views, layers, normalised)


def copied(parts: Parts) -> Parts:
    """The same, with a network of its own."""
    return replace(parts, network=copy.deepcopy(parts.network))


def candidate(parts: Parts) -> Candidate:
    """The network of these parts, to be measured, with its size as it will be kept."""
    parameters = all_parameters(parts.network)
    # As safetensors, whose headers take a few hundred bytes for each layer.
    size = _BYTES * parameters + len(plain(parts.reader.tokenizer).to_str().encode())
    return Candidate(model_of(parts), size, parameters)


def fitted(parts: Parts, measured: Mapping[str, float]) -> Fitted:
    """The model of these parts, as a rung hands it back: it is kept and opened like one of full tuning."""
    model = model_of(parts)
    return Fitted(model, model.kind, parts.about.model_dump(mode="json"), model.write, measured)
