"""Which numbers a model computes in."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from .settings import Settings

if TYPE_CHECKING:
    import torch


def prepare_precision(
    model: "torch.nn.Module", settings: Settings, tell: Callable[[str], object] = lambda _: None
) -> None:
    """Holds the frozen weights in the numbers that training computes in; trained ones stay float32."""
    raise NotImplementedError
