"""Log-likelihood at the best temperature: it judges what a model can tell apart, and not how sure it says it is.

Temperature scaling: Guo, Pleiss, Sun, Weinberger (2017), On Calibration of Modern Neural Networks. A strict C makes a
logistic regression too modest; by plain log-likelihood the laxest C would always win (banking77: C 100 for word counts,
at .911 of the messages right, where C 10 has .918).
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]

_STEPS = 12
_LEAST, _MOST = 0.05, 20.0
_ENOUGH = 1e-4


def best_temperature(logits: Floats, numbers: Integers) -> tuple[float, float]:
    """The mean log-probability of the true labels at the temperature that makes it highest, and that temperature.

    Args:
        logits: float32 [n, labels], n at least 1.
        numbers: True labels, int64 [n].

    Returns:
        The log-likelihood, at most 0; and what logits are divided by, from .05 to 20.
    """
    wide = logits.astype(np.float64)
    wide -= wide.max(axis=1, keepdims=True)
    true = wide[np.arange(len(numbers)), numbers]
    # In 1 / temperature the function is concave, so Newton's steps find its top.
    scale = 1.0
    for _ in range(_STEPS):
        powers = np.exp(scale * wide)
        shares = powers / powers.sum(axis=1, keepdims=True)
        mean = (shares * wide).sum(axis=1)
        spread = ((shares * wide**2).sum(axis=1) - mean**2).mean()
        slope = (true - mean).mean()
        moved = float(np.clip(scale + slope / max(spread, 1e-12), max(_LEAST, scale / 2), min(_MOST, scale * 2)))
        done = abs(moved - scale) < _ENOUGH * scale
        scale = moved
        if done:
            break
    found = (scale * true - np.log(np.exp(scale * wide).sum(axis=1))).mean()
    return float(found), 1 / scale
