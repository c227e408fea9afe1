"""Counts over predicted rows, kept up while they stream by: how many there are, and how many are right."""

from collections.abc import Iterator, Sequence

from pydantic import BaseModel, ConfigDict

from ...evaluation.rates import wilson_interval
from ...labelled_data.base import Span


class Tally(BaseModel):
    """What is known of the rows so far; two of them add up.

    Attributes:
        rows: All rows.
        errors: Rows of which nothing was predicted.
        abstained: Rows on which the model is too unsure.
        labelled: Predicted rows that bring the right label or spans with them.
        unknown: Labelled rows whose label the model does not know; whatever it says of them is wrong.
        right: Labelled rows that are right; for spans, those in which all of them are.
        seen: Labelled rows whose text is among those that the model was trained on, as far as that is known.
        seen_right: Of these, the right ones.
        answered: Labelled rows that the model answers.
        answered_right: Of these, the right ones.
        spans_right: Spans that were found in their place with their label.
        spans_found: Spans that were found.
        spans_wanted: Spans that the labelled rows hold.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    rows: int = 0
    errors: int = 0
    abstained: int = 0
    labelled: int = 0
    unknown: int = 0
    right: int = 0
    seen: int = 0
    seen_right: int = 0
    answered: int = 0
    answered_right: int = 0
    spans_right: int = 0
    spans_found: int = 0
    spans_wanted: int = 0

    def __add__(self, other: "Tally") -> "Tally":
        return Tally.model_validate(
            {name: getattr(self, name) + getattr(other, name) for name in type(self).model_fields}
        )


def of_label(wanted: str | None, given: str, *, abstained: bool, seen: bool = False) -> Tally:
    """The tally of one predicted row of a classification.

    Args:
        wanted: Its right label as the model calls it; empty for one that the model does not know, None where the row
            brings none.
        given: What the model says.
        abstained: Whether the model is too unsure.
        seen: Whether the model was trained on the text.
    """
    if wanted is None:
        return Tally(rows=1, abstained=abstained)
    right = wanted == given
    return Tally(
        rows=1,
        abstained=abstained,
        labelled=1,
        unknown=not wanted,
        right=right,
        seen=seen,
        seen_right=seen and right,
        answered=not abstained,
        answered_right=right and not abstained,
    )


def of_spans(wanted: Sequence[Span] | None, given: Sequence[Span], *, seen: bool = False) -> Tally:
    """The tally of one predicted row of an extraction.

    Args:
        wanted: Its right spans; None where the row brings none with it.
        given: What the model found.
        seen: Whether the model was trained on the text.
    """
    if wanted is None:
        return Tally(rows=1)
    right, whole = set(wanted) & set(given), set(wanted) == set(given)
    return Tally(
        rows=1,
        labelled=1,
        right=whole,
        seen=seen,
        seen_right=seen and whole,
        spans_right=len(right),
        spans_found=len(given),
        spans_wanted=len(wanted),
    )


def tally_in_words(tally: Tally) -> Iterator[str]:
    """One line for each thing that is worth knowing at the end, the number of rows first."""
    done = tally.rows - tally.errors
    yield f"{done:,} of {tally.rows:,} rows predicted" if tally.errors else f"{done:,} rows predicted"
    if tally.abstained:
        yield f"the model abstains from {tally.abstained:,} of them ({tally.abstained / done:.1%})"
    if not tally.labelled:
        return
    if tally.spans_wanted or tally.spans_found:
        f1 = 2 * tally.spans_right / (tally.spans_wanted + tally.spans_found)
        yield f"span F1 {f1:.3f} on {tally.labelled:,} rows that bring their spans with them"
        yield f"{_share(tally.right, tally.labelled)} of these rows have all spans right, and no other"
    else:
        yield f"accuracy {_share(tally.right, tally.labelled)} on {tally.labelled:,} rows that bring their label"
    if tally.unknown:
        yield f"{tally.unknown:,} of these have a label that the model does not know, and count as wrong"
    if 0 < tally.seen < tally.labelled:
        others = tally.labelled - tally.seen
        share = _share(tally.right - tally.seen_right, others)
        yield f"{tally.seen:,} of these taught the model; of the {others:,} others, {share} are right"
    elif tally.seen:
        yield "all of these taught the model, so that nothing follows for other rows"
    if tally.abstained and tally.answered:
        yield f"of the {tally.answered:,} that it answers, {_share(tally.answered_right, tally.answered)} are right"


def _share(part: int, whole: int) -> str:
    low, high = (1 - end for end in reversed(wilson_interval(whole - part, whole)))
    return f"{part / whole:.3f} (95 % interval {low:.3f}-{high:.3f})"
