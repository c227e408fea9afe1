"""The simple models that judge the data before anything is tuned: linear ones on words, weighted by TF-IDF."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from ..project_base.optional import require
from ..texts.words import words_of

SKLEARN, SCIPY = "scikit-learn>=1.5", "scipy>=1.11"
_WEAKNESS = 50
_PASSES = 5
_PENALTY = 1.0

Floats = NDArray[np.float32]
Integers = NDArray[np.int64]


@dataclass(frozen=True)
class Labelling:
    """Labels as numbers.

    Attributes:
        names: The label of each number.
        numbers: int64 [rows]
    """

    names: tuple[str, ...]
    numbers: Integers

    @classmethod
    def of(cls, labels: Sequence[str]) -> Self:
        """The labels in alphabetical order."""
        names = tuple(sorted(set(labels)))
        known = {name: number for number, name in enumerate(names)}
        return cls(names, np.array([known[label] for label in labels], dtype=np.int64))


def word_features(texts: Sequence[str]) -> Any:
    """TF-IDF of words and pairs of neighbouring words, rows of length 1: sparse float32 [texts, features]."""
    return tf_idf(texts, lambda text: _words_and_pairs(words_of(text)))


def tf_idf(items: Sequence[Any], parts: Callable[[Any], list[str]]) -> Any:
    """TF-IDF of whatever `parts` finds in the items, rows of length 1: sparse float32 [items, features]."""
    text = require("sklearn.feature_extraction.text", SKLEARN)
    try:
        return text.TfidfVectorizer(analyzer=parts, sublinear_tf=True, dtype=np.float32).fit_transform(items)
    except ValueError:
        # There is not one word in any of the texts.
        return require("scipy.sparse", SCIPY).csr_matrix((len(items), 1), dtype=np.float32)


def _words_and_pairs(words: list[str]) -> list[str]:
    return words + [f"{first} {second}" for first, second in pairwise(words)]


def logistic(trained: Any, numbers: Integers, asked: Any, labels: int, seed: int) -> Floats:
    """Probabilities by a logistic regression of each label against the others: float32 [asked rows, labels].

    Trained by stochastic gradient descent in 5 passes, which on short texts is as good as an exact solution and takes a
    tenth of its time. A label without training rows gets 0.

    Args:
        trained: Sparse features of the training rows.
        numbers: int64 [training rows]
        asked: Sparse features of the rows that are asked for.
        labels: How many labels there are.
        seed: Of the order of the rows.
    """
    found = np.zeros((asked.shape[0], labels), dtype=np.float32)
    present = np.unique(numbers)
    if len(present) < 2:
        found[:, present] = 1.0
        return found
    linear = require("sklearn.linear_model", SKLEARN)
    model = linear.SGDClassifier(
        loss="log_loss", alpha=1 / (_WEAKNESS * len(numbers)), max_iter=_PASSES, tol=None, random_state=seed
    )
    found[:, present] = model.fit(trained, numbers).predict_proba(asked)
    return found


def cross_fitted(features: Any, labelling: Labelling, folds: Integers, seed: int) -> Floats:
    """The probabilities of each row by a logistic regression without its fold: float32 [rows, labels].

    Args:
        features: Sparse, one row each.
        labelling: The labels of the rows.
        folds: int64 [rows]; the fold of each row, from 0.
        seed: Of the regressions.
    """
    found = np.zeros((len(folds), len(labelling.names)), dtype=np.float32)
    for fold in range(int(folds.max()) + 1):
        inside = folds == fold
        if inside.any():
            found[inside] = logistic(
                features[~inside], labelling.numbers[~inside], features[inside], len(labelling.names), seed
            )
    return found


@dataclass(frozen=True)
class LinearWeights:
    """A ridge regression from words to labels, cross-fitted, as a matrix: another labelling costs no new training.

    Formula: kernel ridge regression (Hastie, Tibshirani, Friedman 2009, The elements of statistical learning, 12.3.7)
    of 1 where a row has the label and 0 else, around their mean. With M = (K + penalty)^-1 of all rows, the rows of a
    fold are predicted by the others with the weights -M[fold, fold]^-1 M[fold, others], as in leaving out one row.

    Attributes:
        folds: For each fold its rows, the other rows, and float32 [other rows, rows of the fold], what each of the
            others counts for each of it.
    """

    folds: tuple[tuple[Integers, Integers, Floats], ...]

    @classmethod
    def of(cls, features: Any, folds: Integers) -> Self:
        """The weights; the time grows with the cube of the rows.

        Args:
            features: Sparse, rows of length 1.
            folds: int64 [rows]; the fold of each row, from 0.
        """
        linalg = require("scipy.linalg", SCIPY)
        products = (features @ features.T).toarray()
        products[np.diag_indices_from(products)] += _PENALTY
        inverse = linalg.cho_solve(linalg.cho_factor(products, lower=True), np.eye(len(folds), dtype=np.float32))
        made = []
        for fold in range(int(folds.max()) + 1):
            inside, outside = np.flatnonzero(folds == fold), np.flatnonzero(folds != fold)
            own, others = inverse[np.ix_(inside, inside)], inverse[np.ix_(inside, outside)]
            weights = -linalg.solve(own, others, assume_a="pos").T
            made.append((inside, outside, np.ascontiguousarray(weights, dtype=np.float32)))
        return cls(tuple(made))

    def predicted(self, numbers: Integers, labels: int) -> Integers:
        """The label of each row by the others, rare labels as likely as common ones: int64 [rows].

        Args:
            numbers: int64 [rows]; the labelling.
            labels: How many labels there are.
        """
        share = np.bincount(numbers, minlength=labels) / len(numbers)
        spread = np.sqrt(share * (1 - share))
        found = np.empty(len(numbers), dtype=np.int64)
        for inside, outside, weights in self.folds:
            order = np.argsort(numbers[outside], kind="stable")
            sums = weights[order]
            starts = np.flatnonzero(np.diff(numbers[outside][order], prepend=-1))
            known = numbers[outside][order[starts]]
            # The sum over the rows of each label, less the mean, on the scale of labels that are equally common.
            scores = np.add.reduceat(sums, starts, axis=0) - np.outer(share[known], sums.sum(axis=0))
            found[inside] = known[(scores / spread[known, None]).argmax(axis=0)]
        return found
