"""When a second half pays: rules on the paired differences, and the verdict in words."""

from collections.abc import Sequence
from typing import Literal

from ..evaluation.paired import MARGIN, Difference

Verdict = Literal["pays", "does_not_pay", "cannot_tell"]
Half = tuple[str, Difference, float, str]
"""A half alone in words, the hybrid minus it, its corrected p, and why being as good suffices, or nothing."""

_LEVEL = 0.05


def verdict_of(halves: Sequence[Half], least_gain: float = MARGIN) -> Verdict:
    """Whether a hybrid pays beside each of its halves alone.

    It `pays` where it is shown to be better than every half (interval above 0 and corrected p at most 0.05), or, beside
    a half where being as good suffices, not worse by more than 0.02. It `does_not_pay` where one half is shown to be
    better, or the gain over it is shown to be below `least_gain`. Else nobody can tell yet.
    """
    if any(_fails(half, least_gain) for half in halves):
        return "does_not_pay"
    return "pays" if all(_beats(half) for half in halves) else "cannot_tell"


def judged_words(verdict: Verdict, halves: Sequence[Half], least_gain: float = MARGIN) -> str:
    """The verdict as a sentence, with the differences that it rests on."""
    seen = "; ".join(_seen(half) for half in halves)
    match verdict:
        case "pays":
            return f"The second half pays: {seen}."
        case "does_not_pay":
            against = ", ".join(half[0] for half in halves if _fails(half, least_gain))
            return (
                f"The second half does not pay beside {against} (a gain below {least_gain:g} counts as none): {seen}."
            )
    more = max((half[1].questions_needed or 0 for half in halves), default=0)
    enough = f"; about {more:,} items would" if more else ""
    return f"These items cannot tell whether the second half pays{enough}: {seen}."


def idle_words(idle: str, halves: Sequence[Half]) -> str:
    """Why a tuned part that does nothing does not pay, whatever the differences are."""
    return f"The second half does not pay: {idle}. {'; '.join(_seen(half) for half in halves)}."


def no_gain_of(untuned: Half) -> str:
    """Why nothing is seen to be gained over retrieval without the tuned part; empty where something is.

    No test stands behind it: a part that has learnt nothing changes nothing, and need not be shown to be worse.
    """
    name, difference, _, equal_suffices = untuned
    if difference.difference > 0 or (equal_suffices and difference.difference >= -MARGIN):
        return ""
    return (
        f"on {difference.questions} items it is no better than {name} ({difference.first:.3f} against "
        f"{difference.second:.3f})"
    )


def _beats(half: Half) -> bool:
    _, difference, p, equal_suffices = half
    low, _ = difference.interval
    return (low > 0 and p <= _LEVEL) or (bool(equal_suffices) and low >= -MARGIN)


def _fails(half: Half, least_gain: float) -> bool:
    _, difference, p, equal_suffices = half
    _, high = difference.interval
    if high < 0 and p <= _LEVEL:
        return True
    return not equal_suffices and high < least_gain


def _seen(half: Half) -> str:
    name, difference, p, equal_suffices = half
    low, high = difference.interval
    words = f"{difference.difference:+.3f} over {name} (95 % interval {low:+.3f} to {high:+.3f}, corrected p {p:.2g})"
    return f"{words}, where being as good suffices: {equal_suffices}" if equal_suffices else words
