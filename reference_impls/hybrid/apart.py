"""Tells which of the texts that judge were learnt from: the very ones, and nearly the same ones."""

from collections.abc import Sequence

from ..labelled_data.near_duplicates import find_groups


def met(judging: Sequence[str], known: Sequence[str], least: float) -> list[int]:
    """Positions of the texts that a version has met in training, or nearly so, in ascending order.

    What is linked through others counts, as where examples are split: see `labelled_data.near_duplicates`.

    Args:
        judging: What is to judge.
        known: What was learnt from.
        least: The similarity from which texts count as nearly the same, in [0.5, 1] (labelled_data.near_duplicate).
    """
    group = find_groups([*judging, *known], least).group.tolist()
    learnt = set(group[len(judging) :])
    return [place for place, each in enumerate(group[: len(judging)]) if each in learnt]
