"""Cuts the examples by time: what trains is older than what validates, and that is older than what tests."""

from collections.abc import Sequence

from .base import Example
from .sides import Side, Units

_LEAKS = "nearly the same as, or of one group with, a later row that validates or tests"


def cut_by_time(
    examples: Sequence[Example],
    free: Sequence[int],
    units: Units,
    shares: tuple[float, float],
    by_file_order: bool,
) -> tuple[dict[int, Side], dict[int, str]]:
    """The side of each example, and those that are left out since they would leak.

    Rows of the same time stand on one side, the later one. Of a unit that a cut would part, the rows of the latest side
    stay.

    Args:
        examples: All of them.
        free: The positions that are to be cut.
        units: What never stands on two sides.
        shares: Of the rows for validation and for the test.
        by_file_order: Whether the order of the rows is that of time; else their `when` is.
    """
    ordered = list(free) if by_file_order else sorted(free, key=lambda place: (examples[place].when, place))

    def whole_moments(cut: int) -> int:
        while not by_file_order and 0 < cut < len(ordered) and _same_time(examples, ordered, cut):
            cut -= 1
        return cut

    test_from = whole_moments(round(len(ordered) * (1 - shares[1])))
    validation_from = whole_moments(min(round(len(ordered) * (1 - shares[1] - shares[0])), test_from))
    sides = dict.fromkeys(ordered[:validation_from], Side.TRAIN)
    sides |= dict.fromkeys(ordered[validation_from:test_from], Side.VALIDATION)
    sides |= dict.fromkeys(ordered[test_from:], Side.TEST)
    dropped: dict[int, str] = {}
    for inside in units.members(ordered).values():
        latest = max((sides[place] for place in inside), key=_AGE.index)
        dropped |= {place: _LEAKS for place in inside if sides[place] is not latest}
    return {place: side for place, side in sides.items() if place not in dropped}, dropped


def _same_time(examples: Sequence[Example], ordered: Sequence[int], cut: int) -> bool:
    return examples[ordered[cut - 1]].when == examples[ordered[cut]].when


_AGE = (Side.TRAIN, Side.VALIDATION, Side.TEST)
