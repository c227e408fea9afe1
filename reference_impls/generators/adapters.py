"""Adapters of low rank beside a frozen model (LoRA, Hu et al. 2021), kept as peft keeps them."""

import json
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..project_base.errors import UserError
from ..project_base.optional import require
from .settings import Settings

PEFT = "peft>=0.15"
CONFIG_FILE = "adapter_config.json"
WEIGHTS_FILE = "adapter_model.safetensors"


def with_adapter(model: Any, settings: Settings) -> Any:
    """The model with a new adapter, whose weights alone require gradients; it answers as before until they are trained.

    Args:
        model: A causal language model of transformers.
        settings: `lora_rank` and the like, and `base_precision`.

    Raises:
        UserError: The library does not know which layers of this architecture to take.
    """
    peft: Any = require("peft", PEFT)
    if settings.base_precision == "four_bit":
        model = peft.prepare_model_for_kbit_training(model, use_gradient_checkpointing=False)
    config = peft.LoraConfig(
        task_type="CAUSAL_LM",
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha,
        lora_dropout=settings.lora_dropout,
        target_modules="all-linear" if settings.lora_targets == "all_linear" else None,
    )
    try:
        with _quietly():
            adapted = peft.get_peft_model(model, config)
    except ValueError as error:
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise UserError(
            f"no adapter can be put on a {type(model).__name__}: {reason}", "set generators.lora_targets to all_linear"
        ) from error
    return adapted


def save_adapter(model: Any, base: str, folder: Path) -> None:
    """Writes the adapter's configuration and weights; the same adapter gives the same bytes.

    Args:
        model: What `with_adapter` or `open_adapter` gave.
        base: The hub name or the folder of its base model, for other programs that read adapters.
        folder: Where.
    """
    peft: Any = require("peft", PEFT)
    torch_files: Any = require("safetensors.torch", "safetensors>=0.4")
    config = model.peft_config["default"].to_dict()
    config |= {"inference_mode": True, "base_model_name_or_path": base}
    # peft writes its sets in the order of the day.
    told = {key: sorted(value) if isinstance(value, set) else value for key, value in config.items()}
    (folder / CONFIG_FILE).write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    # Asked whether the embedding was changed too, peft would look for the base model on the hub.
    weights = peft.get_peft_model_state_dict(model, save_embedding_layers=False)
    whole = {name: weight.detach().cpu().contiguous() for name, weight in weights.items()}
    torch_files.save_file(whole, folder / WEIGHTS_FILE, metadata={"format": "pt"})


def open_adapter(model: Any, folder: Path) -> Any:
    """The model with a trained adapter, in evaluation mode.

    Args:
        model: The model that the adapter was trained on.
        folder: Holds the adapter.

    Raises:
        UserError: The folder holds no adapter, or one that does not fit the model.
    """
    peft: Any = require("peft", PEFT)
    absent = [name for name in (CONFIG_FILE, WEIGHTS_FILE) if not (folder / name).is_file()]
    if absent:
        # Without this file peft would go on to look for weights in pickles.
        raise UserError(f"{folder} is no adapter: it holds no {absent[0]}", "give the folder of a trained adapter")
    try:
        with _quietly():
            warnings.filterwarnings("error", message=".*missing adapter keys.*")
            adapted = peft.PeftModel.from_pretrained(model, str(folder))
    except Exception as error:
        # Other shapes, other layers, a damaged file: peft and safetensors have many exception types.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:200]
        raise UserError(
            f"the adapter in {folder} does not fit the model: {reason}", "use the model that it was trained on"
        ) from error
    return adapted.eval()


@contextmanager
def checkpointed(model: Any, wanted: bool) -> Iterator[None]:
    """Activations are computed twice instead of kept, for as long as the context lasts.

    Args:
        model: The model of transformers, without what is wrapped around it.
        wanted: False changes nothing.
    """
    if not wanted:
        yield
        return
    # Transformers calls it otherwise since version 5.
    name = "activation" if hasattr(model, "activation_checkpointing_enable") else "gradient"
    getattr(model, f"{name}_checkpointing_enable")(**{f"{name}_checkpointing_kwargs": {"use_reentrant": False}})
    # A frozen embedding gives nothing that requires gradients, and then none would flow through a checkpoint.
    model.enable_input_require_grads()
    try:
        yield
    finally:
        model.disable_input_require_grads()
        getattr(model, f"{name}_checkpointing_disable")()


def merged(model: Any) -> Any:
    """The model with its adapter added into the weights, as a plain model of transformers; `model` is used up."""
    return model.merge_and_unload(safe_merge=True).eval()


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings():
        # peft asks transformers by names that are to go; it changes nothing here.
        warnings.filterwarnings("ignore", message=".*checkpointing.*deprecated.*", category=FutureWarning)
        yield
