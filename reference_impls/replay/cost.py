"""What a policy costs, and at which price of a retrain it is still worth it."""

from collections.abc import Sequence

from .results import Cost, Played, Prices
from .settings import Settings

SECONDS_AN_HOUR = 3600.0


def prices(settings: Settings) -> Prices:
    """The prices of the settings."""
    return Prices(
        error=settings.cost_of_error,
        label=settings.cost_of_label,
        retrain=settings.cost_of_retrain,
        compute_hour=settings.cost_of_compute_hour,
    )


def cost(losses: Sequence[float], new_labels: int, retrains: int, new_seconds: float, at: Prices) -> Cost:
    """The cost of a policy over the judged rows.

    Args:
        losses: Wrong rows, or absolute errors; any sums of them.
        new_labels: Labels beyond the first model's.
        retrains: Trainings after the first.
        new_seconds: Processor time after the first training.
        at: Prices.
    """
    return Cost(
        errors=sum(losses) * at.error,
        labels=new_labels * at.label,
        retrains=retrains * at.retrain,
        compute=new_seconds / SECONDS_AN_HOUR * at.compute_hour,
    )


def fixed_cost(played: Played, at: Prices) -> float:
    """What a policy costs beside its errors."""
    found = cost((), played.new_labels, played.retrains, played.new_seconds, at)
    return found.labels + found.retrains + found.compute


def most_a_retrain_may_cost(played: Played, never: Played, at: Prices) -> float | None:
    """The price of one retrain at which a policy costs as much as no retraining; None where it never pays.

    Args:
        played: With at least one retrain; without one there is nothing to price.
        never: The policy of no retraining.
        at: Prices; that of a retrain does not count.
    """
    if not played.retrains:
        return None
    free = at.model_copy(update={"retrain": 0.0})
    saved = (sum(never.losses) - sum(played.losses)) * at.error - fixed_cost(played, free) + fixed_cost(never, free)
    return saved / played.retrains if saved > 0 else None
