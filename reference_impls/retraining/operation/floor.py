"""A model that has learnt nothing: the commonest class, or the median."""

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from ...history.base import History, Task
from ...predictors.base import Floats, Predictions

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]  # pandas has no types


@dataclass(frozen=True)
class Floor:
    """Predicts the same for every row; see `predictors.base.Predictor`.

    Attributes:
        task: What is predicted.
        classes: Of the rows that it was made of, commonest first.
        shares: Of the classes, or the median of a regression alone.
    """

    task: Task
    classes: tuple[str, ...]
    shares: tuple[float, ...]
    kind: str = "floor"
    columns: tuple[str, ...] = ()

    @classmethod
    def of(cls, history: History) -> "Floor":
        """The floor of labelled rows."""
        if history.task == "regression":
            return cls("regression", (), (float(np.median(history.target)),))
        counts = Counter(history.target.tolist())
        order = sorted(counts, key=lambda name: (-counts[name], name))
        return cls("classification", tuple(order), tuple(counts[name] / counts.total() for name in order))

    def predict(self, features: "pd.DataFrame") -> Predictions:
        """The commonest class, or the median, for each row."""
        if self.task == "regression":
            return np.full(len(features), self.shares[0])
        return np.full(len(features), self.classes[0], dtype=object)

    def probabilities(self, features: "pd.DataFrame") -> Floats | None:
        """The shares of the classes, for each row; None for a regression."""
        if self.task == "regression":
            return None
        return np.tile(np.array(self.shares), (len(features), 1))
