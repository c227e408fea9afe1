"""A trained model of a table: prepared columns, the model, and what recalibration has added behind it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd  # type: ignore[import-untyped]  # pandas has no types

from ..history.base import Kind, Task
from .base import Floats, KindOfModel, Predictions
from .columns import table_of

_LEAST = 1e-12


@dataclass(frozen=True, eq=False)
class TablePredictor:
    """A `base.Predictor`.

    Attributes:
        task: What it predicts.
        kind: The kind of model.
        classes: In the order of the model's numbers; empty for a regression.
        kinds: The columns that it needs, and the kind of each.
        preparing: A fitted ColumnTransformer.
        model: A fitted model of scikit-learn.
        centre: What the model calls 0, in the units of the target (regression).
        scale: What the model calls 1, in the units of the target.
        slope: Logarithms of probabilities, or the forecast, are multiplied by it: 1 unless recalibrated.
        shift: Then added, for each class, or in the units of the target; 0 unless recalibrated.
        rows: How many rows it was trained on, updates included.
    """

    task: Task
    kind: KindOfModel
    classes: tuple[str, ...]
    kinds: Mapping[str, Kind]
    preparing: Any
    model: Any
    centre: float = 0.0
    scale: float = 1.0
    slope: float = 1.0
    shift: tuple[float, ...] = ()
    rows: int = 0

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it needs."""
        return tuple(self.kinds)

    def prepared(self, features: pd.DataFrame) -> Any:
        """What the model computes with: [n, prepared columns], dense or sparse."""
        table = table_of(features, self.kinds)
        return self.preparing.transform(table) if self.kinds else np.empty((len(features), 0))

    def predict(self, features: pd.DataFrame) -> Predictions:
        """The predictions, [n]; object (str) of a classification, float64 of a regression."""
        if self.task == "regression":
            numbers: Floats = self.forecast(features) * self.slope + (self.shift[0] if self.shift else 0.0)
            return numbers
        names: Predictions = np.array(self.classes, dtype=object)
        if not len(features):
            return names[:0]
        found: Predictions = names[self._calibrated(features).argmax(axis=1)]
        return found

    def probabilities(self, features: pd.DataFrame) -> Floats | None:
        """float64 [n, classes], rows that sum to 1; None for a regression."""
        if self.task == "regression":
            return None
        logits = self._calibrated(features)
        powers = np.exp(logits - logits.max(axis=1, keepdims=True, initial=-np.inf))
        shares: Floats = powers / powers.sum(axis=1, keepdims=True)
        return shares

    def forecast(self, features: pd.DataFrame) -> Floats:
        """What the model of a regression says before recalibration: float64 [n]."""
        if not len(features):
            return np.empty(0)
        found: Floats = self.centre + self.scale * self.model.predict(self.prepared(features))
        return found

    def logits(self, features: pd.DataFrame) -> Floats:
        """Logarithms of the model's probabilities before recalibration: float64 [n, classes]."""
        if not len(features):
            return np.empty((0, len(self.classes)))
        # Of texts alone some models compute in single precision.
        shares = np.asarray(self.model.predict_proba(self.prepared(features)), dtype=np.float64)
        found: Floats = np.log(np.maximum(shares, _LEAST))
        return found

    def _calibrated(self, features: pd.DataFrame) -> Floats:
        found: Floats = self.logits(features) * self.slope + (np.array(self.shift) if self.shift else 0.0)
        return found
