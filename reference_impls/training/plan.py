"""Which items make a step: batches of similar length, shuffled anew for each epoch, the same for the same seed."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Positions = NDArray[np.int64]

_POOL = 50
"""How many batches of items are sorted together: enough for little padding, few enough for random batches."""


def epoch_batches(
    lengths: Sequence[int] | Positions, most_items: int, budget: int, seed: int, epoch: int
) -> list[Positions]:
    """Batches of one epoch, in random order; each position comes once.

    Items are shuffled, cut into pools, sorted by length within a pool and cut into batches, so that who shares a
    batch differs between epochs and yet little work is spent on padding.

    Args:
        lengths: Tokens of each item.
        most_items: Most items in a batch, at least 1.
        budget: Most tokens in a batch, padding counted; a longer item is a batch of its own.
        seed: Together with `epoch` it decides the order.
        epoch: Counted from 0.
    """
    sizes = np.maximum(np.asarray(lengths, dtype=np.int64), 1)
    random = np.random.default_rng([seed % 2**64, epoch])
    order = random.permutation(len(sizes)).astype(np.int64)
    batches: list[Positions] = []
    rest: Positions = order[:0]
    step = most_items * _POOL
    for start in range(0, len(order), step):
        pool = np.concatenate([rest, order[start : start + step]])
        pool = pool[np.argsort(-sizes[pool], kind="stable")]
        cut = _cut(pool, sizes, most_items, budget)
        last = start + step >= len(order)
        # What does not fill a batch joins the next pool: a small batch would weigh its items more than others.
        rest = order[:0] if last else cut.pop()
        batches += cut
    return [batches[place] for place in random.permutation(len(batches))]


def padded_tokens(batch: Positions, lengths: Sequence[int] | Positions) -> int:
    """Tokens of a batch with its padding."""
    return len(batch) * max(1, *(int(lengths[position]) for position in batch))


def share_of(batch: Positions, part: int, parts: int, rank: int, processes: int) -> Positions:
    """The items of a batch that one process computes in one part of a step; empty where there are too few.

    They are dealt out in turn, so that all shares of a batch of similar lengths cost the same.
    """
    return batch[part * processes + rank :: parts * processes]


def _cut(pool: Positions, sizes: Positions, most_items: int, budget: int) -> list[Positions]:
    batches = []
    start = 0
    while start < len(pool):
        size = min(most_items, max(1, budget // int(sizes[pool[start]])))
        batches.append(pool[start : start + size])
        start += size
    return batches
