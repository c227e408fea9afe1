"""Memory for training and serving.

With P billions of parameters: all weights 16 P, LoRA 2 P and activations, QLoRA 0.7 to 1.2 P and activations (E21);
serving P x bytes per weight x what running calls add. In GB.
"""

from __future__ import annotations

from advisor.documents.costs import Memory
from advisor.economics.ledger import Ledger, amount

__all__ = ["memory"]

_SIZES = {
    "encoder_parameters": "an encoder",
    "small_parameters": "a small language model",
    "large_parameters": "a large language model",
}


def memory(ledger: Ledger) -> tuple[Memory, ...]:
    """One entry for each size of model."""
    return tuple(_of(name, title, ledger) for name, title in _SIZES.items())


def _of(name: str, title: str, ledger: Ledger) -> Memory:
    size, active = ledger(name), ledger("activation_bytes")
    return Memory(
        model=title,
        parameters=amount(size),
        full=amount(size * (ledger("full_bytes") + active)),
        lora=amount(size * (ledger("lora_bytes") + active)),
        qlora=amount(size * (ledger("qlora_bytes") + active)),
        serving=amount(size * ledger("serving_bytes") * ledger("serving_overhead")),
    )
