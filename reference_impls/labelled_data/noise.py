"""Labels that are likely wrong: a model of the other rows is as sure of another label as it mostly is of its own."""

from collections.abc import Sequence

import numpy as np
from pydantic import BaseModel, ConfigDict

from .base import Example
from .cross_fit import CrossFit
from .simple_model import Floats, Integers

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
    """Rows that a model of words suspects; see `suspects_of`.

    Args:
        examples: All of them.
        fit: Some of them, cross-fitted.
    """
    fitted = [examples[place] for place in fit.positions.tolist()]
    return suspects_of(fitted, fit.labelling.names, fit.labelling.numbers, fit.probabilities)


def suspects_of(
    examples: Sequence[Example], names: Sequence[str], numbers: Integers, probabilities: Floats
) -> list[Suspect]:
    """Rows whose label is likely wrong, the likeliest first.

    A row is suspect where the probability of another label is at least the average that the rows of that label get for
    their own (Northcutt, Jiang, Chuang 2021, Confident learning: estimating uncertainty in dataset labels); of several
    such labels the likeliest counts. A model is often wrong itself, so the rows are to be looked at, not to be dropped.

    Args:
        examples: The rows.
        names: The labels.
        numbers: int64 [rows]; the label of each row.
        probabilities: float32 [rows, labels], each of a model that was not trained on the row.
    """
    own = probabilities[np.arange(len(numbers)), numbers]
    rows = np.bincount(numbers, minlength=len(names))
    usual = np.bincount(numbers, weights=own, minlength=len(names)) / np.maximum(rows, 1)
    confident = np.where(probabilities >= usual, probabilities, -1.0)
    likely = confident.argmax(axis=1)
    # Where the model is weak, its usual confidence is low, and another label must be likelier than all else together.
    sure = confident.max(axis=1) >= _LIKELY
    suspect = np.flatnonzero(sure & (likely != numbers) & (probabilities.argmax(axis=1) == likely))
    margin = probabilities[suspect, likely[suspect]] - own[suspect]
    return [
        Suspect(
            place=examples[row].place,
            text=" ".join(examples[row].text.split())[:_TEXT_SHOWN],
            given=names[numbers[row]],
            likely=names[likely[row]],
            given_probability=float(probabilities[row, numbers[row]]),
            likely_probability=float(probabilities[row, likely[row]]),
        )
        for row in suspect[np.argsort(-margin, kind="stable")].tolist()
    ]
