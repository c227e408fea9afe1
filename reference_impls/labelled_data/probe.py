"""Whether there is anything to learn, before anything is tuned: a linear model against majority and shuffled labels.

Labels without any connection to the texts are called learnable where their score is above those of all shuffles: in one
of 101 cases with 100 shuffles, and where the gain is small, as it then nearly always is, in one of 1,001.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict

from .base import Example, Task
from .cross_fit import FOLDS, CrossFit, folds_of, in_random_order
from .learning_curve import LearningCurve, measure_curve
from .settings import Settings
from .sides import Units
from .simple_model import Integers, Labelling, LinearWeights, word_features
from .token_features import Rows, token_rows

Verdict = Literal["learnable", "nothing_to_learn", "cannot_tell"]

_MORE = 10
"""So many times the shuffles where the gain is small: 1,000 make an error of one in 1,000 of it."""
_CLEAR = 0.25
_FEWEST_ROWS = 20
_MOST_LABELS = 100
_TOLD_FROM = 0.3
"""Where even a model this far from guessing to perfect would not have stood out, nobody can tell."""
_ENOUGH_EACH = 5
_FEWEST_BLOCKS = 7
"""Fewer have too few orders (720 for six) for shuffles to differ from what is."""
_HARDLY = 0.05


class Probe(BaseModel):
    """What the probe found.

    Attributes:
        verdict: Whether there is something to learn.
        why: The verdict as a sentence.
        rows: Rows of the permutation test, of which none is nearly the same as another; tokens for extraction.
        labels: Labels among them.
        score: Mean share of right answers over the labels, of a linear model that was trained on other rows.
        shuffled_mean: The same with shuffled labels, on average.
        shuffled_highest: The highest of them.
        permutations: How many there were.
        p: The chance of such a score without any connection, (1 + how many shuffles reach it) / (1 + shuffles).
        model_rows: Rows over which the next figures were cross-validated.
        accuracy: Of a TF-IDF + logistic regression; None where it was not measured.
        majority: Accuracy of always answering with the commonest label.
        curve: How its accuracy grows with the rows; None where it was not measured.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    verdict: Verdict
    why: str
    rows: int = 0
    labels: int = 0
    score: float | None = None
    shuffled_mean: float | None = None
    shuffled_highest: float | None = None
    permutations: int = 0
    p: float | None = None
    model_rows: int = 0
    accuracy: float | None = None
    majority: float | None = None
    curve: LearningCurve | None = None


def probe_examples(
    examples: Sequence[Example],
    places: Sequence[int],
    units: Units,
    near: Integers,
    task: Task,
    settings: Settings,
    fit: CrossFit | None = None,
    advance: Callable[[int], object] = lambda _: None,
) -> Probe:
    """Probes examples; those of the test must not be among them.

    Args:
        examples: All of them.
        places: Positions of those that may be looked at.
        units: What stands together in a fold, of the same examples.
        near: int64 [examples]; the near-duplicate group of each.
        task: What they are for.
        settings: Rows, permutations, target and seed.
        fit: The same rows cross-fitted, for classification.
        advance: Hears of each shuffle.
    """
    if task == "generation":
        return Probe(
            verdict="cannot_tell",
            why="whether responses can be learned shows in training alone: no simple model writes text",
        )
    order = _without_repeats(places, units, near)
    if task == "extraction":
        return _tested(token_rows([examples[place] for place in order], settings), "tokens", settings, advance)
    rows = _labelled_rows(examples, order, units, settings)
    probe = _tested(rows, "rows", settings, advance)
    if fit is None:
        return probe
    majority = np.bincount(fit.labelling.numbers).max() / len(fit.folds)
    return probe.model_copy(
        update={
            "model_rows": len(fit.folds),
            "accuracy": float(fit.right.mean()),
            "majority": float(majority),
            "curve": measure_curve(fit, settings.target) if probe.verdict == "learnable" else None,
        }
    )


def _without_repeats(places: Sequence[int], units: Units, near: Integers) -> list[int]:
    """One example of each near-duplicate group, in random order: repeats are no evidence of their own."""
    first: dict[int, int] = {}
    for place in in_random_order(places, units):
        first.setdefault(int(near[place]), place)
    return list(first.values())


def _labelled_rows(examples: Sequence[Example], order: Sequence[int], units: Units, settings: Settings) -> Rows:
    counts = Counter(str(examples[place].target) for place in order)
    # Of a label with a single row nothing can be learned from the others.
    kept = {label for label, count in counts.most_common(_MOST_LABELS) if count > 1}
    # A unit stands in one fold; one that is as large as the probe would leave nothing to learn from.
    most = max(1, settings.probe_rows // FOLDS)
    taken: Counter[int] = Counter()
    chosen: list[int] = []
    for place in order:
        unit = int(units.unit[place])
        if str(examples[place].target) in kept and taken[unit] < most and len(chosen) < settings.probe_rows:
            taken[unit] += 1
            chosen.append(place)
    blocks = np.array([units.unit[place] for place in chosen], dtype=np.int64)
    return Rows(
        features=word_features([examples[place].text for place in chosen]) if chosen else None,
        labels=tuple(str(examples[place].target) for place in chosen),
        folds=folds_of(chosen, units),
        blocks=blocks,
        turned=False,
    )


def _tested(rows: Rows, what: str, settings: Settings, advance: Callable[[int], object]) -> Probe:
    """The permutation test (Ojala, Garriga 2010, Permutation tests for studying classifier performance, test 1)."""
    count, labelling = len(rows.labels), Labelling.of(rows.labels)
    labels = len(labelling.names)
    found = Probe(verdict="cannot_tell", why="", rows=count, labels=labels)
    if labels < 2 or count < _FEWEST_ROWS:
        why = f"too few to tell if there is something to learn: {count} different {what} of labels with two or more"
        return found.model_copy(update={"why": why})
    blocks = len(np.unique(rows.blocks))
    if int(rows.folds.max()) < 1 or (not rows.turned and blocks < _FEWEST_BLOCKS):
        why = (
            f"too few to tell if there is something to learn: the {count:,} {what} stand in {blocks} groups, which are "
        )
        return found.model_copy(
            update={"why": why + f"kept together, and {_FEWEST_BLOCKS} are needed to exchange them"}
        )
    weights = LinearWeights.of(rows.features, rows.folds)
    score = _mean_recall(weights.predicted(labelling.numbers, labels), labelling.numbers)
    draw = np.random.default_rng(settings.seed)

    def shuffle(times: int) -> Iterator[float]:
        for _ in range(times):
            numbers = _shuffled(labelling.numbers, rows, draw)
            yield _mean_recall(weights.predicted(numbers, labels), numbers)
            advance(1)

    shuffled = list(shuffle(settings.permutations))
    if score > max(shuffled) and score - np.mean(shuffled) < _CLEAR * (1 - np.mean(shuffled)):
        # What is hardly more than chance must stand out from many more shuffles.
        shuffled += shuffle((_MORE - 1) * settings.permutations)
    mean, highest = float(np.mean(shuffled)), float(np.max(shuffled))
    p = (1 + sum(value >= score for value in shuffled)) / (1 + len(shuffled))
    # Rows that stand together are evidence once.
    verdict, why = _judged(score, mean, highest, (count if rows.turned else blocks) / labels)
    return found.model_copy(
        update={
            "verdict": verdict,
            "why": f"{why} ({count:,} {what}, {labels} labels)",
            "score": score,
            "shuffled_mean": mean,
            "shuffled_highest": highest,
            "permutations": len(shuffled),
            "p": p,
        }
    )


def _judged(score: float, mean: float, highest: float, rows_each: float) -> tuple[Verdict, str]:
    compared = f"a linear model of the words has {score:.3f} of each label right on average, with shuffled labels "
    compared += f"{mean:.3f}, at most {highest:.3f}"
    if score > highest:
        hardly = "" if score - mean > _HARDLY * (1 - mean) else "; that is hardly more, so expect little"
        return "learnable", f"there is something to learn: {compared}{hardly}"
    if rows_each < _ENOUGH_EACH or highest - mean > _TOLD_FROM * (1 - mean):
        return "cannot_tell", f"too few rows to tell if there is something to learn: {compared}"
    return "nothing_to_learn", f"the labels follow from the words no more than shuffled ones would: {compared}"


def _mean_recall(predicted: Integers, numbers: Integers) -> float:
    """Mean over the labels of the share of their rows that are right, so that rare labels count as much as others."""
    rows = np.bincount(numbers)
    right = np.bincount(numbers[predicted == numbers], minlength=len(rows))
    return float((right[rows > 0] / rows[rows > 0]).mean())


def _shuffled(numbers: Integers, rows: Rows, draw: np.random.Generator) -> Integers:
    """Another labelling, in which what stands together keeps its labels in their order."""
    starts = np.flatnonzero(np.diff(rows.blocks, prepend=-1))
    blocks = np.split(numbers, starts[1:])
    if rows.turned:
        return np.concatenate([np.roll(block, draw.integers(len(block))) for block in blocks])
    return np.concatenate([blocks[place] for place in draw.permutation(len(blocks))])
