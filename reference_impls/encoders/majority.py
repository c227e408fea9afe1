"""The floor of every classification: each text gets the shares of the labels, so the commonest label always wins."""

import time
from collections.abc import Sequence

import numpy as np

from ..labelled_data.base import Advance, Example
from ..labelled_data.rungs import Fit, Fitted, Run
from ..registry.model_folder import ModelFolder
from .base import About, Context, Logits, TextClassifier, labelled

KIND = "majority"


class MajorityAbout(About):
    """What is kept of it: there is nothing else."""

    labels: tuple[str, ...]
    shares: tuple[float, ...]


class _Shares:
    def __init__(self, shares: Sequence[float]) -> None:
        self._logits = np.log(np.asarray(shares, dtype=np.float32))

    def logits(self, texts: Sequence[str], advance: Advance) -> Logits:
        advance(len(texts))
        return np.tile(self._logits, (len(texts), 1))


def majority(context: Context) -> Fit:
    """The rung that looks at no text."""
    del context

    def fit(train: Sequence[Example], validation: Sequence[Example], run: Run) -> Fitted:
        del run
        started = time.perf_counter()
        data = labelled(train, validation, fewest_labels=1)
        about = MajorityAbout(labels=data.labels, shares=data.told_shares)
        return Fitted(
            model=_classifier(about),
            kind=KIND,
            about=about.model_dump(mode="json"),
            write=lambda folder: None,
            measured={"seconds": time.perf_counter() - started, "parameters": float(len(data.labels))},
        )

    return fit


def load_majority(model: ModelFolder, context: Context) -> TextClassifier:
    """Opens what `majority` wrote."""
    del context
    return _classifier(MajorityAbout.read(model.about, model.path))


def _classifier(about: MajorityAbout) -> TextClassifier:
    return TextClassifier(about.labels, about.shares, _Shares(about.shares))
