"""Seeds of every random generator that training uses."""

import random

import numpy as np


def seed_everything(seed: int) -> None:
    """Seeds python, numpy and torch (every device); call it before the weights of a model are made.

    Args:
        seed: Any whole number; the generators get its lowest 32 bits.
    """
    import torch

    low = seed % 2**32
    random.seed(low)
    np.random.seed(low)
    torch.manual_seed(low)
