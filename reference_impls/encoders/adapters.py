"""LoRA adapters: which layers get one, and how they are written, opened and merged into their encoder.

LoRA: Hu, Shen, Wallis et al. (2021), Low-Rank Adaptation of Large Language Models. The library is peft; the files are
in its format, so that any program that knows peft opens them.
"""

import copy
import json
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from safetensors.torch import load_file, save_file
from torch import nn

from ..project_base.errors import UserError
from ..project_base.optional import require
from .arrays import saving
from .settings import Settings

_CONFIG = "adapter_config.json"
_WEIGHTS = "adapter_model.safetensors"
_UNUSED = "pooler"
_QUERY_VALUE = ("query", "value", "query_proj", "value_proj", "q_proj", "v_proj", "q_lin", "v_lin", "q", "v")
_FUSED = ("Wqkv", "qkv_proj", "in_proj", "qkv")
"""Where one layer computes queries, keys and values, it is adapted as a whole."""


def linear_layers(encoder: nn.Module) -> list[str]:
    """Names of the linear layers that take part in an encoder's vectors; the pooler of BERT does not."""
    return [
        name
        for name, layer in encoder.named_modules()
        if isinstance(layer, nn.Linear) and _UNUSED not in name.split(".")
    ]


def adapted_layers(encoder: nn.Module, targets: str) -> list[str]:
    """Names of the layers that get an adapter.

    Args:
        encoder: A transformer of AutoModel.
        targets: `all_linear`, `query_value`, or last parts of names, with commas between them.

    Raises:
        UserError: No layer has such a name.
    """
    layers = linear_layers(encoder)
    if targets == "all_linear":
        return layers
    wanted: Sequence[str]
    if targets == "query_value":
        wanted = _QUERY_VALUE if any(_ends(layer, _QUERY_VALUE) for layer in layers) else _FUSED
    else:
        wanted = [name.strip() for name in targets.split(",") if name.strip()]
    found = [layer for layer in layers if _ends(layer, wanted)]
    if not found:
        last = sorted({layer.rpartition(".")[2] for layer in layers})
        raise UserError(
            f"no linear layer of this encoder is named {' or '.join(wanted)}; it has {', '.join(last)}",
            "set encoders.lora_targets to all_linear, or to some of these names with commas between them",
        )
    return found


def add_adapter(encoder: Any, settings: Settings, base: str) -> Any:
    """The encoder with an adapter that changes nothing yet; only the adapter requires gradients.

    Args:
        encoder: A transformer of AutoModel; its layers are wrapped in place.
        settings: Rank, alpha, dropout and layers.
        base: What the adapter's file names as its encoder.

    Raises:
        UserError: peft is missing, or no layer has such a name.
    """
    peft = require("peft", "peft>=0.15")
    config = peft.LoraConfig(
        r=settings.lora_rank,
        lora_alpha=settings.lora_alpha or 2 * settings.lora_rank,
        lora_dropout=settings.lora_dropout,
        use_rslora=settings.lora_rank_stabilised,
        target_modules=adapted_layers(encoder, settings.lora_targets),
    )
    return _wrapped(encoder, config, base)


def write_adapter(encoder: Any, folder: Path) -> None:
    """Writes an adapter as peft does; the same adapter gives the same bytes.

    Args:
        encoder: What `add_adapter` or `read_adapter` returned.
        folder: The model's folder.

    Raises:
        OSError: A file cannot be written.
    """
    peft = require("peft", "peft>=0.15")
    config = encoder.peft_config["default"].to_dict() | {"inference_mode": True}
    # peft writes its sets in the order of the day.
    told = {key: sorted(value) if isinstance(value, set) else value for key, value in config.items()}
    (folder / _CONFIG).write_text(json.dumps(told, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    # Asked whether the embedding was changed too, peft would look for the base model on the hub.
    found = peft.get_peft_model_state_dict(encoder, save_embedding_layers=False)
    weights = {name: weight.detach().cpu().contiguous() for name, weight in found.items()}
    with saving(folder / _WEIGHTS):
        save_file(weights, folder / _WEIGHTS, metadata={"format": "pt"})


def read_adapter(encoder: Any, folder: Path) -> Any:
    """The encoder with the adapter of a model's folder, in evaluation mode.

    Raises:
        UserError: The adapter does not fit this encoder, or its files are damaged.
    """
    peft = require("peft", "peft>=0.15")
    try:
        config = peft.LoraConfig.from_pretrained(str(folder))
        model = _wrapped(encoder, config, config.base_model_name_or_path)
        weights = load_file(folder / _WEIGHTS)
        own = peft.get_peft_model_state_dict(model, save_embedding_layers=False)
        if strange := own.keys() ^ weights.keys():
            raise ValueError(f"{len(strange)} weights have no counterpart, such as {min(strange)}")
        peft.set_peft_model_state_dict(model, weights)
    except Exception as error:
        # Other shapes, other layers, a damaged file: peft and safetensors have many exception types.
        reason = (str(error).strip().splitlines() or [type(error).__name__])[0][:300]
        raise UserError(
            f"the adapter in {folder} does not fit the encoder: {reason}",
            "open it with the encoder that it was trained on, which model.json names",
        ) from error
    return model.requires_grad_(False).eval()


def merged_encoder(encoder: Any) -> Any:
    """A copy of an encoder into whose weights its adapter is added; peft is not needed for it any more."""
    with _quietly():
        return copy.deepcopy(encoder).merge_and_unload(safe_merge=True).eval()


def has_adapter(encoder: nn.Module) -> bool:
    """Whether an encoder carries an adapter."""
    return hasattr(encoder, "peft_config")


def _ends(layer: str, names: Sequence[str]) -> bool:
    return any(layer == name or layer.endswith(f".{name}") for name in names)


def _wrapped(encoder: Any, config: Any, base: str | None) -> Any:
    peft = require("peft", "peft>=0.15")
    # peft would name the place on this machine, and warns where it is told another name before.
    config.base_model_name_or_path = None
    with _quietly():
        model = peft.get_peft_model(encoder, config)
    model.peft_config["default"].base_model_name_or_path = base
    return model


@contextmanager
def _quietly() -> Iterator[None]:
    with warnings.catch_warnings():
        # peft asks transformers by names that are to go; it changes nothing here.
        warnings.filterwarnings("ignore", message=".*checkpointing.*deprecated.*", category=FutureWarning)
        yield


def trained_parameters(model: nn.Module) -> int:
    """How many weights require gradients."""
    return sum(weight.numel() for weight in model.parameters() if weight.requires_grad)


def all_parameters(model: nn.Module) -> int:
    """How many weights there are."""
    return sum(weight.numel() for weight in model.parameters())
