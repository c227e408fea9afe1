"""What cheap models make of the same test rows: a gain over them has to be shown."""

import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from ...labelled_data.base import Example, Model, Task
from ...labelled_data.rungs import Run
from ...project_base.errors import UserError
from ...project_base.progress import Progress, silent
from ..ladder.judging import judge
from ..ladder.models import Ways
from ..ladder.results import Metric, Outcome
from ..ladder.scoring import difference, score
from .model_evaluation import Floor

NOTHING_LEARNT = {"majority", "untuned"}
"""Floors that every model has to beat."""
_CHEAP = ("majority", "word_counts")


@dataclass(frozen=True)
class Trained:
    """What a version was trained on.

    Attributes:
        train: Its training data, together with the validation data where it was trained anew on all.
        validation: What stopped its training; empty where it was trained anew on all.
    """

    train: Sequence[Example]
    validation: Sequence[Example]


def floors(
    task: Task,
    metric: Metric,
    rung: str,
    trained: Trained,
    test: Sequence[Example],
    outcomes: Sequence[Outcome],
    ways: Ways,
    *,
    seed: int,
    progress: Progress = silent,
    note: Callable[[str], object] = lambda _: None,
) -> tuple[Floor, ...]:
    """Trains the cheap models on what the version was trained on, and compares row by row.

    Args:
        task: Classification or extraction.
        metric: To compare by.
        rung: Of the version; it and dearer ones are no floors of it.
        trained: What the version was trained on.
        test: The test rows.
        outcomes: Of the version, in the same order.
        ways: The ways to train.
        seed: As for the version.
        progress: Opens bars.
        note: Hears why a floor is missing.
    """
    found = []
    for name in _CHEAP:
        if name == rung:
            break
        try:
            with tempfile.TemporaryDirectory(prefix="floor-") as folder:
                run = Run(Path(folder), seed, progress=progress)
                model = ways.fit(name)(trained.train, trained.validation, run).model
        except UserError as error:
            note(f"the floor {name} is missing: {error.message}")
            continue
        found.append(beside(task, metric, name, model, test, outcomes, progress))
    return tuple(found)


def beside(
    task: Task,
    metric: Metric,
    name: str,
    model: Model,
    test: Sequence[Example],
    outcomes: Sequence[Outcome],
    progress: Progress = silent,
) -> Floor:
    """The version minus one cheap model, on the same rows."""
    other = judge(task, model, test, advance=progress(f"judging {name}", len(test))).outcomes
    value, interval = score(metric, other)
    return Floor(rung=name, score=value, interval=interval, difference=difference(metric, outcomes, other))
