"""Which numbers a model computes in: float32, or 16 bits by autocast with the trained weights in float32."""

import platform
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import torch

from ..project_base.errors import UserError
from .settings import Settings

Precision = Literal["float32", "bfloat16", "float16"]

_CPU_FLAGS = {"avx512_bf16", "amx_bf16", "bf16"}
"""How /proc/cpuinfo names the instructions: on x86-64 the first two, on ARM the last."""


def chosen_device(settings: Settings) -> torch.device:
    """The device that the settings ask for.

    Raises:
        UserError: This machine does not have it.
    """
    found = {"cuda": torch.cuda.is_available(), "mps": torch.backends.mps.is_available(), "cpu": True}
    if settings.device == "auto":
        return torch.device(next(name for name, there in found.items() if there))
    if not found[settings.device]:
        raise UserError(
            f"training.device is {settings.device}, and torch finds none here",
            "set training.device: auto, or install a torch build for that device",
        )
    return torch.device(settings.device)


def computes_bfloat16(device: torch.device) -> bool:
    """Whether the device computes bfloat16 in hardware, and so faster than float32."""
    if device.type == "cuda":
        return bool(torch.cuda.is_bf16_supported(including_emulation=False))
    return device.type == "cpu" and bool(_CPU_FLAGS & _cpu_flags(Path("/proc/cpuinfo")))


def chosen_precision(settings: Settings, device: torch.device) -> Precision:
    """The precision that the settings ask for; auto is bfloat16 where the device computes it, else float32."""
    if settings.precision != "auto":
        return settings.precision
    return "bfloat16" if computes_bfloat16(device) else "float32"


def autocast(precision: Precision, device: torch.device) -> AbstractContextManager[object]:
    """Computes matrix products in this precision; sums and norms stay where they are exact enough."""
    if precision == "float32":
        return nullcontext()
    return torch.autocast(device.type, dtype=getattr(torch, precision))


@dataclass(frozen=True)
class Held:
    """How a model's weights are held while it is trained.

    Attributes:
        precision: That of autocast and of the frozen matrices.
        aside: Bytes of the caller's own weights, which wait beside them.
    """

    precision: Precision
    aside: int


@contextmanager
def prepare_precision(
    model: torch.nn.Module, settings: Settings, tell: Callable[[str], object] = lambda _: None
) -> Iterator[Held]:
    """Holds frozen weights in the precision that is computed in, for as long as the context lasts.

    `train` does this itself. Autocast would turn a frozen float32 weight into 16 bits anew in every step; it keeps such
    copies for trained weights alone. Afterwards the model has its own float32 weights again, bit by bit, so that it
    answers like one that is loaded from its files. The copies cost 2 bytes for each frozen weight.

    Args:
        model: Already on its device. Weights that require gradients stay float32; so do norms and biases. Frozen
            weights that were loaded in 16 bits are float32 meanwhile if that is what is computed in.
        settings: Name device and precision.
        tell: Hears what was chosen.
    """
    device = next((weight.device for weight in model.parameters()), torch.device("cpu"))
    precision = chosen_precision(settings, device)
    if precision == "bfloat16" and not computes_bfloat16(device):
        tell("this processor has no instructions for bfloat16: training.precision: float32 may be faster")
    if precision == "float16" and device.type == "cpu":
        tell("float16 is for GPUs: training.precision: auto is faster on this processor")
    own: list[tuple[torch.nn.Parameter, torch.Tensor]] = []
    try:
        wanted = getattr(torch, precision)
        for weight in model.parameters():
            matrix = weight.ndim > 1 or precision == "float32"
            if not weight.requires_grad and weight.is_floating_point() and matrix and weight.dtype != wanted:
                own.append((weight, weight.data))
                weight.data = weight.data.to(wanted)
        yield Held(precision, sum(data.numel() * data.element_size() for _, data in own))
    finally:
        for weight, data in own:
            weight.data = data


def _cpu_flags(cpuinfo: Path) -> set[str]:
    if platform.system() != "Linux" or not cpuinfo.is_file():
        return set()
    lines = cpuinfo.read_text("utf-8", "replace").splitlines()
    return set(next((line for line in lines if line.lower().startswith(("flags", "features"))), "").split())
