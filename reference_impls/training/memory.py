"""How much memory training needs: estimated before, measured after."""

import re
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from .precision import Precision

_HELD = {"float32": 4, "bfloat16": 2, "float16": 2}
_TRAINED_BYTES = 16
_ACTIVATIONS = {"float32": 2.4, "bfloat16": 1.8, "float16": 1.8}
"""Times the formula for 16 bits, as measured with torch 2.13 on a BERT encoder with and without adapters.

Autocast keeps sums and norms in float32 beside the 16-bit products, and so saves little memory.
"""
_GROWTH = 1.5
"""Times the activations: by how much a process grows on a CPU, measured too; its allocator holds back the rest."""


@dataclass(frozen=True)
class Shape:
    """What the memory of activations depends on; 0 where a model does not tell.

    Attributes:
        hidden: Width of the hidden states.
        layers: Transformer layers.
        heads: Attention heads of a layer.
        vocabulary: Tokens that the model gives scores to; 0 without a language-model head.
    """

    hidden: int = 0
    layers: int = 0
    heads: int = 0
    vocabulary: int = 0


def estimate_memory(parameters: int, trained: int, precision: Precision, activations: float = 0.0) -> float:
    """Bytes that training takes, beside what the process holds anyway.

    A trained weight takes 16 bytes: weight, gradient and the two moments of Adam in float32; with 16-bit copies of
    weight and gradient it is 16 too (Rajbhandari et al., 2020, ZeRO, section 3.1). A frozen one takes only its own
    bytes. So full tuning takes about 16 bytes a parameter, and LoRA about 2 (bfloat16) or 4 (float32).

    Args:
        parameters: All weights of the model.
        trained: Those of them that are trained.
        precision: In which frozen weights are held.
        activations: Bytes kept for the backward pass, of `activation_bytes`.
    """
    return (parameters - trained) * _HELD[precision] + trained * _TRAINED_BYTES + activations


def activation_bytes(shape: Shape, items: int, longest: int, precision: Precision, device: str = "cpu") -> float:
    """Bytes that one batch adds to the memory of a transformer until its backward pass is through.

    `s b h (34 + 5 a s / h)` for each layer if all is kept in 16 bits (Korthikanti et al., 2022, Reducing Activation
    Recomputation in Large Transformer Models, section 4.1), and the scores over the vocabulary with their gradient in
    float32; times what was measured for the precision and the device. Attention that is computed in blocks drops the
    second term, and recomputed activations drop most: take it as an upper guess.

    Args:
        shape: Of the model.
        items: Items that one process computes at once (b).
        longest: Their padded length in tokens (s).
        precision: Of the products.
        device: Kind of the device.
    """
    tokens = items * longest
    layer = tokens * (34 * shape.hidden + 5 * shape.heads * longest)
    kept = layer * shape.layers * _ACTIVATIONS[precision] + tokens * shape.vocabulary * 8
    return kept * (_GROWTH if device == "cpu" else 1.0)


def shape_of(model: torch.nn.Module) -> Shape:
    """The shape that the configuration of a transformers model tells, wherever it sits in the model."""
    for module in model.modules():
        config: Any = getattr(module, "config", None)
        if hasattr(config, "hidden_size"):
            head = getattr(module, "get_output_embeddings", lambda: None)()
            return Shape(
                int(config.hidden_size),
                int(getattr(config, "num_hidden_layers", 0)),
                int(getattr(config, "num_attention_heads", 0)),
                int(getattr(config, "vocab_size", 0)) if head is not None else 0,
            )
    return Shape()


class PeakMemory:
    """Measures the most memory that training takes, from its making on.

    On a GPU this is what torch allocated there. On a CPU it is the growth of the process plus the weights that it held
    at the beginning: an estimate too, since the process may reuse memory that earlier work has left.
    """

    def __init__(self, device: torch.device, weights: int) -> None:
        """Begins to measure; `weights` are the bytes of the model's weights."""
        self._device = device
        self._weights = weights
        if device.type == "cuda":
            torch.cuda.reset_peak_memory_stats(device)
        self._start = _restart_resident_peak()

    def bytes(self) -> float:
        """The most bytes so far."""
        if self._device.type == "cuda":
            return float(torch.cuda.max_memory_allocated(self._device))
        return max(0.0, _resident_peak() - self._start) + self._weights


def weight_bytes(model: torch.nn.Module) -> int:
    """Bytes of all weights of a model as they are held."""
    return sum(weight.numel() * weight.element_size() for weight in model.parameters())


def _restart_resident_peak() -> float:
    """Sets the peak of the resident memory back to its present value, where the system can, and returns it."""
    try:
        Path("/proc/self/clear_refs").write_text("5")
    except OSError:
        return _resident_peak()
    return _resident_peak()


def _resident_peak() -> float:
    """The most memory, in bytes, that the process had resident."""
    try:
        found = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
        if found:
            return float(found[1]) * 1024
    except OSError:
        pass
    if sys.platform == "win32":
        return 0.0
    import resource  # noqa: PLC0415 -- there is none on Windows

    # macOS counts bytes, others kibibytes.
    return float(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss) * (1 if sys.platform == "darwin" else 1024)
