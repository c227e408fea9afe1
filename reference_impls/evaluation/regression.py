"""Whether a new model is better, as good or worse than the one before it, item by item and label by label."""

from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from .holm import holm
from .paired import Difference, compare, in_words, mcnemar_exact
from .units import Integers, unit_numbers

Outcome = Literal["improved", "unchanged", "regressed"]

_ALPHA = 0.05
_NAMED = 3


class GroupChange(BaseModel):
    """What changed among the items of one label.

    Attributes:
        group: The label.
        items: How many items carry it.
        newly_right: How many only the new model has right.
        newly_wrong: How many only the old one had right.
        p: Two-sided p of McNemar's exact test, after Holm's correction for all labels that could be told.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    group: str
    items: int
    newly_right: int
    newly_wrong: int
    p: float


class Regression(BaseModel):
    """A new model beside the old one, on the same items.

    Attributes:
        outcome: See `regression`.
        certain: False where the items are too few to exclude a loss that counts.
        difference: The new model's measure minus the old one's.
        newly_right: Positions of the items that only the new model has right.
        newly_wrong: Positions of the items that only the old one had right.
        worse_groups: Labels on which the new model is worse beyond chance, worst first.
        changed_groups: Every label on which an item changed, most newly wrong first.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    outcome: Outcome
    certain: bool
    difference: Difference
    newly_right: tuple[int, ...]
    newly_wrong: tuple[int, ...]
    worse_groups: tuple[GroupChange, ...]
    changed_groups: tuple[GroupChange, ...]


def regression(
    new: Sequence[bool],
    old: Sequence[bool],
    groups: Sequence[str] | None = None,
    difference: Difference | None = None,
    units: Sequence[str] = (),
) -> Regression:
    """Compares a new model with the old one.

    `improved` where the measure is better. `regressed` where it is worse, or where it is not better and some label is
    worse beyond chance: an average can hide that. Else `unchanged`; where the items cannot tell whether a loss hides
    behind that, `certain` is False.

    Args:
        new: For each item, whether the new model has it right.
        old: Likewise for the old model, in the same order.
        groups: The label that each item carries; None looks at no labels.
        difference: What decides, new minus old, where it is another measure than the share of right items.
        units: What hangs together; within a label the items of a unit are one gain or one loss. See `units`.

    Raises:
        ValueError: There are no items, or not as many of all.
    """
    if not len(new) or len(new) != len(old) or (groups is not None and len(groups) != len(new)):
        raise ValueError("a comparison needs the new outcome, the old one and the label of each of at least one item")
    decides = difference or compare(
        "accuracy", [float(each) for each in new], [float(each) for each in old], units=units
    )
    unit = unit_numbers(units, len(new))
    gained = np.asarray(new, dtype=bool) & ~np.asarray(old, dtype=bool)
    lost = np.asarray(old, dtype=bool) & ~np.asarray(new, dtype=bool)
    changed = _changes(gained, lost, groups, unit) if groups is not None else []
    worse = tuple(
        sorted(
            (each for each in changed if each.p <= _ALPHA and each.newly_wrong > each.newly_right),
            key=lambda each: (each.p, each.group),
        )
    )
    outcome: Outcome = "unchanged"
    if decides.verdict == "better":
        outcome = "improved"
    elif decides.verdict == "worse" or worse:
        outcome = "regressed"
    return Regression(
        outcome=outcome,
        certain=decides.verdict != "cannot tell",
        difference=decides,
        newly_right=tuple(np.flatnonzero(gained).tolist()),
        newly_wrong=tuple(np.flatnonzero(lost).tolist()),
        worse_groups=worse,
        changed_groups=tuple(sorted(changed, key=lambda each: (-each.newly_wrong, each.newly_right, each.group))),
    )


def regression_in_words(found: Regression, than: str) -> str:
    """The outcome as sentences.

    Args:
        found: What was found.
        than: The old model, as it stands after "than": "0001-lora".
    """
    told = [f"{found.outcome}: {in_words(found.difference, than)}"]
    told.append(f"{len(found.newly_right)} items are newly right, {len(found.newly_wrong)} newly wrong.")
    if found.worse_groups:
        named = ", ".join(
            f"{each.group} ({each.newly_wrong} of {each.items} newly wrong, {each.newly_right} newly right)"
            for each in found.worse_groups[:_NAMED]
        )
        more = len(found.worse_groups) - _NAMED
        told.append(f"Worse beyond chance on: {named}{f' and {more} more' if more > 0 else ''}.")
    return " ".join(told)


def _changes(
    gained: NDArray[np.bool_], lost: NDArray[np.bool_], groups: Sequence[str], unit: Integers | None
) -> list[GroupChange]:
    names, place = np.unique(np.asarray(groups, dtype=object).astype(str), return_inverse=True)
    won, fell, items = (np.bincount(place, weights, len(names)) for weights in (gained, lost, None))
    touched = [number for number in range(len(names)) if won[number] + fell[number]]
    counts = [(int(won[number]), int(fell[number])) for number in touched]
    told = _by_units(gained, lost, place.ravel(), unit, len(names))
    apart = [(int(told[0][number]), int(told[1][number])) for number in touched]
    # A label with five changes cannot reach 0.05 even if all are losses, and need not be corrected for: Tarone (1990),
    # A modified Bonferroni method for discrete data.
    could_tell = sum(mcnemar_exact(0, gains + losses) <= _ALPHA for gains, losses in apart)
    adjusted = holm([mcnemar_exact(gains, losses) for gains, losses in apart], could_tell)
    return [
        GroupChange(group=str(names[number]), items=int(items[number]), newly_right=gains, newly_wrong=losses, p=p)
        for number, (gains, losses), p in zip(touched, counts, adjusted, strict=True)
    ]


def _by_units(
    gained: NDArray[np.bool_], lost: NDArray[np.bool_], label: Integers, unit: Integers | None, labels: int
) -> tuple[Integers, Integers]:
    """How many units of each label gained and how many lost, on balance: int64 [labels] twice."""
    of = np.arange(len(label)) if unit is None else unit
    pairs, cell = np.unique(np.stack([label, of]), axis=1, return_inverse=True)
    balance = np.bincount(cell.ravel(), weights=gained.astype(float) - lost, minlength=pairs.shape[1])
    won, fell = (np.bincount(pairs[0], weights=chosen, minlength=labels) for chosen in (balance > 0, balance < 0))
    return won.astype(np.int64), fell.astype(np.int64)
