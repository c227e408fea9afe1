"""Shows a replay and the choice as plain text, at most 80 columns wide."""

import textwrap
from collections.abc import Iterator, Sequence

from .chosen import Choice
from .results import Interval, Replayed

_WIDTH = 80
_NAME = 26
_WINDOWS_SHOWN = 8


def replay_table(replayed: Replayed, choice: Choice) -> str:
    """Every policy with its metric, its costs and its age; then what was chosen, and why."""
    blocks = [
        _figures(replayed, choice),
        _by_window(replayed),
        _ages(replayed),
        _wrapped(
            f"Intervals are 95 %, by drawing blocks of {replayed.blocks.length:,} rows: {replayed.blocks.why}. "
            "labels, fits, cpu s (processor seconds) and cost leave out the first model, which all policies share; age "
            "is that of the newest row learnt, in windows."
        ),
        [line for note in replayed.notes for line in _wrapped(f"note: {note}")],
        _wrapped(f"chosen: {choice.policy}" + ("" if choice.do_not_retrain else f", {choice.every}")),
        [line for reason in choice.reasons for line in _wrapped(f"- {reason}", "  ")],
        _wrapped(f"how honest that is: {choice.optimism.why}.", "  "),
    ]
    return "\n\n".join("\n".join(lines) for lines in map(list, blocks) if lines)


def _figures(replayed: Replayed, choice: Choice) -> Iterator[str]:
    windows = replayed.windows
    yield (
        f"{len(windows)} windows from {windows[0].name} on, {sum(window.scored for window in windows):,} judged rows, "
        f"models: {replayed.model}"
    )
    heads = (replayed.metric, "interval", "labels", "fits", "cpu s", "age", "cost")
    yield f"{'policy':<{_NAME}}{_row(heads)}"
    for each in replayed.policies:
        cells = (
            _metric(each.metric),
            _interval(each.interval),
            f"{each.new_labels:,}",
            f"{each.retrains}",
            f"{each.new_seconds:.1f}",
            f"{each.staleness:.1f}",
            _money(each.cost.total),
        )
        mark = "*" if each.name == choice.policy else " "
        yield f"{mark}{each.name[: _NAME - 1]:<{_NAME - 1}}{_row(cells)}"


def _row(cells: Sequence[str]) -> str:
    return " ".join(f"{cell:>{width}}" for cell, width in zip(cells, (8, 13, 7, 4, 6, 4, 6), strict=True))


def _by_window(replayed: Replayed) -> Iterator[str]:
    latest = replayed.windows[-_WINDOWS_SHOWN:]
    yield f"{replayed.metric} by window" + (", the latest" if len(latest) < len(replayed.windows) else "")
    yield f"{'':<{_NAME}}" + "".join(f"{window.number:>6}" for window in latest)
    for each in replayed.policies:
        scores = each.by_window[-_WINDOWS_SHOWN:]
        told = "".join(f"{_metric(score.metric) if score.metric is not None else '-':>6.5}" for score in scores)
        yield f" {each.name[: _NAME - 1]:<{_NAME - 1}}{told}"


def _ages(replayed: Replayed) -> Iterator[str]:
    if not replayed.ages:
        return
    unit = "accuracy" if replayed.metric == "accuracy" else "absolute error"
    told = ", ".join(
        f"{each.age}: {each.loss:+.3g} ({each.interval[0]:+.2g} to {each.interval[1]:+.2g})"
        for each in replayed.ages[:_WINDOWS_SHOWN]
    )
    lost = "lost" if replayed.metric == "accuracy" else "more"
    yield from _wrapped(f"{unit} {lost} a row by age of the model in windows, beside a fresh one: {told}")


def _money(value: float) -> str:
    for least, unit, letter in ((1e9, 1e9, "G"), (1e6, 1e6, "M"), (1e5, 1e3, "k")):
        if abs(value) >= least:
            return f"{value / unit:.4g}{letter}"
    return f"{value:.0f}" if abs(value) >= 1000 else f"{value:.4g}"


def _metric(value: float) -> str:
    return f"{value:.3f}" if abs(value) < 10 else f"{value:.4g}"


def _interval(interval: Interval) -> str:
    return f"{_metric(interval[0])}-{_metric(interval[1])}"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, subsequent_indent=indent)
