"""Spreads units over the sides at random, so that every label has its share on each."""

import math
from collections import Counter
from collections.abc import Sequence

from .sides import Side, Units

_FOR_ALL_SIDES = 3
_FOR_TWO = 2


def spread_over_sides(
    strata: Sequence[str], free: Sequence[int], units: Units, shares: tuple[float, float]
) -> dict[int, Side]:
    """The side of each example.

    Every label has at least one unit in training. One with three units or more has at least a row for validation and
    one for the test, where its units are small enough; one with two has a row for the test.

    Args:
        strata: The label of each example, or whatever else should have its share everywhere.
        free: The positions that are to be spread.
        units: What stands together.
        shares: Of the rows for validation and for the test; 0 has none there.
    """
    members = units.members(free)
    order = sorted(members, key=lambda unit: (units.key[unit], unit))
    first_of: dict[str, int] = {}
    for unit in order:
        for place in members[unit]:
            first_of.setdefault(strata[place], unit)
    kept = set(first_of.values())
    wanted = _wanted(strata, members, order, shares)
    sides: dict[int, Side] = {}
    # Units of several rows come first, while there is room for them; single rows then fill what is left exactly.
    for unit in sorted(order, key=lambda unit: len(members[unit]) == 1):
        count = Counter(strata[place] for place in members[unit])
        side = Side.TRAIN if unit in kept else _side(units.key[unit], count, wanted, shares, len(members[unit]) == 1)
        for place in members[unit]:
            sides[place] = side
        if side is not Side.TRAIN:
            wanted[side].subtract(count)
    return sides


def _side(
    key: float, count: Counter[str], wanted: dict[Side, Counter[str]], shares: tuple[float, float], single: bool
) -> Side:
    room = [side for side, left in wanted.items() if all(left[label] >= number for label, number in count.items())]
    if single:
        return room[0] if room else Side.TRAIN
    validation, test = shares
    drawn = Side.TEST if key < test else Side.VALIDATION if key < test + validation else Side.TRAIN
    return drawn if drawn in room else Side.TRAIN


def _wanted(
    strata: Sequence[str], members: dict[int, list[int]], order: Sequence[int], shares: tuple[float, float]
) -> dict[Side, Counter[str]]:
    """Rows of each label for the test and for validation, which add up to the shares of all rows."""
    rows = Counter(strata[place] for unit in order for place in members[unit])
    parts = Counter(label for unit in order for label in {strata[place] for place in members[unit]})
    # Labels of one unit are sorted, since the order of its rows must not matter.
    labels = (label for unit in order for label in sorted({strata[place] for place in members[unit]}))
    turn = {label: number for number, label in enumerate(dict.fromkeys(labels))}
    wanted: dict[Side, Counter[str]] = {}
    for side, share, least in ((Side.TEST, shares[1], _FOR_TWO), (Side.VALIDATION, shares[0], _FOR_ALL_SIDES)):
        if not share:
            continue
        least_units = least if shares[1] else _FOR_TWO
        fewest = {label: 1 if parts[label] >= least_units else 0 for label in rows}
        count = Counter({label: max(math.floor(share * rows[label]), fewest[label]) for label in rows})
        remaining = round(share * sum(rows.values())) - count.total()
        by_remainder = sorted(rows, key=lambda label: (-(share * rows[label] % 1), turn.get(label, 0)))
        for label in by_remainder[: max(remaining, 0)]:
            if parts[label] >= least_units and share * rows[label] > count[label]:
                count[label] += 1
        wanted[side] = count
    return wanted
