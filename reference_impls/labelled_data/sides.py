"""The sides of a split, and the units that stand on one side as a whole."""

import hashlib
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Self

import numpy as np

from ..texts.minhash import exact_key
from .base import Example
from .duplicates import compared_text
from .near_duplicates import Groups
from .similarity_join import linked


class Side(Enum):
    """Where an example stands."""

    TRAIN = "train"
    VALIDATION = "validation"
    TEST = "test"


@dataclass(frozen=True)
class Units:
    """Examples that belong together, as near-duplicates, by the column group, or by both over several steps.

    Attributes:
        unit: The number of the unit of each example.
        key: By unit: a random number in [0, 1) that follows from the seed and the rows, in whatever order they stand.
    """

    unit: tuple[int, ...]
    key: dict[int, float]

    @classmethod
    def of(cls, examples: Sequence[Example], groups: Groups, seed: int) -> Self:
        """The units of examples.

        Args:
            examples: All of them.
            groups: The near-duplicates among the same examples.
            seed: Of the keys.
        """
        root = np.arange(len(examples), dtype=np.int64)
        _, first = np.unique(groups.group, return_index=True)
        root = linked(root, root, first[groups.group])
        named: dict[str, int] = {}
        pairs = [(place, named.setdefault(each.group, place)) for place, each in enumerate(examples) if each.group]
        if pairs:
            root = linked(root, np.array([one for one, _ in pairs]), np.array([other for _, other in pairs]))
        unit = tuple(root.tolist())
        key: dict[int, float] = {}
        for place, example in enumerate(examples):
            key[unit[place]] = min(key.get(unit[place], 1.0), _key(example, seed))
        return cls(unit, key)

    def touching(self, positions: Iterable[int], why: str) -> dict[int, str]:
        """All other examples that share a unit with some at `positions`, each with `why`."""
        inside = set(positions)
        taken = {self.unit[place] for place in inside}
        return {place: why for place, unit in enumerate(self.unit) if unit in taken and place not in inside}

    def members(self, positions: Iterable[int]) -> dict[int, list[int]]:
        """The examples of each unit among `positions`."""
        found: dict[int, list[int]] = {}
        for place in positions:
            found.setdefault(self.unit[place], []).append(place)
        return found


def united(examples: Sequence[Example], units: Units) -> tuple[Example, ...]:
    """The examples, each with the name of its unit where it has others in it: the place of the first of them."""
    size = Counter(units.unit)
    return tuple(
        replace(example, unit=examples[unit].place if size[unit] > 1 else "")
        for example, unit in zip(examples, units.unit, strict=True)
    )


def _key(example: Example, seed: int) -> float:
    content = exact_key(compared_text(example)) + repr(example.target).encode("utf-8", "replace")
    digest = hashlib.sha256(f"{seed}:".encode() + content).digest()
    return int.from_bytes(digest[:7]) / (1 << 56)
