"""Compares two systems on the same questions: how far they differ, how sure that is, and what follows in words."""

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from .bootstrap import Interval, resampled_means, resampled_unit_means
from .units import Integers, by_unit, unit_numbers

Verdict = Literal["better", "worse", "not worse", "cannot tell"]

MARGIN = 0.02
"""A loss of at most this much counts as none."""
_TAIL = 0.025
_Z_SURE = 1.959964
_Z_POWER = 0.841621
"""Quantiles of the normal distribution: 95 % two-sided, and a power of 80 %."""


class Difference(BaseModel):
    """A measure of one system minus that of another, on the same questions; above 0 is good.

    Attributes:
        measure: Its name.
        questions: How many questions both answered.
        first: Mean of the first system.
        second: Mean of the second.
        difference: First minus second.
        interval: The 95 % interval of the difference.
        share_above_zero: Share of the resampled differences above 0, in [0, 1]; those that are 0 count half.
        won: On how many questions the first system scored higher.
        lost: On how many lower.
        p: Two-sided p of McNemar's exact test where each score is 0 or 1, else None; None too where questions hang
            together, since that test takes them for independent.
        verdict: See `verdict_of`.
        questions_needed: Where nobody can tell: how many such questions would tell a difference like this one in four
            cases of five.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    measure: str
    questions: int
    first: float
    second: float
    difference: float
    interval: Interval
    share_above_zero: float
    won: int
    lost: int
    p: float | None
    verdict: Verdict
    questions_needed: int | None


def compare(
    measure: str, first: Sequence[float], second: Sequence[float], *, graded: bool = False, units: Sequence[str] = ()
) -> Difference:
    """Compares two systems question by question.

    The interval is a percentile bootstrap over the differences and two made-up ones, +1 and -1. Without these, four
    questions that differ among forty would pass for certainty: nearly every draw holds one of them. With them, `better`
    and a p of McNemar's exact test below 0.05 say the same in 510 of 514 cases (20, 40, 100 or 300 right or wrong
    answers, up to 15 won, no more lost than won), and the other four are close calls. The idea of added observations is
    that of Agresti, Min (2005), Simple improved confidence intervals for comparing matched proportions.

    Args:
        measure: The name of what is compared.
        first: One score in [0, 1] for each question, higher is better.
        second: The scores of the other system, in the same order.
        graded: Whether nearly every question differs a little, as likelihoods do, and not a few by the whole. The
            made-up differences are then as large as the largest that was seen: a likelihood of .3 beside .2 on each of
            20 texts is no chance.
        units: What hangs together is drawn as one, beside two made-up units of middling size, so that copies of one
            text are the one piece of evidence that they are; see `units.unit_numbers`.

    Raises:
        ValueError: There are no scores, or not as many of both.
    """
    if not first or len(first) != len(second):
        raise ValueError("a paired comparison needs two scores for each of at least one question")
    differences = [one - other for one, other in zip(first, second, strict=True)]
    unit = unit_numbers(units, len(differences))
    made_up, means, spread, units_seen = _resampled(differences, unit, graded=graded)
    low, high = (float(value) for value in np.quantile(means, [_TAIL, 1 - _TAIL]))
    difference = math.fsum(differences) / len(differences)
    won, lost = sum(value > 0 for value in differences), sum(value < 0 for value in differences)
    verdict = verdict_of((low, high))
    right_or_wrong = {*first, *second} <= {0.0, 1.0}
    return Difference(
        measure=measure,
        questions=len(differences),
        first=math.fsum(first) / len(first),
        second=math.fsum(second) / len(second),
        difference=difference,
        interval=(low, high),
        share_above_zero=float((means > 0).mean() + (means == 0).mean() / 2),
        won=won,
        lost=lost,
        p=mcnemar_exact(won, lost) if right_or_wrong and unit is None else None,
        verdict=verdict,
        questions_needed=needed_items(spread, units_seen, len(differences), difference, made_up)
        if verdict == "cannot tell"
        else None,
    )


def _resampled(
    differences: Sequence[float], unit: Integers | None, *, graded: bool
) -> tuple[float, NDArray[np.float64], float, int]:
    """The made-up difference, the resampled means, the variance of the difference of a unit, and how many there are."""
    if unit is None:
        made_up = (max(map(abs, differences)) if graded else 0.0) or 1.0
        means = resampled_means([*differences, made_up, -made_up])
        return made_up, means, float(np.var(differences)), len(differences)
    sums, sizes = by_unit(np.asarray(differences, dtype=np.float64), unit)
    made_up = (float(np.abs(sums / sizes).max()) if graded else 0.0) or 1.0
    size = float(sizes.mean())
    means = resampled_unit_means(np.append(sums, [made_up * size, -made_up * size]), np.append(sizes, [size, size]))
    # In the mean a unit counts like one item whose difference is that of the unit.
    spread = float(np.var((sums - sums.sum() / sizes.sum() * sizes) / size))
    return made_up, means, spread, len(sums)


def verdict_of(interval: Interval) -> Verdict:
    """What the interval of a difference says: `better` or `worse` where 0 lies outside of it.

    `not worse` where 0 lies within and a loss of more than 0.02 does not; else nobody can tell.
    """
    low, high = interval
    if low > 0:
        return "better"
    if high < 0:
        return "worse"
    return "not worse" if low >= -MARGIN else "cannot tell"


def mcnemar_exact(won: int, lost: int) -> float:
    """Two-sided p of McNemar's exact test: how often a fair coin would fall at least as unevenly.

    Formula: McNemar (1947), Note on the sampling error of the difference between correlated proportions, with the
    binomial distribution in place of its approximation.

    Args:
        won: Questions that only the first system has right.
        lost: Questions that only the second has right.
    """
    differing = won + lost
    tail = sum(math.comb(differing, count) for count in range(min(won, lost) + 1))
    return min(1.0, 2 * tail / (1 << differing))


def in_words(difference: Difference, than: str) -> str:
    """The verdict as a sentence.

    Args:
        difference: What was found.
        than: The second system, as it stands after "than": "BM25 alone".
    """
    low, high = difference.interval
    seen = f"{difference.difference:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}, {difference.questions} questions"
    match difference.verdict:
        case "better" | "worse":
            return f"{difference.measure} is {difference.verdict} than {than} ({seen})."
        case "not worse":
            return f"{difference.measure} is not worse than {than} by more than {MARGIN:g} ({seen})."
    return (
        f"{difference.measure}: {difference.questions} questions cannot tell whether this is better or worse than "
        f"{than} ({seen}); about {difference.questions_needed:,} would."
    )


def needed_items(spread: float, units: int, items: int, difference: float, made_up: float = 1.0) -> int:
    """Items after which the difference would be told, where so many of them make up so many units.

    Args:
        spread: Variance of the difference of one unit.
        units: How many there are now.
        items: How many items.
        difference: The difference that they show.
        made_up: See `questions_needed`.
    """
    return round(questions_needed(spread, units, difference, made_up) * (items / units))


def questions_needed(spread: float, questions: int, difference: float, made_up: float = 1.0) -> int:
    """Questions after which the present difference would be told from 0, or from a loss of the margin.

    Args:
        spread: Variance of the difference of one question.
        questions: How many there are now.
        difference: The difference that they show.
        made_up: Size of the two made-up differences; see `compare`.
    """
    told = max(abs(difference), MARGIN + difference) / (_Z_SURE + _Z_POWER)
    # The variance of the mean of n differences and two made-up ones of size m is about spread / n + 2 m^2 / n^2, which
    # is to be told^2.
    needed = (spread + math.sqrt(spread**2 + 8 * (made_up * told) ** 2)) / (2 * told**2)
    # With a handful of questions the formula, which takes means for normal, may ask for fewer than there are.
    return max(questions + 1, math.ceil(needed))
