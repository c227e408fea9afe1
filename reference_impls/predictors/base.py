"""The contract of every predictor, and what the choice of a kind says."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from ..history.base import Task

if TYPE_CHECKING:
    import pandas as pd  # type: ignore[import-untyped]  # pandas has no types

KindOfModel = Literal["linear", "incremental", "forest", "boosting"]
Metric = Literal["accuracy", "macro_f1", "log_loss", "mae"]

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Predictions = NDArray[Any]
"""object (str) of a classification, float64 of a regression; [n]."""

Tell = Callable[[str], object]


def quiet(_: str) -> None:
    """Hears what is told, and keeps it to itself."""


class Predictor(Protocol):
    """A trained model of a table.

    A predictor never changes: updating and recalibrating give another one. It can be sent to another process.
    """

    @property
    def task(self) -> Task:
        """What it predicts."""
        ...

    @property
    def kind(self) -> str:
        """The kind of the model, a key of `kinds.KINDS`."""
        ...

    @property
    def classes(self) -> tuple[str, ...]:
        """The classes that it knows, in the order of the columns of `probabilities`; empty for a regression."""
        ...

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it needs; others are not looked at."""
        ...

    def predict(self, features: "pd.DataFrame") -> Predictions:
        """The predictions, [n]: object (str) of a classification, float64 of a regression.

        Args:
            features: As `history.base.History` has them. Missing values, new categories and new words are allowed.

        Raises:
            UserError: A column is missing or renamed, or holds another kind of value than in training.
        """
        ...

    def probabilities(self, features: "pd.DataFrame") -> Floats | None:
        """float64 [n, classes], rows that sum to 1; None for a regression."""
        ...


class KindScore(BaseModel):
    """How a kind of model did on later rows than it was trained on.

    Attributes:
        kind: The kind.
        score: Mean over the blocks, higher is better (an error is negative).
        by_block: The score of each block, oldest first.
        standard_error: Of the mean difference to the best kind, from the blocks of rows; 0 for the best.
        seconds: Of processor time for one training, mean over the blocks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: KindOfModel
    score: float
    by_block: tuple[float, ...]
    standard_error: float
    seconds: float


class Chosen(BaseModel):
    """The kind of model that predicts later rows best.

    Attributes:
        kind: The chosen kind.
        metric: What the scores are of.
        scores: Of every kind that was tried, best first.
        why: One sentence.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: KindOfModel
    metric: Metric
    scores: tuple[KindScore, ...]
    why: str
