"""The rungs of this room, cheapest first, and the loader of each kind of model that they write.

Nothing heavy is imported before a rung is climbed or a model is opened: a model of word counts loads without torch.
"""

import importlib
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal, NamedTuple

from ..labelled_data.base import Example, Model
from ..labelled_data.rungs import Fit, Fitted, Run
from ..project_base.errors import UserError
from ..registry.model_folder import ModelFolder
from .base import Context

Rung = Literal["majority", "word_counts", "head", "lora", "full"]
RUNGS: tuple[Rung, ...] = ("majority", "word_counts", "head", "lora", "full")
"""All of them, cheapest first; classification and extraction have the same."""

Load = Callable[[ModelFolder, Context], Model]

_ROOM = __package__ or ""
_CLASSIFICATION: dict[Rung, str] = {
    "majority": "majority.majority",
    "word_counts": "word_counts.word_counts",
    "head": "head.head",
    "lora": "tuning.lora",
    "full": "tuning.full",
}
_EXTRACTION: dict[Rung, str] = {
    "majority": "gazetteer.gazetteer",
    "word_counts": "word_tagger.word_tagger",
    "head": "tagger_head.tagger_head",
    "lora": "tagger_tuning.tagger_lora",
    "full": "tagger_tuning.tagger_full",
}
_LOADERS = {
    "majority": "majority.load_majority",
    "word_counts": "word_counts.load_word_counts",
    "head": "head.load_head",
    "lora": "tuning.load_tuned",
    "full": "tuning.load_tuned",
    "gazetteer": "gazetteer.load_gazetteer",
    "word_tagger": "word_tagger.load_word_tagger",
    "tagger_head": "tagger_head.load_tagger_head",
    "tagger_lora": "tagger_tuning.load_tuned_tagger",
    "tagger_full": "tagger_tuning.load_tuned_tagger",
}


class Kept(NamedTuple):
    """What `registry.write_model` needs of a model."""

    kind: str
    about: dict[str, object]
    write: Callable[[Path], object]


def fits(task: Literal["classification", "extraction"], context: Context) -> dict[Rung, Fit]:
    """The ways to train, cheapest first.

    Args:
        task: A label for each text, or spans in each.
        context: The settings, and the vectors that the rungs share.
    """
    names = _CLASSIFICATION if task == "classification" else _EXTRACTION
    return {rung: _climb(name, context) for rung, name in names.items()}


def merged(model: Model) -> Kept:
    """The model with its adapter added into the weights: a folder that needs neither peft nor an encoder beside it.

    Its probabilities are those of the adapter but for rounding: they differ by less than .0001 in float32.

    Raises:
        UserError: It has no adapter.
    """
    merge = getattr(model, "merged", None)
    if merge is None:
        raise UserError(
            "this model has no adapter, so there is nothing to merge", "use it as it is, or train the rung lora"
        )
    whole = merge()
    return Kept(whole.kind, whole.about.model_dump(mode="json"), whole.write)


def _climb(name: str, context: Context) -> Fit:
    def fit(train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        made: Fit = _named(name)(context)
        return made(train, validation, run)

    return fit


def _opener(name: str) -> Load:
    def load(model: ModelFolder, context: Context) -> Model:
        opened: Model = _named(name)(model, context)
        return opened

    return load


def _named(name: str) -> Callable[..., Any]:
    module, _, function = name.partition(".")
    found: Callable[..., Any] = getattr(importlib.import_module(f".{module}", _ROOM), function)
    return found


LOADERS: Mapping[str, Load] = {kind: _opener(name) for kind, name in _LOADERS.items()}
"""The loader of each kind of model folder that this room writes."""
