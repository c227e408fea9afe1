"""Does the tasks of a replay; the same in this process and in others."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ..drift.compare import compare
from ..drift.settings import Settings as DriftSettings
from ..history.base import History
from ..predictors.base import Predictor
from ..predictors.fitting import fit, update
from ..predictors.recalibrating import recalibrate
from ..predictors.settings import Settings as PredictorSettings
from .asking import unsure_of
from .tasks import Chain, Fit, Look, Positions, Result, Task
from .timeline import Timeline

Floats = NDArray[np.float64]


def losses(target: NDArray[Any], predictions: NDArray[Any], classification: bool) -> Floats:
    """What each row costs, [n]: 1 for a wrong class and 0 for a right one, or the absolute error.

    Args:
        target: Codes of labels or numbers, as `Bench.encoded` gives them.
        predictions: Likewise.
        classification: Whether they are codes.
    """
    if classification:
        return np.asarray(target != predictions, dtype=np.float64)
    return np.abs(np.asarray(target - predictions, dtype=np.float64))


@dataclass(frozen=True, eq=False)
class Bench:
    """What every task works on.

    Attributes:
        timeline: The history and its windows.
        predictors: Settings of the models.
        drift: Settings of the looks for drift.
        seed: Of the models.
    """

    timeline: Timeline
    predictors: PredictorSettings
    drift: DriftSettings
    seed: int

    @property
    def history(self) -> History:
        """All rows."""
        return self.timeline.history

    @cached_property
    def labels(self) -> tuple[str, ...]:
        """The labels of a classification, sorted; a code is a place among them. Empty for a regression."""
        if self.history.task == "regression":
            return ()
        return tuple(sorted({label for label in self.history.target.tolist() if label is not None}))

    @cached_property
    def _codes(self) -> dict[str, int]:
        return {label: code for code, label in enumerate(self.labels)}

    def encoded(self, values: NDArray[Any]) -> NDArray[Any]:
        """Labels as codes, int64, -1 for none; numbers as they are."""
        if self.history.task == "regression":
            return np.asarray(values, dtype=np.float64)
        return np.array([self._codes.get(value, -1) for value in values.tolist()], dtype=np.int64)

    def decoded(self, values: NDArray[Any]) -> NDArray[Any]:
        """Codes as labels, object; numbers as they are."""
        if self.history.task == "regression":
            return values
        decoded: NDArray[Any] = np.array(self.labels, dtype=object)[values]
        return decoded

    def do(self, task: Task) -> Result:
        """Does one task.

        Raises:
            UserError: The rows or the settings do not allow it.
        """
        if isinstance(task, Fit):
            return self._fit(task)
        if isinstance(task, Chain):
            return self._chain(task)
        if isinstance(task, Look):
            return self._look(task)
        raise TypeError(f"no such task: {task!r}")

    def _fit(self, task: Fit) -> Result:
        begun = time.process_time()
        model = self._trained(task.positions, task.kind, task.weights)
        trained = time.process_time()
        rows = range(task.first_row, len(self.history))
        result: dict[str, NDArray[Any]] = {"predictions": self._predicted(model, rows)}
        predicted = time.process_time()
        if task.unsure:
            result["unsure"] = self._unsure(model, rows)
        result["seconds"] = np.array([trained - begun, (predicted - trained) / max(1, len(rows))])
        return result

    def _chain(self, task: Chain) -> Result:
        parts, seconds = [], []
        model: Predictor | None = None
        make: Callable[[Predictor, Positions], Predictor] = {
            "incremental": lambda former, rows: update(former, self.history.take(rows), self.predictors),
            "warm_start": lambda former, rows: self._trained(rows, task.kind, start=former),
            "recalibration": lambda former, rows: recalibrate(former, self.history.take(rows)),
        }[task.mode]
        first: Predictor | None = None
        for step, window in zip(task.steps, task.windows, strict=True):
            begun = time.process_time()
            if model is None or first is None:
                model = first = self._trained(step, task.kind)
            elif len(step):
                # A recalibrated model is always the first one with another last step.
                model = make(first if task.mode == "recalibration" else model, step)
            parts.append(self._predicted(model, window))
            seconds.append(time.process_time() - begun)
        return {"predictions": np.concatenate(parts), "seconds": np.array(seconds)}

    def _look(self, task: Look) -> Result:
        begun = time.process_time()
        now = task.moment if task.with_labels else -np.inf
        parts = [self.history.between(rows.start, rows.stop) for rows in (task.reference, task.current)]
        given = (None, None) if task.predictions is None else tuple(map(self.decoded, task.predictions))
        found = compare(
            parts[0],
            parts[1],
            self.drift,
            reference_predictions=given[0],
            current_predictions=given[1],
            comparisons=task.looks,
            now=now,
        )
        return {
            "alarm": np.array([int(found.verdict == "drift")]),
            "seconds": np.array([time.process_time() - begun]),
        }

    def _trained(
        self, positions: Positions, kind: str, weights: Floats | None = None, start: Predictor | None = None
    ) -> Predictor:
        rows = self.history.take(positions)
        return fit(rows, self.predictors, weights=weights, start=start, kind=kind, seed=self.seed, threads=1)

    def _predicted(self, model: Predictor, rows: range) -> NDArray[Any]:
        return self.encoded(model.predict(self.history.between(rows.start, rows.stop).features))

    def _unsure(self, model: Predictor, rows: range) -> Floats:
        """See `unsure_of`; 0 for a regression, which cannot say."""
        found = model.probabilities(self.history.between(rows.start, rows.stop).features)
        return np.zeros(len(rows)) if found is None else unsure_of(found)
