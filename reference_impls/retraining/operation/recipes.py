"""How each policy makes the next model, from the labelled rows and from the model in service."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from ...history.base import History
from ...predictors.base import KindOfModel, Predictor
from ...predictors.fitting import fit, update
from ...predictors.kinds import KINDS
from ...predictors.recalibrating import recalibrate
from ...predictors.settings import Settings as PredictorSettings
from ...predictors.weights import recency_weights
from ...replay.base import Policy
from .digests import rows_digest
from .since import Length, windows_since

Positions = NDArray[np.int64]


@dataclass(frozen=True)
class Former:
    """The model in service.

    Attributes:
        version: Its id.
        predictor: What predicts.
        labels_until: Moment up to which labels were known to it.
    """

    version: str
    predictor: Predictor
    labels_until: float


@dataclass(frozen=True)
class Learnt:
    """A model, and what it learnt from.

    Attributes:
        predictor: What predicts.
        how: In a few words.
        rows: Rows of the training; for a model that went on from another, the new ones.
        learned_until: Moment of the newest row that it or the model before it learnt from.
        labels_until: Moment up to which labels were known.
        begins: The moment of the oldest row, as people are told.
        ends: The moment of the newest row.
        digest: sha256 of the rows.
        seconds: Of processor time.
    """

    predictor: Predictor
    how: str
    rows: int
    learned_until: float
    labels_until: float
    begins: str
    ends: str
    digest: str
    seconds: float


@dataclass(frozen=True)
class Recipe:
    """Makes models as a policy wants them; the same recipe makes the model that is judged and the one that serves.

    Attributes:
        policy: The policy.
        kind: Of the models.
        settings: Of features and models.
        length: Of a window.
        former: The model in service, from which some policies go on; None for the first.
        threads: Processor threads of a training.
        seed: Of the models.
    """

    policy: Policy
    kind: KindOfModel
    settings: PredictorSettings
    length: Length
    former: Former | None
    threads: int = 1
    seed: int = 0

    def learn(self, history: History, labelled: Positions) -> Learnt:
        """Makes a model.

        Args:
            history: All rows.
            labelled: Positions, ascending, of the rows whose labels may be used.

        Raises:
            UserError: None of them can be learnt from.
        """
        before = time.process_time()
        predictor, used, how = self._way()(history, labelled)
        rows = history.take(used if len(used) else labelled)
        return Learnt(
            predictor=predictor,
            how=how,
            rows=len(used),
            learned_until=float(history.time[labelled].max()),
            labels_until=float(history.known[labelled].max()),
            begins=history.name_of(float(rows.time[0])),
            ends=history.name_of(float(rows.time[-1])),
            digest=rows_digest(rows),
            seconds=time.process_time() - before,
        )

    def _way(self) -> Callable[[History, Positions], tuple[Predictor, Positions, str]]:
        former = self.former
        match self.policy.kind:
            case "sliding_window":
                return self._window
            case "recency_weighted":
                return self._weighted
            case "incremental" if former is not None and KINDS[self.kind].incremental:
                return lambda history, labelled: self._updated(history, labelled, former)
            case "warm_start" if former is not None:
                return lambda history, labelled: self._warm(history, labelled, former)
            case "recalibration" if former is not None:
                return lambda history, labelled: self._recalibrated(history, labelled, former)
        return self._from_all

    def _from_all(self, history: History, labelled: Positions) -> tuple[Predictor, Positions, str]:
        return self._fit(history, labelled), labelled, f"trained on all {len(labelled):,} labelled rows"

    def _window(self, history: History, labelled: Positions) -> tuple[Predictor, Positions, str]:
        ages = self._ages(history, labelled)
        recent = labelled[ages < self.policy.window]
        if history.task == "classification" and len(set(history.target[recent].tolist())) < 2:
            recent = labelled
        return self._fit(history, recent), recent, f"trained on the {len(recent):,} labelled rows of the sliding window"

    def _weighted(self, history: History, labelled: Positions) -> tuple[Predictor, Positions, str]:
        weights = recency_weights(self._ages(history, labelled), self.policy.half_life)
        halves = f"weights that halve in {self.policy.half_life:g} windows"
        found = self._fit(history, labelled, weights=weights)
        return found, labelled, f"trained on all {len(labelled):,} labelled rows, with {halves}"

    def _updated(self, history: History, labelled: Positions, former: Former) -> tuple[Predictor, Positions, str]:
        new = self._new(history, labelled, former)
        found = update(former.predictor, history.take(new), self.settings, threads=self.threads) if len(new) else None
        return found or former.predictor, new, f"{former.version}, updated with {len(new):,} new labelled rows"

    def _warm(self, history: History, labelled: Positions, former: Former) -> tuple[Predictor, Positions, str]:
        found = self._fit(history, labelled, start=former.predictor)
        return found, labelled, f"{former.version}, trained further on all {len(labelled):,} labelled rows"

    def _recalibrated(self, history: History, labelled: Positions, former: Former) -> tuple[Predictor, Positions, str]:
        new = self._new(history, labelled, former)
        found = recalibrate(former.predictor, history.take(new)) if len(new) else former.predictor
        return found, new, f"{former.version}, recalibrated on {len(new):,} new labelled rows"

    def _fit(
        self,
        history: History,
        positions: Positions,
        weights: NDArray[np.float64] | None = None,
        start: Predictor | None = None,
    ) -> Predictor:
        return fit(
            history.take(positions),
            self.settings,
            weights=weights,
            start=start,
            kind=self.kind,
            seed=self.seed,
            threads=self.threads,
        )

    def _ages(self, history: History, labelled: Positions) -> NDArray[np.float64]:
        """Windows between each labelled row and the newest of them."""
        seen = history.between(0, int(labelled[-1]) + 1)
        moments, inverse = np.unique(history.time[labelled], return_inverse=True)
        ages = np.array([windows_since(seen, float(moment), self.length) for moment in moments])
        return ages[inverse]

    @staticmethod
    def _new(history: History, labelled: Positions, former: Former) -> Positions:
        """Labels that came after those that the model in service was made of."""
        new: Positions = labelled[history.known[labelled] > former.labels_until]
        return new
