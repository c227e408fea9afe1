"""When what was spent once is saved again.

Months = spent once / (monthly cost now - monthly cost then), where the cost then holds the monthly share of training
again. It is worked out twice: with every figure at the end that favours the change, and with each at the other end.
"""

from __future__ import annotations

import math

from advisor.documents.costs import PayBack
from advisor.economics.ledger import Ledger
from advisor.economics.terms import Term, constant, saved

__all__ = ["Bill", "pay_back"]


class Bill:
    """A monthly bill: so much for each query, and so much besides."""

    def __init__(self, per_query: Term | None, besides: Term | None) -> None:
        self.per_query = per_query or constant(0)
        self.besides = besides or constant(0)


def pay_back(once: Term, now: Bill, then: Bill, queries: Term, ledger: Ledger) -> PayBack:
    """Pay-back of a change from one bill to another.

    Args:
        once: spent before launch.
        now: with the prompted baseline.
        then: with the approach.
        queries: per month.
        ledger: for the thresholds from which cost may be a reason.
    """
    least_of_query, most_of_query = saved(now.per_query, then.per_query)
    least_besides, most_besides = saved(now.besides, then.besides)
    best = _saving(most_of_query, most_besides, queries, best=True)
    worst = _saving(least_of_query, least_besides, queries, best=False)
    best_months, worst_months = _months(once.low, best), _months(once.high, worst)
    most, least = ledger("most_payback_months").low, ledger("least_saving").low
    is_a_reason = [
        months is not None and months <= most and saving >= least
        for months, saving in ((best_months, best), (worst_months, worst))
    ]
    return PayBack(
        best_months=best_months,
        worst_months=worst_months,
        best_saving=_finite(best),
        worst_saving=_finite(worst),
        is_a_reason="yes" if all(is_a_reason) else "open" if any(is_a_reason) else "no",
        most_months=most,
        least_saving=least,
        says=_says(best_months, worst_months),
    )


def _saving(per_query: float, besides: float, queries: Term, *, best: bool) -> float:
    """Monthly saving at the traffic that makes it largest, or smallest."""
    busy = (per_query > 0) == best
    calls = queries.high if busy else queries.low
    return besides + (per_query * calls if per_query else 0.0)


def _months(once: float, saving: float) -> float | None:
    months = once / saving if saving > 0 and once < math.inf else None
    return months if months is None or months < 1200 else None


def _finite(number: float) -> float | None:
    return number if abs(number) < 1e300 else None


def _says(best: float | None, worst: float | None) -> str:
    if best is None:
        return (
            "There is no break-even: it costs more each month than the prompted baseline, "
            "so it has to pay by its quality."
        )
    if worst is None:
        return (
            f"After {_months_in_words(best)} if every figure favours it, and never if each is against it. "
            "Your own figures settle it."
        )
    ends = dict.fromkeys((_months_in_words(best), _months_in_words(worst)))
    return f"After {' to '.join(ends)}."


def _months_in_words(months: float) -> str:
    if months < 1:
        return "less than a month"
    return f"{months:.0f} month{'' if round(months) == 1 else 's'}"
