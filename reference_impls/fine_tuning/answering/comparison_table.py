"""Shows two models beside each other as plain text, at most 80 columns wide."""

import textwrap
from collections.abc import Iterator, Sequence

from ...evaluation.regression import regression_in_words
from ..held_out.model_evaluation import ChangedRow
from ..ladder.scoring import SHOWN
from .comparing import ModelComparison, Side

_WIDTH = 80
_ROWS = 10
_LEAST_P = 0.0005


def comparison_table(found: ModelComparison) -> str:
    """Scores, size and speed of both, what differs, and the rows on which it shows."""
    blocks = [
        list(_names(found)),
        list(_figures(found)),
        list(_verdict(found)),
        list(_changed("newly right: only B has them right", found.newly_right)),
        list(_changed("newly wrong: only A has them right", found.newly_wrong)),
    ]
    return "\n\n".join("\n".join(lines) for lines in blocks if lines)


def _names(found: ModelComparison) -> Iterator[str]:
    for letter, side in (("A", found.first), ("B", found.second)):
        yield from _wrapped(f"{letter}: {side.name} ({side.kind})")


def _figures(found: ModelComparison) -> Iterator[str]:
    def row(name: str, cells: Sequence[str]) -> str:
        return f"{name:<26}" + "".join(f"{cell:>18}" for cell in cells)

    sides: tuple[Side, Side] = (found.first, found.second)
    yield row("", ["A", "B"])
    yield row(SHOWN[found.metric], [f"{side.score:.3f}" for side in sides])
    yield row("95 % interval", [f"{side.interval[0]:.3f}-{side.interval[1]:.3f}" for side in sides])
    yield row("MB of own files", [f"{side.bytes / 1e6:.2f}" for side in sides])
    yield row("one text, ms: p50", [f"{side.speed.one_ms_p50:.2f}" for side in sides])
    yield row("              p95", [f"{side.speed.one_ms_p95:.2f}" for side in sides])
    yield row("in batches, texts/s", [f"{side.speed.texts_a_second:,.0f}" for side in sides])
    yield from _wrapped(f"Judged by {found.rows:,} rows: {found.on}. Speed was measured in turns within this run.")


def _verdict(found: ModelComparison) -> Iterator[str]:
    difference = found.regression.difference
    low, high = difference.interval
    told = f"B minus A: {difference.difference:+.3f}, 95 % interval {low:+.3f} to {high:+.3f}"
    if difference.p is not None:
        told += f", p {'<.001' if difference.p < _LEAST_P else f'{difference.p:.3f}'} (McNemar)"
    yield from _wrapped(told)
    yield from _wrapped("B " + regression_in_words(found.regression, "A").replace("questions", "rows"))
    speed = found.second.speed
    yield from _wrapped(f"With one text {_times(speed.one_times)}; in batches {_times(speed.many_times)}.")
    for note in found.notes:
        yield from _wrapped(f"Note: {note}.")


def _times(quicker: float) -> str:
    one, other = ("B", "A") if quicker >= 1 else ("A", "B")
    return f"{one} is {max(quicker, 1 / quicker):.3g} times as quick as {other}"


def _changed(head: str, rows: Sequence[ChangedRow]) -> Iterator[str]:
    if not rows:
        return
    yield f"{head} ({len(rows):,})"
    for row in rows[:_ROWS]:
        yield from _wrapped(f"{row.id}: {row.text}", "  ")
        yield from _wrapped(f"wanted: {row.expected}; A: {row.before}; B: {row.now}", "    ")
    if len(rows) > _ROWS:
        yield f"  and {len(rows) - _ROWS:,} more; --format json lists them all"


def _wrapped(text: str, indent: str = "") -> list[str]:
    return textwrap.wrap(text, _WIDTH, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)
