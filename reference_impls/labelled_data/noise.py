"""Labels that are likely wrong: a model of the other rows is as sure of another label as it mostly is of its own."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from .base import Example
from .cross_fit import CrossFit

_TEXT_SHOWN = 100
_LIKELY = 0.5


class Suspect(BaseModel):
    """A row whose label is likely wrong.

    Attributes:
        place: Where it stands.
        text: Its beginning.
        given: Its label.
        likely: What a model of the other rows would say.
        given_probability: The probability that this model gives the label, in [0, 1].
        likely_probability: That of the likely one.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    place: str
    text: str
    given: str
    likely: str
    given_probability: float
    likely_probability: float


def find_suspects(examples: Sequence[Example], fit: CrossFit) -> list[Suspect]:
    """Rows whose label is likely wrong, the likeliest first.

    A row is suspect where the probability of another label is at least the average that the rows of that label get for
    their own (Northcutt, Jiang, Chuang 2021, Confident learning: estimating uncertainty in dataset labels); of several
    such labels the likeliest counts. A model of words alone is often wrong itself, so the rows are to be looked at, not
    to be dropped.

    Args:
        examples: All of them.
        fit: Some of them, cross-fitted.
    """
    numbers, found = fit.labelling.numbers, fit.probabilities
    own = found[np.arange(len(numbers)), numbers]
    rows = np.bincount(numbers, minlength=found.shape[1])
    usual = np.bincount(numbers, weights=own, minlength=found.shape[1]) / np.maximum(rows, 1)
    confident = np.where(found >= usual, found, -1.0)
    likely = confident.argmax(axis=1)
    # Where the model is weak, its usual confidence is low, and another label must be likelier than all else together.
    sure = confident.max(axis=1) >= _LIKELY
    suspect = np.flatnonzero(sure & (likely != numbers) & (found.argmax(axis=1) == likely))
    margin = found[suspect, likely[suspect]] - own[suspect]
    return [
        _suspect(examples[int(fit.positions[row])], fit, int(row), int(likely[row]))
        for row in suspect[np.argsort(-margin, kind="stable")]
    ]


def _suspect(example: Example, fit: CrossFit, row: int, likely: int) -> Suspect:
    given = int(fit.labelling.numbers[row])
    return Suspect(
        place=example.place,
        text=" ".join(example.text.split())[:_TEXT_SHOWN],
        given=fit.labelling.names[given],
        likely=fit.labelling.names[likely],
        given_probability=float(fit.probabilities[row, given]),
        likely_probability=float(fit.probabilities[row, likely]),
    )
