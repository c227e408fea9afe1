"""The training loop."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..labelled_data.rungs import Run
from .base import Batches, Loss, ParameterGroup, Trained, Validate
from .settings import Settings

if TYPE_CHECKING:
    import torch


def train(
    model: "torch.nn.Module",
    batches: Batches,
    loss: Loss,
    validate: Validate | None,
    settings: Settings,
    run: Run,
    *,
    key: str,
    groups: Sequence[ParameterGroup] = (),
) -> Trained:
    """Trains the weights that require gradients; at the end the model holds the best ones, in evaluation mode."""
    raise NotImplementedError
