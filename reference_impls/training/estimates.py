"""How long a run will take and how much memory it needs: told before it starts, compared with what it took."""

import time
from collections.abc import Sequence

import torch

from .memory import Shape, activation_bytes, estimate_memory
from .plan import Positions, padded_tokens, share_of
from .position import Estimate
from .precision import Precision
from .steps import Steps

_MOST_TIMED = 3
_SHARE = 20
"""At most every twentieth step is made twice to estimate the time."""


def memory_of_run(
    shape: Shape,
    weights: tuple[int, int],
    precision: Precision,
    plan: Sequence[Positions],
    lengths: Positions,
    parts: int,
    device: str,
) -> float:
    """Bytes that training takes, by the formulas of `memory`.

    Args:
        shape: Of the model.
        weights: Parameters, and how many of them are trained.
        precision: That frozen weights and activations have.
        plan: The batches of an epoch.
        lengths: Tokens of each item.
        parts: In how many parts each batch is computed, over gradient accumulation and processes.
        device: Kind of the device.
    """
    shares = [share_of(batch, 0, parts, 0, 1) for batch in plan]
    most = max(
        (
            activation_bytes(shape, len(share), int(lengths[share].max()), precision, device)
            for share in shares
            if len(share)
        ),
        default=0.0,
    )
    return estimate_memory(*weights, precision, most)


def measure_epoch_seconds(
    steps: Steps,
    optimiser: torch.optim.Optimizer,
    weights: Sequence[torch.nn.Parameter],
    buffers: Sequence[torch.Tensor],
    plan: Sequence[Positions],
    lengths: Positions,
    all_steps: int,
) -> float:
    """Seconds of an epoch without validation, from a few real steps that leave no trace.

    The first step is that of the largest batch: if memory does not suffice, that shows now. It also warms up, and
    counts only if no other is made. Time is taken to grow with the tokens of a batch, padding counted.

    Args:
        steps: Takes the steps.
        optimiser: Holds the weights; it has taken no step yet.
        weights: What is trained; put back afterwards, as the state of the optimiser is.
        buffers: What the model changes by itself; put back too.
        plan: The batches of an epoch.
        lengths: Tokens of each item.
        all_steps: Steps of the whole run: of a short run fewer are tried.
    """
    sizes = [padded_tokens(batch, lengths) for batch in plan]
    order = sorted(range(len(plan)), key=lambda place: -sizes[place])
    timed = min(_MOST_TIMED, all_steps // _SHARE)
    # Evenly over the sizes, each in the middle of its share of the batches.
    tried = [order[0], *(order[len(order) * (2 * place + 1) // (2 * timed)] for place in range(timed))]
    kept = [tensor.detach().clone() for tensor in (*weights, *buffers)]
    seconds = []
    for place in tried:
        started = time.perf_counter()
        loss, count = steps.gradients(plan[place], 0)
        steps.update(optimiser, plan[place], loss, count, 1, 0.0)
        seconds.append(time.perf_counter() - started)
    with torch.no_grad():
        for tensor, value in zip((*weights, *buffers), kept, strict=True):
            tensor.copy_(value)
    optimiser.state.clear()
    used = slice(1, None) if timed else slice(None)
    return sum(seconds[used]) / sum(sizes[place] for place in tried[used]) * sum(sizes)


def before(
    estimate: Estimate, epochs: float, *, early: bool, weights: tuple[int, int], precision: Precision, processes: int
) -> str:
    """What is told before the start."""
    many = f" on {processes} processes" if processes > 1 else ""
    stops = ", fewer if validation no longer gains" if early else ""
    return (
        f"training {_count(weights[1])} of {_count(weights[0])} weights in {precision}{many}: about "
        f"{duration(estimate.epoch_seconds * epochs)} for {_epochs(epochs)}{stops}, and {size_of(estimate.memory)}"
    )


def after(estimate: Estimate, epochs: float, seconds: float, validation_seconds: float, memory: float) -> str:
    """Compares what was estimated with what it took."""
    validated = f" and {duration(validation_seconds)} of validation" if validation_seconds else ""
    return (
        f"estimated {duration(estimate.epoch_seconds * epochs)} and {size_of(estimate.memory)} "
        f"for {_epochs(epochs)}; took {duration(seconds)}{validated}, and {size_of(memory)}"
    )


def duration(seconds: float) -> str:
    """A time in the unit that suits it."""
    if seconds < 100:
        return f"{seconds:.1f} s" if seconds < 10 else f"{seconds:.0f} s"
    return f"{seconds / 60:.1f} min" if seconds < 6000 else f"{seconds / 3600:.1f} h"


def size_of(size: float) -> str:
    """Bytes as GB of 10^9, or as MB."""
    return f"{size / 1e6:.0f} MB" if size < 1e9 else f"{size / 1e9:.1f} GB"


def _epochs(number: float) -> str:
    return "1 epoch" if number == 1 else f"{number:.3g} epochs"


def _count(weights: int) -> str:
    return f"{weights / 1e6:.1f} million" if weights >= 1e5 else str(weights)
