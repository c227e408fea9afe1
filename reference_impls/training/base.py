"""What a training run is given, and what it hands back.

The calls, in their order (`run_key` is quick to import; the others load torch):

    seeds.seed_everything(seed)    before the weights of the model are made
    run_key.run_key(rooms=[the caller's room], name=JSON value, ...)    tells this run from all others
    loop.train(model, batches, loss, validate, settings, run, key=..., groups=...)

Weights that are trained must be float32. `train` moves the model to the device and takes care of precision: frozen
weights may be held in 16 bits meanwhile, and are the caller's own again afterwards, bit by bit.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import torch

Batch = dict[str, "torch.Tensor"]
"""Tensors by name, on the CPU as `collate` makes them; the loop moves them to the device."""

Loss = Callable[[Any, Batch], tuple["torch.Tensor", "torch.Tensor | float"]]
"""Given the model and a batch on its device: the SUM of the losses of its items (or tokens), and the count of them.

A step divides the sum over the whole batch by the count over the whole batch, however many processes and parts share
it. The model must be called as `model(...)`, never by its methods, or processes would not share their gradients. It may
be called with autocast on; compute the loss from `logits.float()`.
"""

Validate = Callable[[], float]
"""The validation metric of the model as it stands, higher is better.

The model is in evaluation mode, without gradients and in the precision of the training. Only the main process calls it,
on the model that was handed to `train`.
"""


class Batches(Protocol):
    """The items to train on, as tokens."""

    @property
    def lengths(self) -> Sequence[int]:
        """Tokens of each item, at least 1, after truncation."""
        ...

    def collate(self, positions: Sequence[int]) -> Batch:
        """The items at these positions, padded to the longest; the first dimension of each tensor is the item."""
        ...


@dataclass(frozen=True)
class ParameterGroup:
    """Parameters that learn at a rate of their own; those in no group learn at `training.learning_rate`.

    Attributes:
        names: As `model.named_parameters()` gives them.
        learning_rate: The highest rate, between warm-up and decay.
    """

    names: frozenset[str]
    learning_rate: float


@dataclass(frozen=True)
class Round:
    """The stretch of training before one validation.

    Attributes:
        epoch: Passes over the data at its end.
        step: Steps of the optimiser at its end.
        loss: Mean training loss for each item or token within it.
        learning_rate: Of the first group, at its last step.
        validation: The metric after it; None without validation.
    """

    epoch: float
    step: int
    loss: float
    learning_rate: float
    validation: float | None = None


@dataclass(frozen=True)
class Trained:
    """What a finished run tells. The model itself holds the best weights, in evaluation mode.

    Attributes:
        epochs: Passes that were made.
        best_epoch: Passes after which validation was best (the earliest, among equals); without validation the last.
        best: The validation metric there; None without validation.
        history: The rounds, in order; the same for an interrupted run.
        measured: `seconds`, `parameters`, `trained_parameters`, `epochs`, `best_epoch`, `examples_per_second`,
            `peak_memory_mb`, `processes`: what `labelled_data.rungs.Fitted.measured` wants.
        estimates: One sentence: what was estimated and what it took.
        stopped_early: Validation had not improved for `training.patience` rounds.
    """

    epochs: float
    best_epoch: float
    best: float | None
    history: tuple[Round, ...]
    measured: Mapping[str, float] = field(default_factory=dict)
    estimates: str = ""
    stopped_early: bool = False
