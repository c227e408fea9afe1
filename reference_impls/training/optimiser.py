"""The optimiser: AdamW with groups of rates, and its state as named tensors."""

from collections.abc import Mapping, Sequence

import torch

from .base import ParameterGroup
from .settings import Settings

_MOMENTS = ("step", "exp_avg", "exp_avg_sq")


def trained_parameters(model: torch.nn.Module) -> dict[str, torch.nn.Parameter]:
    """The weights that require gradients, by name, each once even if modules share it."""
    return {name: weight for name, weight in model.named_parameters() if weight.requires_grad}


def make_optimiser(
    model: torch.nn.Module, settings: Settings, groups: Sequence[ParameterGroup]
) -> tuple[torch.optim.AdamW, list[str]]:
    """AdamW (Loshchilov and Hutter, 2019) over the trained weights; weights of one dimension have no decay.

    Returns:
        The optimiser, whose groups carry `highest` beside `lr`, and the names of its weights in its order.

    Raises:
        ValueError: A group names what is not trained, or two groups name the same weight.
    """
    weights = trained_parameters(model)
    rates = dict.fromkeys(weights, settings.learning_rate)
    taken: set[str] = set()
    for group in groups:
        wrong = sorted((group.names - weights.keys()) | (group.names & taken))
        if wrong:
            raise ValueError(f"not trained, or in two groups: {', '.join(wrong[:5])}")
        taken |= group.names
        rates.update(dict.fromkeys(group.names, group.learning_rate))
    kinds: dict[tuple[float, float], list[str]] = {}
    for name, weight in weights.items():
        # Biases and the weights of norms are the ones of one dimension.
        decay = settings.weight_decay if weight.ndim > 1 else 0.0
        kinds.setdefault((rates[name], decay), []).append(name)
    optimiser = torch.optim.AdamW(
        [
            {"params": [weights[name] for name in names], "lr": rate, "highest": rate, "weight_decay": decay}
            for (rate, decay), names in kinds.items()
        ],
        # One kernel for each weight instead of ten; there is none for every device.
        fused=all(weight.device.type in ("cpu", "cuda") for weight in weights.values()),
    )
    return optimiser, [name for names in kinds.values() for name in names]


def optimiser_tensors(optimiser: torch.optim.AdamW, names: Sequence[str]) -> dict[str, torch.Tensor]:
    """Its state as tensors named `exp_avg.<weight>` and the like; empty before the first step."""
    state = optimiser.state_dict()["state"]
    return {
        f"{moment}.{names[place]}": values[moment].detach().contiguous()
        for place, values in state.items()
        for moment in _MOMENTS
    }


def restore_optimiser(optimiser: torch.optim.AdamW, names: Sequence[str], tensors: Mapping[str, torch.Tensor]) -> None:
    """Puts back what `optimiser_tensors` gave."""
    state = {
        place: {moment: tensors[f"{moment}.{name}"] for moment in _MOMENTS}
        for place, name in enumerate(names)
        if f"step.{name}" in tensors
    }
    optimiser.load_state_dict({"state": state, "param_groups": optimiser.state_dict()["param_groups"]})
