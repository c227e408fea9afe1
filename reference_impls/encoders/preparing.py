"""What the tuned rungs of classification and extraction prepare alike."""

from pathlib import Path
from typing import Any

from ..labelled_data.rungs import Run
from ..training.base import ParameterGroup
from ..training.run_key import run_key
from ..training.seeds import seed_everything
from ..training.settings import Settings as TrainingSettings
from .adapters import add_adapter
from .base import Context
from .kept import Method, Network, freeze_unused
from .loading import load_encoder, load_tokenizer
from .reading import Reader
from .source import Source

_WITHOUT_EFFECT = {"views", "count_words", "most_ngrams"}
"""Settings that the tuned networks do not know: a run goes on from its checkpoints when they change."""


def new_reader(context: Context, source: Source) -> Reader:
    """Tokenises for an encoder that is to be trained.

    Raises:
        UserError: Its tokenizer cannot be loaded.
    """
    return Reader(load_tokenizer(source), min(context.encoders.most_tokens, source.most_tokens), source.prompt)


def seeded(run: Run) -> None:
    """Seeds all generators, before weights are made."""
    seed_everything(run.seed)


def new_encoder(context: Context, method: Method, source: Source) -> Any:
    """The encoder as its training begins: with an adapter, or with all weights to be trained.

    Raises:
        UserError: It cannot be loaded, or no layer has the name of those that are to be adapted.
    """
    encoder = load_encoder(source)
    if method == "lora":
        return add_adapter(encoder, context.encoders, source.identity.name)
    freeze_unused(encoder)
    return encoder


def head_group(network: Network, context: Context) -> ParameterGroup:
    """The head, which learns at a rate of its own."""
    names = frozenset(name for name, _ in network.named_parameters() if name.startswith("head."))
    return ParameterGroup(names, context.training.head_learning_rate)


def training_settings(context: Context, method: Method) -> TrainingSettings:
    """The settings of the training with the method's learning rate."""
    settings = context.encoders
    rate = settings.lora_learning_rate if method == "lora" else settings.full_learning_rate
    return context.training.model_copy(update={"learning_rate": rate})


def key_of(context: Context, method: Method, source: Source, run: Run, **digests: str) -> str:
    """What tells one training from another.

    Args:
        context: The settings.
        method: How it is trained.
        source: The encoder.
        run: Seed and epochs.
        digests: Of the data.
    """
    return run_key(
        rooms=[Path(__file__).parent.name],
        method=method,
        base=source.identity.model_dump(),
        settings=context.encoders.model_dump(mode="json", exclude=_WITHOUT_EFFECT),
        training=training_settings(context, method).deciding(),
        choice=context.choice.model_dump(mode="json") if context.choice else None,
        seed=run.seed,
        epochs=run.epochs,
        **digests,
    )
