"""Which examples a rung is trained on, which stop its training, and which judge it; test data is never among them."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from ...labelled_data.base import Example, Task
from .rungs import labels_of

FEW = 1000
"""Where fewer examples are set aside, more of them judge, in turn: a difference of .02 drowns in the luck of 150."""
FOLDS = 5
BLOCKS = 4
"""In order of time the later half judges in so many blocks; the earlier half is too little to learn from with less."""

Examples = tuple[Example, ...]


@dataclass(frozen=True)
class Part:
    """One training with what judges it; no group of examples stands on two sides.

    Attributes:
        train: To learn from.
        validation: To choose hyper-parameters and to stop by.
        judged: To be judged by.
    """

    train: Examples
    validation: Examples
    judged: Examples


def in_folds(task: Task, aside: int) -> bool:
    """Whether more examples judge the rungs than those that are set aside, in turn.

    Args:
        task: Generation is judged by one part, since each training takes long.
        aside: Examples that validation holds.
    """
    return task != "generation" and aside < FEW


def folds_of(
    examples: Sequence[Example], groups: Sequence[int], stop_share: float, task: Task, seed: int
) -> list[Part]:
    """Cuts the data into five folds, each of which is judged by models that were trained on the others.

    Of what a model is trained on, a share is kept out to stop its training, so that nothing that judges it had a hand
    in it.

    Args:
        examples: Of training and validation.
        groups: Examples with one number stay together.
        stop_share: Share of the training data that stops the training.
        task: Labels of a classification are spread evenly.
        seed: Of the order.
    """
    strata = _strata(examples, task)
    parts = []
    for rest, judged in _cut(strata, np.asarray(groups), FOLDS, seed):
        train, stop = _set_aside([strata[place] for place in rest], np.asarray(groups)[rest], stop_share, seed)
        part = _learnable(task, [examples[rest[place]] for place in train], [examples[rest[place]] for place in stop])
        parts.append(Part(*part, tuple(examples[place] for place in judged)))
    return parts


def blocks_of(
    examples: Sequence[Example], moments: Sequence[str], groups: Sequence[int], stop_share: float, task: Task
) -> list[Part]:
    """Cuts the later half of the data into blocks, each of which is judged by a model trained on all that came before.

    Of what a model is trained on, the last share stops its training. This is evaluation with a rolling origin: Tashman
    (2000), Out-of-sample tests of forecasting accuracy, International Journal of Forecasting 16.

    Args:
        examples: Of training and validation, in order.
        moments: Of the same examples; those of one moment stay in one block.
        groups: Examples with one number never teach and judge in the same part.
        stop_share: Share of the training data that stops the training.
        task: Labels that training lacks do not stop a classifier, and one label alone teaches it nothing.

    Returns:
        The parts whose training examples can be learned from; none where none can.
    """
    bounds = [
        len(examples) // 2 + round(number * (len(examples) - len(examples) // 2) / BLOCKS)
        for number in range(BLOCKS + 1)
    ]
    bounds = [_next_moment(moments, bound) for bound in bounds]
    parts = []
    for start, end in pairwise(bounds):
        judged = examples[start:end]
        if not start or not judged:
            continue
        tested = set(groups[start:end])
        before = [example for example, group in zip(examples[:start], groups, strict=False) if group not in tested]
        cut = max(1, round(len(before) * (1 - stop_share)))
        if task != "classification" or len(set(labels_of(before[:cut], task))) > 1:
            parts.append(Part(*_learnable(task, before[:cut], before[cut:]), tuple(judged)))
    return parts


def _next_moment(moments: Sequence[str], place: int) -> int:
    while 0 < place < len(moments) and moments[place] == moments[place - 1]:
        place += 1
    return place


def one_part(
    train: Sequence[Example],
    validation: Sequence[Example],
    groups: Sequence[int],
    stop_share: float,
    task: Task,
    seed: int,
    in_order: bool = False,
) -> list[Part]:
    """The split as it is, where a share of the training data stops the training.

    If the validation data stopped the training, it would flatter the rungs that it stops at the best of many moments,
    and the cheap ones, which have no such moments, would lose to them by luck.

    Args:
        train: Of the split, in the order of time where `in_order`.
        validation: Of the split.
        groups: Of the training examples; those with one number stay together.
        stop_share: Share of the training data that stops the training.
        task: Labels of a classification are spread evenly.
        seed: Of the choice.
        in_order: Whether what stops the training comes last, since later examples must not teach earlier ones.
    """
    if in_order:
        cut = max(1, round(len(train) * (1 - stop_share)))
        rest, aside = train[:cut], train[cut:]
    else:
        places, stop = _set_aside(_strata(train, task), np.asarray(groups), stop_share, seed)
        rest, aside = [train[place] for place in places], [train[place] for place in stop]
    learnt, stops = _learnable(task, rest, aside)
    return [Part(learnt, stops, tuple(validation))]


def _learnable(task: Task, train: Sequence[Example], stop: Sequence[Example]) -> tuple[Examples, Examples]:
    """Examples whose label no training example has cannot stop the training, since no model knows that label."""
    if task != "classification":
        return tuple(train), tuple(stop)
    known = set(labels_of(train, task))
    return tuple(train), tuple(example for example in stop if example.target in known)


def _strata(examples: Sequence[Example], task: Task) -> list[str]:
    return labels_of(examples, task) if task == "classification" else [""] * len(examples)


def _set_aside(
    strata: Sequence[str], groups: "np.ndarray[tuple[int], np.dtype[np.int64]]", share: float, seed: int
) -> tuple[list[int], list[int]]:
    """Rest and part of the cut whose part is nearest to the share: a group that is far larger has to be learnt from."""
    cuts = _cut(strata, groups, max(2, round(1 / share)), seed)
    return min(cuts, key=lambda cut: abs(len(cut[1]) - share * len(strata)))


def _cut(
    strata: Sequence[str], groups: "np.ndarray[tuple[int], np.dtype[np.int64]]", folds: int, seed: int
) -> list[tuple[list[int], list[int]]]:
    """Rest and part of each cut: groups stay whole, and each label is spread as evenly as they let it.

    Groups are dealt out one after another, the largest first, each to the part that has the fewest of its labels, and
    among equals to the smallest part.
    """
    members: dict[int, list[int]] = {}
    order = np.random.default_rng(seed).permutation(len(strata))
    for place in order:
        members.setdefault(int(groups[place]), []).append(int(place))
    held: list[dict[str, int]] = [{} for _ in range(folds)]
    parts: list[list[int]] = [[] for _ in range(folds)]
    for group in sorted(members.values(), key=len, reverse=True):
        most = math.inf
        chosen = 0
        for fold in range(folds):
            load = sum(held[fold].get(strata[place], 0) for place in group) * len(strata) + len(parts[fold])
            if load < most:
                most, chosen = load, fold
        parts[chosen] += group
        for place in group:
            held[chosen][strata[place]] = held[chosen].get(strata[place], 0) + 1
    whole = set(range(len(strata)))
    return [(sorted(whole - set(part)), sorted(part)) for part in parts]
