"""Probabilities and their logarithms, computed in float64."""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]


def softmax(logits: Floats) -> Floats:
    """Probabilities, float32 [n, labels], whose rows sum to 1."""
    powers = np.exp(_shifted(logits))
    rows: Floats = (powers / powers.sum(axis=1, keepdims=True)).astype(np.float32)
    return rows


def log_softmax(logits: Floats) -> Floats:
    """Log-probabilities, float32 [n, labels]."""
    wide = _shifted(logits)
    wide -= np.log(np.exp(wide).sum(axis=1, keepdims=True))
    logs: Floats = wide.astype(np.float32)
    return logs


def combined(logits: Floats, others: Floats, weight: float) -> Floats:
    """Log-probabilities of one model, and those of another with a weight, added: float32 [n, labels]."""
    added: Floats = log_softmax(logits) + np.float32(weight) * log_softmax(others)
    return added


def _shifted(logits: Floats) -> NDArray[np.float64]:
    wide = logits.astype(np.float64)
    # Rows may be none at all: a text without words.
    return wide - wide.max(axis=1, keepdims=True, initial=-np.inf) if len(wide) else wide
