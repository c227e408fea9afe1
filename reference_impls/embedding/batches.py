"""Cuts texts into batches that share a length, so that little work is spent on padding."""

from collections.abc import Iterator, Sequence


def batches_by_length(lengths: Sequence[int], most_texts: int, budget: int) -> Iterator[list[int]]:
    """Positions of texts in batches, longest first; each position comes once.

    Small batches are the quicker ones on a CPU: what one layer hands to the next stays in its cache.

    Args:
        lengths: Length of each text, in any unit.
        most_texts: Most texts in a batch, at least 1.
        budget: Most padded length of a batch, in the same unit; a longer text is a batch of its own.
    """
    order = sorted(range(len(lengths)), key=lambda position: -lengths[position])
    start = 0
    while start < len(order):
        size = min(most_texts, max(1, budget // max(1, lengths[order[start]])))
        yield order[start : start + size]
        start += size
