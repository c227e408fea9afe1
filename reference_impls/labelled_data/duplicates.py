"""Repeated examples, and examples that say the same and are labelled differently."""

from collections.abc import Sequence
from itertools import combinations

import numpy as np
from pydantic import BaseModel, ConfigDict

from ..texts.minhash import exact_key
from .base import Example, Task
from .near_duplicates import Groups, find_groups
from .similarity_join import Integers

SHOWN = 10
_LARGEST_COMPARED = 200
_ROUNDING = 1e-9
_TEXT_SHOWN = 100


class Repeats(BaseModel):
    """How much of the data repeats other data.

    Attributes:
        exact: Rows whose text is the same as that of an earlier row, but for white space.
        near: Further rows that are nearly the same as an earlier row, or linked to one through others.
        groups: Sets of rows that belong together.
        largest: Rows in the largest of them.
        shown: The places of some rows of the largest groups.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    exact: int
    near: int
    groups: int
    largest: int
    shown: tuple[tuple[str, ...], ...] = ()


class Conflict(BaseModel):
    """Two rows with the same or nearly the same text and different targets.

    Attributes:
        first: Place of the first.
        second: Place of the second.
        first_target: Its label; for spans and responses a short form.
        second_target: That of the second.
        text: The beginning of the first text.
        similarity: In [0, 1]; 1 for the same words.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    first: str
    second: str
    first_target: str
    second_target: str
    text: str
    similarity: float


def compared_text(example: Example) -> str:
    """All that the model reads, by which examples are compared."""
    return "\n".join(turn.text for turn in example.turns) if example.turns else example.text


def group_examples(examples: Sequence[Example], least: float) -> Groups:
    """Groups examples whose texts are nearly the same; see `find_groups`."""
    return find_groups([compared_text(example) for example in examples], least)


def find_repeats(examples: Sequence[Example], groups: Groups) -> Repeats:
    """Counts exact and near repeats.

    Args:
        examples: All of them.
        groups: Of the same examples.
    """
    keys = {exact_key(compared_text(example)) for example in examples}
    sizes = np.bincount(groups.group)
    exact = len(examples) - len(keys)
    largest = np.argsort(-sizes, kind="stable")[:SHOWN]
    return Repeats(
        exact=exact,
        near=len(examples) - len(sizes) - exact,
        groups=int((sizes > 1).sum()),
        largest=int(sizes.max()),
        shown=tuple(
            tuple(examples[place].place for place in np.flatnonzero(groups.group == number)[:SHOWN])
            for number in largest
            if sizes[number] > 1
        ),
    )


def find_conflicts(examples: Sequence[Example], groups: Groups, task: Task, least: float) -> list[Conflict]:
    """All pairs of rows that say the same, or nearly so, and have different targets; the most similar first.

    Spans and responses are compared for the same words alone: with another word, other spans are right. In a group of
    more than 200 rows only the first 200 are compared.

    Args:
        examples: All of them.
        groups: Of the same examples.
        task: What they are for.
        least: The similarity from which texts count as nearly the same.
    """
    together = groups.group if task == "classification" else groups.wording
    first, second = _differing_pairs([_compared_target(example) for example in examples], together)
    similarities = groups.similarities(first, second)
    near = similarities >= (least if task == "classification" else 1.0) - _ROUNDING
    found = sorted(zip(-similarities[near], first[near].tolist(), second[near].tolist(), strict=True))
    return [_conflict(examples[one], examples[other], -float(minus)) for minus, one, other in found]


def _differing_pairs(targets: Sequence[object], together: Integers) -> tuple[Integers, Integers]:
    order = np.argsort(together, kind="stable")
    bounds = np.flatnonzero(np.diff(together[order])) + 1
    pairs: list[tuple[int, int]] = []
    for members in np.split(order, bounds):
        if len(members) > 1 and len({targets[place] for place in members.tolist()}) > 1:
            compared = members[:_LARGEST_COMPARED].tolist()
            pairs += [(one, other) for one, other in combinations(compared, 2) if targets[one] != targets[other]]
    found = np.array(pairs, dtype=np.int64).reshape(-1, 2)
    return found[:, 0], found[:, 1]


def _compared_target(example: Example) -> object:
    if isinstance(example.target, str):
        return " ".join(example.target.split())
    # White space before a span moves it without changing what it covers.
    return tuple((span.label, example.text[span.start : span.end]) for span in example.target)


def _conflict(first: Example, second: Example, similarity: float) -> Conflict:
    return Conflict(
        first=first.place,
        second=second.place,
        first_target=_shown_target(first),
        second_target=_shown_target(second),
        text=" ".join(first.text.split())[:_TEXT_SHOWN],
        similarity=similarity,
    )


def _shown_target(example: Example) -> str:
    if isinstance(example.target, str):
        return " ".join(example.target.split())[:_TEXT_SHOWN]
    covered = [f"{span.label}: {example.text[span.start : span.end]}" for span in example.target]
    return "; ".join(covered)[:_TEXT_SHOWN] or "no span"
