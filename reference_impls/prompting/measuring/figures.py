"""From rows to figures with their intervals."""

from collections.abc import Sequence

import numpy as np

from ...evaluation.bootstrap import Interval
from ...evaluation.f1 import f1_intervals
from ...evaluation.metrics import mean, percentile
from ...evaluation.rates import wilson_interval
from ...evaluation.tallies import Floats, Tally, draw_again
from ...language_models.chat import Usage
from ..asking.answered import Answered
from ..settings import Settings
from .scoring import Mark
from .trial import Quality, Row

_MILLION = 1_000_000
_TAIL = 0.025


def quality_of(measure: str, marks: Sequence[Mark], answered: Sequence[Answered]) -> Quality:
    """What the outputs are worth together.

    Args:
        measure: How they were judged.
        marks: Of each item.
        answered: Of each item, in the same order.
    """
    judged = [mark.right for mark in marks if mark.right is not None]
    # Where a person judges, what is not as declared is wrong already, and the rest is open.
    known = measure != "person"
    right = sum(judged)
    with_fields = measure == "fields"
    return Quality(
        measure=measure,
        items=len(marks),
        right=right,
        share=right / len(marks) if known and marks else None,
        interval=wilson_interval(right, len(marks)) if known else None,
        field_f1=_f1(marks) if with_fields else None,
        field_f1_interval=_f1_interval(marks) if with_fields else None,
        valid_first=sum(each.valid and not each.repaired for each in answered),
        valid=sum(each.valid for each in answered),
        repaired=sum(each.repaired for each in answered),
        refused=sum(bool(each.refused) for each in answered),
    )


def _f1(marks: Sequence[Mark]) -> float:
    """Micro F1: 2 right / (given + wanted), over the values of all fields and items; 1 where nothing is wanted."""
    given = sum(mark.fields_given + mark.fields_wanted for mark in marks)
    return 2 * sum(mark.fields_right for mark in marks) / given if given else 1.0


def _f1_interval(marks: Sequence[Mark]) -> Interval:
    """All that either of two intervals holds.

    The bootstrap over items sees that the fields of an item go wrong together, but claims certainty where none is
    wrong; Wilson's interval of the values sees how few there are.
    """
    values = np.array([[mark.fields_right, mark.fields_given + mark.fields_wanted] for mark in marks], dtype=np.float64)
    count = len(marks)
    kinds = np.repeat(np.arange(count), 2)
    counts = Tally(2, kinds, np.tile(np.array([0, 1]), count), values.reshape(-1))
    drawn = draw_again(np.ones(count), (counts,), _value)[0]
    low, high = np.quantile(drawn, [_TAIL, 1 - _TAIL])
    right = values[:, 0].sum()
    concerned = values[:, 1].sum() - right
    own_low, own_high = f1_intervals(np.array([right]), np.array([concerned]))[0]
    return float(min(low, own_low)), float(max(high, own_high))


def _value(counts: Floats) -> Floats:
    value: Floats = np.divide(2 * counts[:, 0], counts[:, 1], out=np.ones(len(counts)), where=counts[:, 1] > 0)
    return value


def cost_of(usage: Usage, settings: Settings) -> float | None:
    """Money for the tokens of an item; None without prices, or where nobody counted.

    Tokens from the cache have a price of their own; where it is not told how many there were, all count as read.
    """
    prices = (settings.input_price, settings.cached_price, settings.output_price)
    if not any(prices) or usage.prompt is None or usage.completion is None:
        return None
    cached = min(usage.cached or 0, usage.prompt)
    fresh = usage.prompt - cached
    spent = fresh * prices[0] + cached * prices[1] + usage.completion * prices[2]
    return spent / _MILLION


def latency(rows: Sequence[Row]) -> tuple[float, float]:
    """p50 and p95 of the milliseconds of the items that were answered."""
    times = [row.ms for row in rows if not row.refused]
    return percentile(times, 0.5) or 0.0, percentile(times, 0.95) or 0.0


def mean_of(values: Sequence[float | None]) -> float | None:
    """Mean of all values; None where one of them is unknown, or there is none."""
    known = [value for value in values if value is not None]
    return mean(known) if known and len(known) == len(values) else None
