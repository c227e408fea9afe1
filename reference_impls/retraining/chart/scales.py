"""Numbers to places in a drawing, and the round numbers that an axis names."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

_NICE = (1.0, 2.0, 2.5, 5.0, 10.0)


@dataclass(frozen=True)
class Scale:
    """A linear axis.

    Attributes:
        low: The number at `start`.
        high: The number at `stop`; above `low`.
        start: Place of `low`, in the units of the drawing.
        stop: Place of `high`; may lie before `start`, as on an axis that points up.
    """

    low: float
    high: float
    start: float
    stop: float

    def __call__(self, number: float) -> float:
        """The place of a number."""
        return self.start + (number - self.low) / (self.high - self.low) * (self.stop - self.start)


def ticks(low: float, high: float, about: int = 5) -> list[float]:
    """Round numbers that reach from `low` or below to `high` or above, about as many as wanted."""
    if not high > low:
        low, high = low - (abs(low) or 1.0) / 2, high + (abs(high) or 1.0) / 2
    rough = (high - low) / max(1, about)
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(factor * power for factor in _NICE if factor * power >= rough * (1 - 1e-9))
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [float(f"{number * step:.12g}") for number in range(first, last + 1)]


def number(value: float) -> str:
    """A number as an axis or a table shows it: four digits that count, thousands apart."""
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else "-"
    if abs(value) >= 1000:
        return f"{value:,.0f}"
    shown = f"{value:.4g}"
    return shown if "e" not in shown else f"{value:.2e}"


def apart(wanted: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Places as near to the wanted ones as labels of a height allow, in the same order of height.

    Args:
        wanted: Places.
        gap: Least distance between two.
        low: The least place.
        high: The largest; where not all fit, they go beyond it.
    """
    order = sorted(range(len(wanted)), key=lambda each: wanted[each])
    placed = list(wanted)
    edge = low - gap
    for each in order:
        placed[each] = edge = max(wanted[each], edge + gap)
    edge = max(high, low + gap * (len(wanted) - 1)) + gap
    for each in reversed(order):
        placed[each] = edge = min(placed[each], edge - gap)
    return placed
