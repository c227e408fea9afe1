"""Several tests at once: what is left of each p when all may err together only once in 20 cases."""

from collections.abc import Sequence


def holm(ps: Sequence[float], tests: int | None = None) -> list[float]:
    """Adjusted p-values: comparing each with 0.05 errs with a probability of at most 0.05 over all of them together.

    Formula: Holm (1979), A simple sequentially rejective multiple test procedure.

    Args:
        ps: One p for each test.
        tests: How many tests count, where fewer than are given can reject at all; None counts all.
    """
    order = sorted(range(len(ps)), key=lambda place: ps[place])
    count = len(ps) if tests is None else tests
    adjusted, highest = [0.0] * len(ps), 0.0
    for rank, place in enumerate(order):
        highest = max(highest, min(1.0, ps[place] * max(1, count - rank)))
        adjusted[place] = highest
    return adjusted
