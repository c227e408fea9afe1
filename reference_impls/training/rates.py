"""How the learning rate rises and falls over a run."""

import math

from .settings import Settings


def rate_factor(progress: float, settings: Settings) -> float:
    """What the highest learning rate is multiplied by.

    Args:
        progress: Share of the planned items that were seen, in [0, 1].
        settings: Names the schedule and the share of its warm-up.

    Returns:
        A number in [0, 1]: a line from 0 up to 1 within the warm-up, then the schedule; linear and cosine end at 0.
    """
    progress = min(max(progress, 0.0), 1.0)
    if progress < settings.warm_up:
        return progress / settings.warm_up
    if settings.schedule == "constant" or settings.warm_up >= 1:
        return 1.0
    fallen = (progress - settings.warm_up) / (1 - settings.warm_up)
    return 1 - fallen if settings.schedule == "linear" else (1 + math.cos(math.pi * fallen)) / 2
