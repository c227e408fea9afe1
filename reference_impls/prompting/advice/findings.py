"""What a trial and its review say of the facts that `advisor` decides by.

The codes are those of advisor's vocabulary; anything that was not measured stays unknown.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from ...evaluation.bootstrap import Interval
from ...evaluation.rates import wilson_interval
from ..measuring.trial import Trial
from ..reviewing.heaps import Verdicts, is_good
from ..settings import Settings

_CLOSE = 0.9
"""Within a tenth of the target, as the questionnaire has it."""
_HEAP = 3
"""Both heaps count where the smaller one holds at least a third of the failures."""


@dataclass(frozen=True)
class Measured:
    """What is known after the review.

    Attributes:
        judged: Items that count: all but those whose wanted output is wrong.
        good: Outputs that are good, by measure or by what people said.
        did_not_know: Failures that people sorted so.
        behaved_wrongly: Likewise.
        unsorted: Failures that nobody has sorted.
        unjudged: Outputs of which nobody has said whether they are good.
    """

    judged: int
    good: int
    did_not_know: int
    behaved_wrongly: int
    unsorted: int
    unjudged: int

    @property
    def share(self) -> float:
        """The share of good outputs, those that nobody judged left out."""
        known = self.judged - self.unjudged
        return self.good / known if known else 0.0

    @property
    def interval(self) -> Interval:
        """Its 95 % interval."""
        return wilson_interval(self.good, self.judged - self.unjudged)


def measured(trial: Trial, verdicts: Verdicts) -> Measured:
    """Counts what the trial and the people say."""
    judged = good = unjudged = unsorted = 0
    heaps = {"did_not_know": 0, "behaved_wrongly": 0}
    for row in trial.rows:
        said = verdicts.of(row.id)
        if said == "item_is_wrong":
            continue
        judged += 1
        fine = is_good(row, said)
        if fine:
            good += 1
        elif said in heaps:
            heaps[said] += 1
        elif fine is None:
            unjudged += 1
        else:
            unsorted += 1
    return Measured(judged, good, heaps["did_not_know"], heaps["behaved_wrongly"], unsorted, unjudged)


def labelled_items(trial: Trial, verdicts: Verdicts) -> int:
    """Items with a wanted output, of which nobody has said that it is wrong."""
    return sum(bool(row.wanted) and verdicts.of(row.id) != "item_is_wrong" for row in trial.rows)


def baseline_codes(found: Measured, target: float) -> set[str]:
    """The codes of `baseline_quality` that are possible; one where everything was judged."""
    if not found.judged:
        return set()
    return {_baseline((found.good + more) / found.judged, target) for more in range(found.unjudged + 1)}


def _baseline(share: float, target: float) -> str:
    if share >= target:
        return "meets_target"
    return "close" if share >= _CLOSE * target else "far"


def interval_codes(found: Measured, target: float) -> list[str]:
    """The codes of `baseline_quality` that the interval of the share reaches, the best first."""
    low, high = found.interval
    order = ["meets_target", "close", "far"]
    return order[order.index(_baseline(high, target)) : order.index(_baseline(low, target)) + 1]


def mode_codes(found: Measured, trial: Trial, settings: Settings) -> set[str]:
    """The codes of `failure_mode` that are possible, over all ways in which what is open may fall out."""
    return set(_modes(found, over_limits(trial, settings) != "", settings.target))


def _modes(found: Measured, over: bool, target: float) -> Iterator[str]:
    for better in range(found.unjudged + 1):
        share = (found.good + better) / found.judged if found.judged else 0.0
        if share >= target:
            yield "cost_latency" if over else "none"
            continue
        unsorted = found.unsorted + found.unjudged - better
        for unknown in range(unsorted + 1):
            yield _mode(found.did_not_know + unknown, found.behaved_wrongly + unsorted - unknown)


def _mode(did_not_know: int, behaved_wrongly: int) -> str:
    failures = did_not_know + behaved_wrongly
    if failures and _HEAP * min(did_not_know, behaved_wrongly) >= failures:
        return "both"
    return "missing_facts" if did_not_know > behaved_wrongly else "wrong_behaviour"


def over_limits(trial: Trial, settings: Settings) -> str:
    """Which limit of time or money is passed, in words; empty where none is."""
    effort = trial.effort
    if settings.most_ms and effort.ms_p95 > settings.most_ms:
        return f"p95 {effort.ms_p95:,.0f} ms is more than prompting.most_ms ({settings.most_ms:,.0f})"
    cost = effort.cost_per_item
    if settings.most_per_item and cost is not None and cost > settings.most_per_item:
        return f"an item costs {cost:.6f} {effort.currency}, more than prompting.most_per_item"
    return ""
