"""How trained language models are kept: each kind of model folder with its loader."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, cast

from ..project_base.errors import UserError
from ..project_base.optional import require
from ..registry.model_folder import ModelFolder, write_model
from .adapters import merged, open_adapter, save_adapter
from .bases import Base, find_base_again
from .loading import TORCH, TRANSFORMERS, Precision, chosen_device, hold_weights, load_chat, load_weights
from .settings import Settings
from .writer import CausalWriter

ADAPTER = "causal_adapter"
MODEL = "causal_model"
UNTUNED = "causal_untuned"


def load_adapted(folder: ModelFolder, settings: Settings) -> CausalWriter:
    """An adapter on its base model.

    Raises:
        UserError: The base model is gone or another one now, or a part cannot be loaded.
    """
    base = find_base_again(folder.about, settings)
    model = open_adapter(_weights(base, folder.about, settings), folder.path)
    return _writer(model, folder, settings)


def load_whole(folder: ModelFolder, settings: Settings) -> CausalWriter:
    """A model with all its weights: fully tuned, or merged.

    Raises:
        UserError: It cannot be loaded.
    """
    model = load_weights(folder.path, folder.path.name, "auto", chosen_device(settings.device))
    return _writer(model, folder, settings)


def load_untuned(folder: ModelFolder, settings: Settings) -> CausalWriter:
    """The base model as it is.

    Raises:
        UserError: It is gone or another one now, or cannot be loaded.
    """
    base = find_base_again(folder.about, settings)
    return _writer(_weights(base, folder.about, settings), folder, settings)


LOADERS: Mapping[str, Callable[[ModelFolder, Settings], CausalWriter]] = {
    UNTUNED: load_untuned,
    ADAPTER: load_adapted,
    MODEL: load_whole,
}
"""The loader of each kind of model folder that this room writes."""


def open_base(about: Mapping[str, object], settings: Settings) -> CausalWriter:
    """The base model of a trained one, to compare with: before and after.

    Args:
        about: Of the trained model, from its folder or from `Fitted`.
        settings: Where it answers and how.

    Raises:
        UserError: It is gone or another one now, or cannot be loaded.
    """
    base = find_base_again(about, settings)
    given = _as_trained(about, settings)
    chat = load_chat(base.place, given, base.name)
    return CausalWriter(_weights(base, about, settings), chat, given, base.notice)


def write_merged(folder: ModelFolder, target: Path, settings: Settings, *, replace: bool = False) -> ModelFolder:
    """Adds an adapter into the weights of its base model and writes a plain folder of transformers.

    Every library that reads such folders serves it, `language_models.model` among them, and the base model is not
    needed any more. It is added in float32 and kept in the numbers of the base model's own files.

    Args:
        folder: A model folder of an adapter.
        target: The new folder.
        settings: Where the base model is.
        replace: Replaces a model that stands there.

    Raises:
        UserError: It is no adapter, its base model is gone or another one now, or `target` is taken.
        OSError: It cannot be written; nothing is left behind then.
    """
    if folder.kind != ADAPTER:
        raise UserError(
            f"{folder.path} is no adapter but a {folder.kind}, so there is nothing to merge",
            "serve it as it is" if folder.kind == MODEL else "train the rung lora first",
        )
    base = find_base_again(folder.about, settings)
    torch: Any = require("torch", TORCH)
    held = _precision(folder.about)
    # Four bits cannot be added to: the adapter goes onto the numbers that they were made from.
    model = load_weights(base.place, base.name, "auto" if held == "four_bit" else held, "cpu")
    own = model.dtype if held == "four_bit" else load_weights(base.place, base.name, "auto", "cpu").dtype
    hold_weights(model, torch.float32)
    whole = merged(open_adapter(model, folder.path))
    hold_weights(whole, own)
    writer = _writer(whole, folder, settings)
    about = {**folder.about, "merged": True}
    return write_model(target, MODEL, about, lambda part: save_whole(writer, part), replace=replace)


def save_whole(writer: CausalWriter, folder: Path) -> None:
    """Writes a plain folder of transformers: weights in safetensors, tokenizer, template, and how to stop.

    Args:
        writer: Its model has no adapter.
        folder: Where.
    """
    library: Any = require("transformers", TRANSFORMERS)
    writer.model.generation_config = library.GenerationConfig(**writer.generation_options())
    writer.model.save_pretrained(folder)
    writer.chat.save(folder)


def save_adapted(writer: CausalWriter, base: str, folder: Path) -> None:
    """Writes an adapter with tokenizer and template.

    Args:
        writer: Its model has an adapter.
        base: The name of its base model.
        folder: Where.
    """
    save_adapter(writer.model, base, folder)
    writer.chat.save(folder)


def told_format(writer: CausalWriter) -> dict[str, object]:
    """What a model folder says about the format of conversations."""
    return {"chat_template": "plain" if writer.chat.plain else "own", "most_tokens": writer.settings.most_tokens}


def _weights(base: Base, about: Mapping[str, object], settings: Settings) -> Any:
    return load_weights(base.place, base.name, _precision(about), chosen_device(settings.device))


def _precision(about: Mapping[str, object]) -> Precision:
    return cast("Precision", about.get("base_precision", "auto"))


def _writer(model: Any, folder: ModelFolder, settings: Settings) -> CausalWriter:
    """The model with the tokenizer and the template of its own folder, whatever the settings say now."""
    given = _as_trained(folder.about, settings).model_copy(update={"chat_template": "auto"})
    chat = load_chat(folder.path, given, folder.path.name)
    return CausalWriter(model, chat, given, str(folder.about.get("notice", "")))


def _as_trained(about: Mapping[str, object], settings: Settings) -> Settings:
    """The settings, with conversations in the format of the training."""
    template = "plain" if about.get("chat_template") == "plain" else "auto"
    most = about.get("most_tokens", settings.most_tokens)
    return settings.model_copy(update={"chat_template": template, "most_tokens": most})
