"""Chooses how far a head trusts its data: which examples judge, and by what score."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ..labelled_data.base import Advance
from .base import Labelled
from .coordinates import Linear, prepared
from .logs import log_softmax
from .softmax_regression import apply, balancing_weights, fit_softmax
from .sparse_rows import Floats, Integers, SparseRows
from .temperature import best_temperature

SMALL = 3000
"""Up to as many training examples cross-validation takes seconds, and judges by more examples than validation has."""

_FOLDS = 5


@dataclass(frozen=True)
class Part:
    """What to fit on and what to judge by, as places in the training data and then the validation data.

    Attributes:
        fitted: Places of the examples to fit on.
        judging: Places of the examples to judge by.
    """

    fitted: Integers
    judging: Integers


def parts_of(data: Labelled, seed: int) -> list[Part]:
    """How hyper-parameters are judged: by cross-validation for few data, by validation or a held-out fifth for many.

    What hangs together is never fitted on and judged by at once. Few data are folded at random also where they stand in
    the order of time, since the last of them alone are few to choose by.

    Args:
        data: With or without validation.
        seed: Shuffles what is held out.
    """
    count = len(data.numbers)
    if count <= SMALL:
        return folds_of(data.numbers, _FOLDS, seed, data.units)
    if data.validation_texts:
        return [Part(np.arange(count), np.arange(count, count + len(data.validation_numbers)))]
    return folds_of(data.numbers, _FOLDS, seed, data.units)[:1]


def parts_of_texts(data: Labelled, sizes: Sequence[int], seed: int, units: Sequence[str] = ()) -> list[Part]:
    """The same for the words of texts: validation judges, or a fifth of the texts that is held out.

    Args:
        data: The tags of all words.
        sizes: How many words each training text has.
        seed: Shuffles what is held out.
        units: What each training text hangs together with.
    """
    count = len(data.numbers)
    if len(data.validation_numbers):
        return [Part(np.arange(count), np.arange(count, count + len(data.validation_numbers)))]
    part = folds_of(np.zeros(len(sizes), dtype=np.int64), _FOLDS, seed, units)[0]
    side = np.full(len(sizes), -1)
    side[part.fitted], side[part.judging] = 0, 1
    of_word = np.repeat(side, sizes)
    if not (of_word == 0).any() or not (of_word == 1).any():
        return [Part(np.arange(count), np.arange(count))]
    return [Part(np.flatnonzero(of_word == 0), np.flatnonzero(of_word == 1))]


def folds_of(numbers: Integers, folds: int, seed: int, units: Sequence[str] = ()) -> list[Part]:
    """Parts for a cross-validation in which each label is spread over all folds as evenly as it can be.

    Args:
        numbers: Label of each example, int64 [n].
        folds: How many parts, at least 2.
        seed: Shuffles the examples of each label.
        units: What hangs together stays in one fold, the largest units first, each where its labels are fewest.
    """
    order = np.random.default_rng(seed).permutation(len(numbers))
    fold_of: NDArray[np.int64] = np.full(len(numbers), -1, dtype=np.int64)
    members: dict[str, list[int]] = {}
    for place in order.tolist() if units else ():
        if units[place]:
            members.setdefault(units[place], []).append(place)
    held = np.zeros((folds, int(numbers.max(initial=0)) + 1))
    for places in sorted(members.values(), key=len, reverse=True):
        labels = numbers[places]
        # The size of a fold decides between those that hold as many of these labels.
        fold = int((held[:, labels].sum(axis=1) * len(numbers) + held.sum(axis=1)).argmin())
        fold_of[places] = fold
        np.add.at(held[fold], labels, 1)
    order = order[fold_of[order] < 0]
    # Sorted by label, every k-th example falls into the same fold, also across the borders of labels.
    order = order[np.argsort(numbers[order], kind="stable")]
    fold_of[order] = np.arange(len(order)) % folds if not members else _filled(held, numbers[order])
    parts = [Part(np.flatnonzero(fold_of != fold), np.flatnonzero(fold_of == fold)) for fold in range(folds)]
    return [part for part in parts if len(part.fitted) and len(part.judging)] or [_all(len(numbers))]


def _filled(held: NDArray[np.float64], numbers: Integers) -> Integers:
    """The fold of each single example, where the fewest of its label are: int64 [n]; `held` is filled up."""
    found = np.empty(len(numbers), dtype=np.int64)
    sizes = held.sum(axis=1)
    for place, number in enumerate(numbers.tolist()):
        fold = int((held[:, number] * (len(numbers) + 1) + sizes / (sizes.sum() + 1)).argmin())
        found[place] = fold
        held[fold, number] += 1
        sizes[fold] += 1
    return found


def _all(count: int) -> Part:
    """Everything, where all examples hang together: nothing judges as well as it may."""
    return Part(np.arange(count), np.arange(count))


@dataclass(frozen=True)
class Path:
    """Logistic regressions with each C.

    Attributes:
        judged: For each C the logits of the judging examples, part by part: float32 [judging, labels].
        layers: For each C the layer that was fitted on all training examples; empty where none was.
    """

    judged: dict[float, Floats]
    layers: dict[float, Linear]


def penalty_path(
    features: Floats | SparseRows,
    data: Labelled,
    parts: Sequence[Part],
    penalties: Sequence[float],
    balance: float,
    advance: Advance = lambda _: None,
) -> Path:
    """Fits each C on each part, from the strictest on, each from where the one before ended.

    Args:
        features: Rows of the training and then of the validation examples.
        data: Their labels.
        parts: What to fit on and what to judge by.
        penalties: Values of C, ascending.
        balance: As `balancing_weights`.
        advance: Hears of each fit.
    """
    labels, numbers = len(data.labels), data.all_numbers
    found: dict[float, list[Floats]] = {penalty: [] for penalty in penalties}
    layers: dict[float, Linear] = {}
    for part in parts:
        rows, judged = prepared(rows_at(features, part.fitted)), rows_at(features, part.judging)
        targets = numbers[part.fitted]
        weights = balancing_weights(targets, labels, balance)
        layer: Linear | None = None
        for penalty in penalties:
            layer = fit_softmax(rows, targets, labels, penalty, start=layer, label_weights=weights)
            found[penalty].append(apply(layer, judged))
            if len(targets) == len(data.numbers):
                layers[penalty] = layer
            advance(1)
    return Path({penalty: np.concatenate(logits) for penalty, logits in found.items()}, layers)


def judged_numbers(data: Labelled, parts: Sequence[Part]) -> Integers:
    """The labels of the judging examples, part by part: int64 [judging]."""
    return np.concatenate([data.all_numbers[part.judging] for part in parts])


def choose_penalty(path: Path, data: Labelled, parts: Sequence[Part]) -> tuple[float, float]:
    """The C that tells the judging examples apart best, and its temperature; among equals the strictest."""
    numbers = judged_numbers(data, parts)
    found = {penalty: best_temperature(logits, numbers) for penalty, logits in path.judged.items()}
    penalty = max(found, key=lambda each: (found[each][0], -each))
    return penalty, found[penalty][1]


def layer_of(features: Floats | SparseRows, data: Labelled, penalty: float, balance: float) -> Linear:
    """A logistic regression on all training examples.

    Args:
        features: Rows of the training examples, or of the training and then of the validation examples.
        data: Their labels.
        penalty: The C.
        balance: As `balancing_weights`.
    """
    count, labels = len(data.numbers), len(data.labels)
    weights = balancing_weights(data.numbers, labels, balance)
    return fit_softmax(rows_at(features, np.arange(count)), data.numbers, labels, penalty, label_weights=weights)


def rows_at(features: Floats | SparseRows, places: Integers) -> Floats | SparseRows:
    """Some rows of either kind of features."""
    return features.rows(places) if isinstance(features, SparseRows) else features[places]


def log_likelihood(logits: Floats, numbers: Integers) -> float:
    """Mean log-probability of the true labels; higher is better, 0 is certainty.

    Args:
        logits: float32 [n, labels].
        numbers: True labels, int64 [n].
    """
    return float(log_softmax(logits)[np.arange(len(numbers)), numbers].mean())


def accuracy(logits: Floats, numbers: Integers) -> float:
    """Share of examples whose largest logit is that of the true label."""
    return float((logits.argmax(axis=1) == numbers).mean())


def macro_f1(logits: Floats, numbers: Integers) -> float:
    """Mean over the labels, among truths and guesses, of the harmonic mean of precision and recall."""
    guesses = logits.argmax(axis=1)
    size = logits.shape[1]
    right = np.bincount(numbers[guesses == numbers], minlength=size)
    both = np.bincount(numbers, minlength=size) + np.bincount(guesses, minlength=size)
    return float((2 * right[both > 0] / both[both > 0]).mean())


SCORES: dict[str, Callable[[Floats, Integers], float]] = {
    "accuracy": accuracy,
    "macro_f1": macro_f1,
    "log_likelihood": log_likelihood,
}
"""What the tuned rungs may be validated by."""
