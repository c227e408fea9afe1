"""Seeds of every random generator that training uses."""

import random

import numpy as np
import torch


def seed_everything(*parts: int) -> None:
    """Seeds python, numpy and torch (every device); call it before the weights of a model are made.

    A training step is seeded by its place in the run, not by what ran before it: an interrupted run draws what an
    uninterrupted one does, and there is no state of generators to keep.

    Args:
        parts: One or more whole numbers from 0; other numbers give other seeds.
    """
    words = np.random.SeedSequence([part % 2**64 for part in parts]).generate_state(2)
    random.seed(int(words[0]))
    np.random.seed(int(words[0]))
    torch.manual_seed(int(words[1]) << 32 | int(words[0]))
