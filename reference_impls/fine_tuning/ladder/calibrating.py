"""What the validation says of a classifier's probabilities: its temperature, and from when on it had better abstain."""

import numpy as np

from ...evaluation.abstaining import choose_threshold
from ...evaluation.calibration import at_temperature, fit_temperature
from ...labelled_data.base import Probabilities
from .results import RungResult


def calibration_of(result: RungResult, probabilities: Probabilities, wanted_accuracy: float) -> dict[str, object]:
    """What a model folder says about its probabilities, as JSON values.

    Both come from examples that the models were not trained on. A model that is trained anew on all of them afterwards
    has seen more, and is taken to be as honest.

    Args:
        result: Of a classification.
        probabilities: Of its outcomes, float32 [outcomes, labels].
        wanted_accuracy: Of the answers that are given; 0 answers everything.

    Returns:
        `temperature`; `calibrated_on`, the number of examples; `wanted_accuracy`; and `threshold`, as
        `evaluation.abstaining.Threshold` has it, or None where nothing was wanted or no threshold keeps the promise.
    """
    place_of = {label: place for place, label in enumerate(result.labels)}
    true = np.array([place_of.get(str(outcome.expected), -1) for outcome in result.outcomes], dtype=np.int64)
    rows = np.arange(len(true))
    # A model of a fold that never met the label of an example gave it exactly 0, which says nothing of the others.
    known = (true >= 0) & (probabilities[rows, np.maximum(true, 0)] > 0)
    temperature = fit_temperature(probabilities[known], true[known]) if known.any() else 1.0
    confidence = at_temperature(probabilities, temperature).max(axis=1)
    right = np.array([bool(outcome.right) for outcome in result.outcomes])
    threshold = choose_threshold(confidence, right, wanted_accuracy) if wanted_accuracy else None
    return {
        "temperature": temperature,
        "calibrated_on": int(known.sum()),
        "wanted_accuracy": wanted_accuracy,
        "threshold": None if threshold is None else threshold.model_dump(mode="json"),
    }
