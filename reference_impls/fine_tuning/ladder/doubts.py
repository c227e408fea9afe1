"""Labels that the kept rung holds for wrong, which was not trained on the rows that it judged."""

import numpy as np

from ...labelled_data.noise import Suspect, suspects_of
from .results import RungResult, read_probabilities
from .rungs import rung_of
from .trying import Climb

_NOT_LEARNT = {"majority"}


def doubts_of(climb: Climb, result: RungResult) -> tuple[Suspect, ...]:
    """The rows whose label is likely wrong, the likeliest first; none where no classifier has learnt anything.

    Args:
        climb: Its data and folders.
        result: Of the kept rung.

    Raises:
        UserError: The probabilities of the result are missing.
    """
    if result.task != "classification" or result.rung in _NOT_LEARNT:
        return ()
    rows = read_probabilities(climb.folder(rung_of(result.task, result.rung)), result)
    numbers = np.array([result.labels.index(str(outcome.expected)) for outcome in result.outcomes], dtype=np.int64)
    return tuple(suspects_of(climb.data.judged, result.labels, numbers, rows))
