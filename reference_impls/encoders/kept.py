"""How tuned networks are kept: an adapter beside its encoder, or an encoder that needs nothing beside it."""

from pathlib import Path
from typing import Any, Literal

import torch
from torch import nn

from ..project_base.errors import UserError
from ..training.precision import chosen_device
from .adapters import has_adapter, merged_encoder, read_adapter, write_adapter
from .arrays import read_arrays, saving, write_arrays
from .base import About, Choice, Context
from .loading import load_encoder, load_kept, load_tokenizer
from .network import SentenceNetwork, TokenNetwork
from .reading import Reader
from .source import BaseIdentity, same_source

Method = Literal["lora", "full"]
Network = SentenceNetwork | TokenNetwork

_HEAD = "head.safetensors"
_ENCODER = "encoder"


class TunedAbout(About):
    """What is kept of a tuned network beside its weights.

    Attributes:
        base: The encoder that it was trained on.
        method: How it was trained.
        merged: Whether its adapter was added into the weights, so that it needs no encoder beside it.
        prompt: Text before each text.
        most_tokens: How many tokens it reads at once.
        labels: Of texts, or of spans.
        choice: What held-out examples chose for the head that it started from.
    """

    base: BaseIdentity
    method: Method
    merged: bool = False
    prompt: str
    most_tokens: int
    labels: tuple[str, ...]
    choice: Choice | None = None


def write_network(network: Network, reader: Reader, folder: Path) -> None:
    """Writes head and adapter, or head, encoder and tokenizer.

    Raises:
        OSError: A file cannot be written.
    """
    head = network.head
    write_arrays(
        folder / _HEAD, {"weight": head.weight.detach().cpu().numpy(), "bias": head.bias.detach().cpu().numpy()}
    )
    if has_adapter(network.encoder):
        write_adapter(network.encoder, folder)
        return
    with saving(folder / _ENCODER):
        network.encoder.save_pretrained(folder / _ENCODER)
    reader.write(folder / _ENCODER)


def open_encoder(about: TunedAbout, folder: Path, context: Context) -> tuple[Any, Reader]:
    """The encoder of a kept network, on its device, and its reader.

    Raises:
        UserError: The encoder of an adapter is gone or another one now, or a file is damaged.
    """
    if about.method == "lora" and not about.merged:
        source = same_source(about.base, context.embedding)
        encoder, tokenizer = read_adapter(load_encoder(source), folder), load_tokenizer(source)
    else:
        encoder, tokenizer = load_kept(folder / _ENCODER)
    return encoder.to(chosen_device(context.training)), Reader(tokenizer, about.most_tokens, about.prompt)


def read_head(head: nn.Linear, folder: Path) -> None:
    """Puts the kept weights into a head.

    Raises:
        UserError: They are damaged, or have another shape.
    """
    weight, bias = read_arrays(folder / _HEAD, "weight", "bias")
    set_head(head, weight, bias, folder / _HEAD)


def set_head(head: nn.Linear, weight: Any, bias: Any, place: Path | None = None) -> None:
    """Puts weights into a head.

    Args:
        head: The layer.
        weight: float32 [labels, width].
        bias: float32 [labels].
        place: Where they come from, for the message.

    Raises:
        UserError: They have another shape.
    """
    wanted = tuple(head.weight.shape)
    if weight.shape != wanted or bias.shape != tuple(head.bias.shape):
        raise UserError(
            f"{place}: the head has the shape {weight.shape}, and its encoder and labels want {wanted}",
            "take another version of the model, or train it again",
        )
    with torch.no_grad():
        head.weight.copy_(torch.from_numpy(weight))
        head.bias.copy_(torch.from_numpy(bias))


def freeze_unused(encoder: nn.Module) -> None:
    """Leaves out of the training what takes no part in the vectors: the pooler of BERT."""
    for name, weight in encoder.named_parameters():
        if "pooler" in name.split("."):
            weight.requires_grad_(False)


def without_adapter(network: Network) -> Any:
    """A copy of the network's encoder with the adapter added into its weights.

    Raises:
        UserError: It has no adapter.
    """
    if not has_adapter(network.encoder):
        raise UserError(
            "this model has no adapter, so there is nothing to merge", "use it as it is: it needs no peft either"
        )
    return merged_encoder(network.encoder)
