"""Items that hang together, such as copies of one text or rows of one customer, count as the one unit that they are."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]


def unit_numbers(units: Sequence[str], items: int) -> Integers | None:
    """The number of the unit of each item, from 0: int64 [items]; None where each item is a unit of its own.

    Args:
        units: The name of the unit of each item, empty for one of its own; or nothing for all.
        items: How many items there are.

    Raises:
        ValueError: There are units, and not as many as items.
    """
    if not units:
        return None
    if len(units) != items:
        raise ValueError("each of the items needs its unit")
    named: dict[str, int] = {}
    # What has no unit gets a name that no other has: a number in place of a text.
    known = [named.setdefault(unit, len(named)) if unit else None for unit in units]
    if len(named) == sum(number is not None for number in known):
        return None
    alone = iter(range(len(named), items))
    return np.array([next(alone) if number is None else number for number in known], dtype=np.int64)


def by_unit(values: Floats, unit: Integers) -> tuple[Floats, Floats]:
    """The sum of the values of each unit, and how many items it has: float64 [units] twice."""
    return np.bincount(unit, weights=values).astype(np.float64), np.bincount(unit).astype(np.float64)


def effective_counts(part: Integers, unit: Integers, right: Floats, whole: Floats, parts: int) -> tuple[Floats, Floats]:
    """Shares of items that hang together, as counts of independent items that would tell as much.

    A share of n items whose variance is d times that of independent ones tells as much as n / d. With one value alone
    nobody knows d, and the units are counted.

    Formula: the design effect of Kish (1965), Survey sampling, with the variance of a ratio over clusters; an interval
    for the share is then that of n / d items, as Korn, Graubard (1998), Confidence intervals for proportions with small
    expected number of positive counts estimated from survey data, do it.

    Args:
        part: Which share an entry counts for, int64 [entries].
        unit: The unit of each entry, int64 [entries].
        right: What it adds to the numerator, float64 [entries].
        whole: What it adds to the denominator, float64 [entries].
        parts: How many shares there are.

    Returns:
        Numerators and denominators, float64 [parts] each; denominators are no larger than those of the entries.
    """
    rights, wholes = (np.bincount(part, weights=each, minlength=parts) for each in (right, whole))
    share = np.divide(rights, wholes, out=np.zeros(parts), where=wholes > 0)
    pairs, place = np.unique(np.stack([part, unit]), axis=1, return_inverse=True)
    of_pair = pairs[0]
    apart = np.bincount(place.ravel(), weights=right - share[part] * whole, minlength=len(of_pair))
    units = np.bincount(of_pair, minlength=parts).astype(np.float64)
    spread, usual = np.bincount(of_pair, weights=apart**2, minlength=parts), wholes * share * (1 - share)
    effect = np.divide(spread, usual, out=np.ones(parts), where=usual > 0)
    count = np.where(usual > 0, wholes / np.maximum(1.0, effect), np.minimum(units, wholes))
    return share * count, count
