"""The figures of a chart: metric, cost and staleness of each policy, and the metric by window."""

from .chosen import Choice
from .results import Frozen, Interval, Replayed


class Point(Frozen):
    """One policy.

    Attributes:
        policy: Its name.
        chosen: Whether it was chosen.
        metric: Over all judged rows.
        metric_interval: Its 95 % interval.
        cost: In money.
        cost_interval: Its 95 % interval: that of the errors at their price, with what is fixed.
        labels: Beyond the first model's.
        compute_seconds: Processor time after the first training.
        retrains: After the first training.
        staleness: Mean age of the newest row learnt, in windows.
    """

    policy: str
    chosen: bool
    metric: float
    metric_interval: Interval
    cost: float
    cost_interval: Interval
    labels: int
    compute_seconds: float
    retrains: int
    staleness: float


class Line(Frozen):
    """The metric of one policy by window.

    Attributes:
        policy: Its name.
        chosen: Whether it was chosen.
        metrics: One for each window; None where no row was judged.
        intervals: Their 95 % intervals; None where a window has one block alone.
        retrained: Whether a training preceded the window.
    """

    policy: str
    chosen: bool
    metrics: tuple[float | None, ...]
    intervals: tuple[Interval | None, ...]
    retrained: tuple[bool, ...]


class Chart(Frozen):
    """What there is to draw.

    Attributes:
        metric: `accuracy` (higher is better) or `mae` (lower is better).
        windows: Names of the windows, in the order of time.
        points: One for each policy.
        lines: One for each policy.
    """

    metric: str
    windows: tuple[str, ...]
    points: tuple[Point, ...]
    lines: tuple[Line, ...]


def chart(replayed: Replayed, choice: Choice) -> Chart:
    """The figures of a replay, in the order of its policies."""
    rows = sum(window.scored for window in replayed.windows)
    points, lines = [], []
    for each in replayed.policies:
        chosen = each.name == choice.policy
        # Errors are rows times one less the accuracy, or rows times the mean error.
        low, high = each.interval
        losses = (1 - high, 1 - low) if replayed.metric == "accuracy" else (low, high)
        beside = each.cost.total - each.cost.errors
        points.append(
            Point(
                policy=each.name,
                chosen=chosen,
                metric=each.metric,
                metric_interval=each.interval,
                cost=each.cost.total,
                cost_interval=(
                    beside + losses[0] * rows * replayed.prices.error,
                    beside + losses[1] * rows * replayed.prices.error,
                ),
                labels=each.new_labels,
                compute_seconds=each.new_seconds,
                retrains=each.retrains,
                staleness=each.staleness,
            )
        )
        lines.append(
            Line(
                policy=each.name,
                chosen=chosen,
                metrics=tuple(score.metric for score in each.by_window),
                intervals=tuple(score.interval for score in each.by_window),
                retrained=tuple(score.retrained for score in each.by_window),
            )
        )
    return Chart(
        metric=replayed.metric,
        windows=tuple(window.name for window in replayed.windows),
        points=tuple(points),
        lines=tuple(lines),
    )
