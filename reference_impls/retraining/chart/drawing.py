"""Two drawings as SVG: lines over windows, and bars with intervals. Every text is escaped; colours are classes."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Literal

from .scales import Scale, apart, number, ticks

Role = Literal["chosen", "never", "best", "other"]
"""What a line or a bar is drawn as: three stand out, the others stay behind them."""

_WIDTH, _LEFT, _RIGHT = 860.0, 58.0, 210.0
_TOP, _HEIGHT, _BOTTOM = 30.0, 300.0, 58.0
_LABEL_HEIGHT = 15.0
_MOST_NAMES = 8
_SHOWN = 34
_BAR, _BAR_NAME = 26.0, 250.0


@dataclass(frozen=True)
class Line:
    """One policy over the windows.

    Attributes:
        name: Of the policy.
        role: How it stands out.
        values: One for each window; None where nothing was measured.
        marks: Windows (from 0) before which it was trained again.
    """

    name: str
    role: Role
    values: Sequence[float | None]
    marks: Sequence[int] = ()


@dataclass(frozen=True)
class Bar:
    """One policy by one number.

    Attributes:
        name: Of the policy.
        role: How it stands out.
        value: Length of the bar, 0 or more.
        told: The number in words, right of the bar.
        interval: Its 95 % interval, drawn across the end of the bar; None for none.
    """

    name: str
    role: Role
    value: float
    told: str
    interval: tuple[float, float] | None = None


def lines_svg(title: str, lines: Sequence[Line], windows: Sequence[str], axis: str) -> str:
    """Lines over windows, with the names of those that stand out at their right ends.

    Args:
        title: For whoever cannot see it.
        lines: At least one, each with a value for each window.
        windows: Names, in order.
        axis: What the height means.
    """
    given = [value for line in lines for value in line.values if value is not None]
    marks = ticks(min(given, default=0.0), max(given, default=1.0))
    height = Scale(marks[0], marks[-1], _TOP + _HEIGHT, _TOP)
    across = Scale(0, max(1, len(windows) - 1), _LEFT, _WIDTH - _RIGHT)
    parts = list(_frame(marks, height, windows, across))
    parts.append(f'<text class="axis" x="{_LEFT - 48:.0f}" y="{_TOP - 16:.0f}">{escape(axis)}</text>')
    order: tuple[Role, ...] = ("other", "best", "never", "chosen")
    drawn = sorted(lines, key=lambda line: order.index(line.role))
    for line in drawn:
        parts += _line(line, across, height)
    parts += _names([line for line in lines if line.role != "other"], height)
    return _svg(title, _TOP + _HEIGHT + _BOTTOM, parts)


def bars_svg(title: str, bars: Sequence[Bar]) -> str:
    """Bars from the left, one below the other.

    Args:
        title: For whoever cannot see it.
        bars: In the order from above.
    """
    top = max((bar.interval[1] if bar.interval else bar.value for bar in bars), default=0.0) or 1.0
    length = Scale(0, top, _BAR_NAME, _WIDTH - 170)
    parts = []
    for place, bar in enumerate(bars):
        y = 4 + place * _BAR
        parts.append(f'<g class="{bar.role}"><title>{escape(f"{bar.name}: {bar.told}")}</title>')
        parts.append(f'<text class="name" x="{_BAR_NAME - 8:.0f}" y="{y + 14:.1f}">{escape(_short(bar.name))}</text>')
        width = end = max(1.0, length(bar.value) - _BAR_NAME)
        parts.append(f'<rect x="{_BAR_NAME:.0f}" y="{y:.1f}" width="{width:.1f}" height="{_BAR - 8:.0f}" rx="2"/>')
        if bar.interval is not None:
            low, high = (length(max(0.0, each)) for each in bar.interval)
            middle, end = y + (_BAR - 8) / 2, max(width, high - _BAR_NAME)
            parts.append(f'<path class="spread" d="M{low:.1f} {middle:.1f}L{high:.1f} {middle:.1f}"/>')
        parts.append(f'<text x="{_BAR_NAME + end + 6:.1f}" y="{y + 14:.1f}">{escape(bar.told)}</text></g>')
    return _svg(title, 8 + len(bars) * _BAR, parts)


def _svg(title: str, height: float, parts: Sequence[str]) -> str:
    return (
        f'<svg viewBox="0 0 {_WIDTH:.0f} {height:.0f}" role="img" aria-label="{escape(title)}">'
        f"<title>{escape(title)}</title>{''.join(parts)}</svg>"
    )


def _frame(marks: Sequence[float], height: Scale, windows: Sequence[str], across: Scale) -> Iterator[str]:
    for mark in marks:
        y = height(mark)
        yield f'<line class="grid" x1="{_LEFT:.0f}" x2="{_WIDTH - _RIGHT:.0f}" y1="{y:.1f}" y2="{y:.1f}"/>'
        yield f'<text class="tick" x="{_LEFT - 6:.0f}" y="{y + 4:.1f}">{escape(number(mark))}</text>'
    every = -(-len(windows) // _MOST_NAMES)
    for place in range(0, len(windows), every):
        x, y = across(place), _TOP + _HEIGHT + 16
        turned = f"translate({x:.1f} {y:.1f}) rotate(-24)"
        yield f'<text class="window" transform="{turned}">{escape(_short(windows[place], 22))}</text>'


def _line(line: Line, across: Scale, height: Scale) -> Iterator[str]:
    yield f'<g class="{line.role}"><title>{escape(line.name)}</title>'
    path, begins = [], True
    for place, value in enumerate(line.values):
        if value is None:
            begins = True
            continue
        path.append(f"{'M' if begins else 'L'}{across(place):.1f} {height(value):.1f}")
        begins = False
    yield f'<path d="{" ".join(path)}"/>'
    for place, value in enumerate(line.values):
        if value is None:
            continue
        alone = (place == 0 or line.values[place - 1] is None) and (
            place == len(line.values) - 1 or line.values[place + 1] is None
        )
        if alone or (line.role == "chosen" and place in line.marks):
            yield f'<circle cx="{across(place):.1f}" cy="{height(value):.1f}" r="3.5"/>'
    yield "</g>"


def _names(lines: Sequence[Line], height: Scale) -> Iterator[str]:
    ends = [next((value for value in reversed(line.values) if value is not None), height.low) for line in lines]
    places = apart([height(end) for end in ends], _LABEL_HEIGHT, _TOP, _TOP + _HEIGHT)
    for line, end, y in zip(lines, ends, places, strict=True):
        x = _WIDTH - _RIGHT
        yield (
            f'<g class="{line.role}"><path class="lead" d="M{x:.1f} {height(end):.1f}L{x + 10:.1f} {y:.1f}"/>'
            f'<text x="{x + 14:.1f}" y="{y + 4:.1f}">{escape(_short(line.name, 28))}</text></g>'
        )


def _short(name: str, most: int = _SHOWN) -> str:
    return name if len(name) <= most else f"{name[: most - 1]}…"
