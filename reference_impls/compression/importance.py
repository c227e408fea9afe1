"""How much the layers and neurons of an encoder matter for a task, measured on examples of it."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..project_base.errors import UserError
from ..project_base.optional import require
from ..training.base import Batch, Loss
from .removing import feed_forwards, keep_layers, layers_of
from .settings import Settings

Importance = NDArray[np.float64]


def mean_loss(model: Any, batches: Sequence[Batch], loss: Loss) -> float:
    """The mean loss of all items, without dropout.

    Args:
        model: In evaluation mode.
        batches: Tensors on the model's device.
        loss: As in training.
    """
    torch = require("torch", "torch>=2.4")
    total = count = 0.0
    with torch.no_grad():
        for batch in batches:
            part, of = loss(model, batch)
            total, count = total + float(part), count + float(of)
    return total / max(count, 1.0)


def layers_to_keep(encoder: Any, keep: int, cost: Callable[[], float]) -> tuple[int, ...]:
    """Removes layer after layer, each time the one without which the loss is least; the encoder is left whole.

    Args:
        encoder: A model of transformers.
        keep: How many layers stay, 1 to all.
        cost: The loss of the model as it stands.

    Returns:
        Their numbers, ascending.
    """
    kept = tuple(range(len(layers_of(encoder).all)))
    while len(kept) > keep:
        costs = {}
        for without in kept:
            rest = tuple(number for number in kept if number != without)
            with only_layers(encoder, rest):
                costs[rest] = cost()
        kept = min(costs, key=lambda rest: costs[rest])
    return kept


def layers_left(layers: int, settings: Settings) -> int:
    """How many layers are to stay.

    Args:
        layers: How many there are.
        settings: `layers`; 0 leaves half of them.

    Raises:
        UserError: There are not as many.
    """
    if settings.layers > layers:
        raise UserError(
            f"compression.layers is {settings.layers}, and this encoder has {layers}",
            f"set compression.layers to 1 to {layers}, or to 0 for half of them",
        )
    return settings.layers or max(1, layers // 2)


def spread_layers(layers: int, keep: int) -> tuple[int, ...]:
    """As many layers as wanted, at even distances: of 6 the layers 0, 2, 5 for 3, as 0, 2, 4, 7, 9, 11 of 12 for 6.

    Source: Sanh, Debut, Chaumond, Wolf (2019), DistilBERT: its student takes every second layer, and its script these.
    """
    return tuple(round(number * (layers - 1) / max(keep - 1, 1)) for number in range(keep))


@contextmanager
def only_layers(encoder: Any, kept: Sequence[int]) -> Iterator[None]:
    """The encoder with some of its layers, for as long as the context lasts."""
    layers, config = layers_of(encoder), encoder.config
    before = {name: getattr(config, name) for name in ("num_hidden_layers", "layer_types") if hasattr(config, name)}
    try:
        keep_layers(encoder, kept)
        yield
    finally:
        setattr(layers.owner, layers.name, layers.all)
        for name, value in before.items():
            setattr(config, name, value)


def neuron_importance(model: Any, encoder: Any, batches: Sequence[Batch], loss: Loss) -> list[Importance]:
    """How much the loss depends on each neuron of each layer: float64 [neurons] for each layer.

    Formula: Michel, Levy, Neubig (2019), Are sixteen heads really better than one?, equation 2, with neurons in the
    place of heads: the mean over the examples of |dL/dm|, where m = 1 multiplies what the neuron gives.

    Args:
        model: In evaluation mode; it is left as it is.
        encoder: The model of transformers within it.
        batches: Tensors on the model's device.
        loss: As in training.
    """
    torch = require("torch", "torch>=2.4")
    pairs = feed_forwards(encoder)
    totals = [np.zeros(pair.second.in_features) for pair in pairs]
    for batch in batches:
        gates: dict[int, Any] = {}

        def gated(place: int, given: tuple[Any, ...], gates: dict[int, Any] = gates) -> tuple[Any, ...]:
            # One gate for each item: the sum over items of gradients would let them cancel out.
            gates[place] = torch.ones(
                given[0].shape[0], 1, given[0].shape[-1], requires_grad=True, dtype=given[0].dtype
            )
            return (given[0] * gates[place], *given[1:])

        with ExitStack() as hooks:
            for place, pair in enumerate(pairs):
                handle = pair.second.register_forward_pre_hook(lambda _, given, place=place: gated(place, given))
                hooks.callback(handle.remove)
            total, _ = loss(model, batch)
        gradients = torch.autograd.grad(total, [gates[place] for place in range(len(pairs))])
        for place, gradient in enumerate(gradients):
            totals[place] += gradient.abs().sum(dim=(0, 1)).double().numpy()
    return totals


def most_important(importance: Sequence[Importance], keep: int) -> list[list[int]]:
    """For each layer the numbers of its most important neurons, ascending."""
    return [sorted(np.argsort(-each, kind="stable")[:keep].tolist()) for each in importance]
