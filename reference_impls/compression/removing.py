"""Takes layers and neurons out of an encoder for good: smaller matrices, not masks, so that it is quicker.

What is left is an ordinary model of transformers: its configuration says the new sizes, and from_pretrained loads it.
Attention heads stay, since a configuration cannot say that a layer has fewer of them.
"""

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from ..project_base.errors import UserError
from ..project_base.optional import require

_WIDTHS = ("intermediate_size", "hidden_dim")


@dataclass(frozen=True)
class Layers:
    """The layers of an encoder.

    Attributes:
        owner: The module that holds them, and the name under which it does.
        name: See above.
        all: They, in order: a ModuleList.
    """

    owner: Any
    name: str
    all: Any


@dataclass(frozen=True)
class FeedForward:
    """The two matrices between which a layer has its neurons.

    Attributes:
        first: Linear, weights [neurons, hidden].
        second: Linear, weights [hidden, neurons].
    """

    first: Any
    second: Any


def layers_of(encoder: Any) -> Layers:
    """Finds the layers of a model of transformers.

    Raises:
        UserError: It is built otherwise than the encoders that this project knows.
    """
    torch = require("torch", "torch>=2.4")
    count = getattr(encoder.config, "num_hidden_layers", 0)
    found = [
        Layers(owner, name, child)
        for owner in encoder.modules()
        for name, child in owner.named_children()
        if isinstance(child, torch.nn.ModuleList) and len(child) == count
    ]
    # One layer may hold a list of as many parts as there are layers; the layers themselves stand outside.
    if not found or not count:
        raise _unknown(encoder, "its layers are not where those of the known encoders are")
    return found[0]


def keep_layers(encoder: Any, kept: Sequence[int]) -> None:
    """Removes all other layers, in place.

    Args:
        encoder: A model of transformers.
        kept: Their numbers, ascending, counted from 0, at least one.

    Raises:
        UserError: The encoder's layers are of different kinds, or not found.
        ValueError: There is no such layer.
    """
    torch = require("torch", "torch>=2.4")
    layers = layers_of(encoder)
    if not kept or list(kept) != sorted({*kept}) or not 0 <= kept[0] <= kept[-1] < len(layers.all):
        raise ValueError(f"layers {list(kept)} of {len(layers.all)}")
    if len({*(getattr(encoder.config, "layer_types", None) or [""])}) > 1:
        raise _unknown(encoder, "its layers are not all alike")
    setattr(layers.owner, layers.name, torch.nn.ModuleList([layers.all[number] for number in kept]))
    types = getattr(encoder.config, "layer_types", None)
    if types:
        encoder.config.layer_types = [types[number] for number in kept]
    encoder.config.num_hidden_layers = len(kept)


def feed_forwards(encoder: Any) -> list[FeedForward]:
    """The matrices around the neurons of each layer.

    Raises:
        UserError: The layers have none of the usual form: one matrix in, one out (gated ones have two in).
    """
    torch = require("torch", "torch>=2.4")
    width = getattr(encoder.config, _width_name(encoder))
    found = []
    for layer in layers_of(encoder).all:
        linear = [module for module in layer.modules() if isinstance(module, torch.nn.Linear)]
        first = [each for each in linear if each.out_features == width != each.in_features]
        second = [each for each in linear if each.in_features == width != each.out_features]
        if len(first) != 1 or len(second) != 1:
            raise _unknown(encoder, "its layers have no plain pair of matrices around their neurons")
        found.append(FeedForward(first[0], second[0]))
    return found


def keep_neurons(encoder: Any, kept: Sequence[Sequence[int]]) -> None:
    """Removes all other neurons of the feed-forward parts, in place.

    Args:
        encoder: A model of transformers.
        kept: For each layer as many numbers, ascending, counted from 0.

    Raises:
        UserError: As `feed_forwards`.
        ValueError: Not as many for each layer, or none.
    """
    torch = require("torch", "torch>=2.4")
    pairs = feed_forwards(encoder)
    if len(kept) != len(pairs) or len({len(numbers) for numbers in kept}) != 1 or not kept[0]:
        raise ValueError("keep as many neurons in each layer, at least one")
    for pair, numbers in zip(pairs, kept, strict=True):
        places = torch.tensor(list(numbers))
        _replace(pair.first, pair.first.weight[places], pair.first.bias, places)
        _replace(pair.second, pair.second.weight[:, places], None, None)
    setattr(encoder.config, _width_name(encoder), len(kept[0]))


def loads_again(encoder: Any) -> bool:
    """Whether the configuration says of every weight what shape it has, so that from_pretrained would load it."""
    torch = require("torch", "torch>=2.4")
    with torch.device("meta"):
        expected = type(encoder)(copy.deepcopy(encoder.config)).state_dict()
    found = encoder.state_dict()
    return {name: each.shape for name, each in expected.items()} == {name: each.shape for name, each in found.items()}


def parameters_of(model: Any) -> int:
    """How many numbers a model holds."""
    return sum(int(each.numel()) for each in model.parameters())


def _replace(linear: Any, weight: Any, bias: Any, places: Any) -> None:
    """Gives a layer smaller weights, and where `places` are given as many of its biases."""
    torch = require("torch", "torch>=2.4")
    linear.weight = torch.nn.Parameter(weight.detach().clone().contiguous())
    linear.out_features, linear.in_features = linear.weight.shape
    if bias is not None:
        linear.bias = torch.nn.Parameter(bias.detach()[places].clone())


def _width_name(encoder: Any) -> str:
    for name in _WIDTHS:
        if isinstance(getattr(encoder.config, name, None), int):
            return name
    raise _unknown(encoder, "its configuration does not say how many neurons a layer has")


def _unknown(encoder: Any, reason: str) -> UserError:
    return UserError(
        f"nothing can be removed from an encoder of the type {encoder.config.model_type}: {reason}",
        "distil a student from another base model, or only export this one",
    )
