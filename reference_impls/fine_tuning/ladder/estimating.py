"""How long a rung will take, from training it on a few examples."""

import shutil
import time
from collections import Counter
from collections.abc import Sequence

from ...labelled_data.base import Example, Task
from ...labelled_data.rungs import Run
from .rungs import Rung
from .trying import Climb

_TRIED = {"classification": 64, "extraction": 64, "generation": 8}
_PASSES = 3.0
"""The first steps are slower than all others, and a single pass has few."""


def estimated_seconds(climb: Climb, rung: Rung) -> float:
    """Seconds that a rung takes at most, judging left out: all passes of the settings, over all parts.

    A few examples are trained on for three passes. What loading takes then is counted once for each part.

    Args:
        climb: Data, settings and the ways to train.
        rung: One that is trained in passes.

    Raises:
        UserError: As the training itself.
    """
    settings = climb.settings
    tried = tried_examples(climb.data.parts[0].train, settings.fine_tuning.task)
    folder = climb.folder(rung) / "estimate"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    started = time.perf_counter()
    try:
        # Nobody needs to hear of this training what the real one will say again.
        fitted = climb.ways.fit(rung.name)(tried, (), Run(folder, settings.labelled_data.seed, _PASSES))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    whole = time.perf_counter() - started
    speed = fitted.measured.get("examples_per_second", 0.0)
    once = len(tried) / speed if speed else whole / _PASSES
    seen = sum(len(part.train) for part in climb.data.parts) * settings.training.epochs
    return max(0.0, whole - once * _PASSES) * len(climb.data.parts) + once / len(tried) * seen


def tried_examples(examples: Sequence[Example], task: Task) -> list[Example]:
    """A few examples of all lengths, from which there is something to learn, as from all of them.

    Where one label is rare the few could hold the other alone: one of each of the two commonest labels is among them,
    and of an extraction one that has a span.

    Args:
        examples: What the rung is trained on.
        task: Of the project.
    """
    tried = spread(examples, _TRIED[task])
    if task == "generation":
        return tried
    needed: list[str | bool] = [True]
    if task == "classification":
        needed = [kind for kind, _ in Counter(map(_kind, examples)).most_common(2)]
    for kind in needed:
        alike = [example for example in examples if _kind(example) == kind]
        if alike and kind not in map(_kind, tried):
            middle = spread(alike, 1)[0]
            # It takes the place of one of like length, so that the lengths stay as they are.
            tried[min(range(len(tried)), key=lambda place: abs(len(tried[place].text) - len(middle.text)))] = middle
    return tried


def _kind(example: Example) -> str | bool:
    """The label, or whether there is a span."""
    return example.target if isinstance(example.target, str) else bool(example.target)


def spread(examples: Sequence[Example], most: int) -> list[Example]:
    """Examples of all lengths, evenly spread, at most so many."""
    order = sorted(range(len(examples)), key=lambda place: len(examples[place].text))
    count = min(most, len(order))
    return [examples[order[len(order) * (2 * number + 1) // (2 * count)]] for number in range(count)]
