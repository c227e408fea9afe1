"""The report for a terminal: plain lines, colours only when asked for."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import assert_never

from advisor.report.blocks import (
    Bars,
    Block,
    Callout,
    Fold,
    Headline,
    Item,
    Items,
    KeyValues,
    Meter,
    Paragraph,
    Section,
    Steps,
    Table,
)
from advisor.report.characters import cells, printable, wrap

__all__ = ["render_text"]

_BOLD, _DIM, _ACCENT, _ALARM, _OFF = "\x1b[1m", "\x1b[2m", "\x1b[36m", "\x1b[31m", "\x1b[0m"
_BAR, _REST = "\N{BOX DRAWINGS HEAVY HORIZONTAL}", "\N{BOX DRAWINGS LIGHT QUADRUPLE DASH HORIZONTAL}"
_NARROWEST = 40
_LABELS = 16


def render_text(sections: Iterable[Section], width: int = 80, colour: bool = False) -> str:
    """All sections as lines of at most `width` columns (40 at the least).

    Args:
        sections: what is shown, in this order.
        width: columns of the terminal.
        colour: whether to use ANSI colours.
    """
    pen = _Pen(max(width, _NARROWEST), colour)
    parts = []
    for section in sections:
        titled = not isinstance(section.blocks[0], Headline)
        lines = [pen.paint(printable(section.title), _BOLD + _ACCENT)] if titled else []
        for number, block in enumerate(section.blocks):
            lines += ["", *pen.block(block)] if number else pen.block(block)
        parts.append("\n".join(lines) + "\n")
    return "\n".join(parts)


class _Pen:
    """Writes blocks in lines of one width."""

    def __init__(self, width: int, colour: bool) -> None:
        self._width = width
        self._colour = colour

    def paint(self, text: str, code: str) -> str:
        """The text in a colour, where colours are wanted."""
        return f"{code}{text}{_OFF}" if self._colour and text else text

    def block(self, block: Block) -> Iterator[str]:
        """The lines of one block."""
        match block:
            case Headline():
                yield from self._wrapped(block.text, 0, _BOLD)
                yield from ["", *self._wrapped(block.why, 0)] if block.why else []
            case Paragraph():
                yield from self._wrapped(block.text, 2, _DIM if block.tone == "quiet" else "")
            case Callout():
                code = _BOLD + (_ALARM if block.tone == "alarm" else _ACCENT if block.tone == "good" else "")
                yield from self._wrapped(block.title, 2, code)
                yield from self._wrapped(block.text, 2)
            case Items():
                yield from self._title(block.title)
                yield from self._items(block.items)
                yield from self._wrapped(block.more, 4, _DIM)
            case Table():
                yield from self._title(block.caption)
                yield from self._table(block)
            case Meter():
                yield from self._meter(block)
            case Bars():
                yield from self._title(block.caption)
                yield from self._bars(block)
            case Steps():
                yield from self._title(block.title)
                yield from self._steps(block)
            case KeyValues():
                yield from self._title(block.title)
                yield from self._pairs(block)
            case Fold():
                yield from self._title(block.summary)
                yield from (line for inner in block.blocks for line in self.block(inner))
            case _:
                assert_never(block)

    def _wrapped(self, text: str, indent: int, code: str = "", first: str = "") -> list[str]:
        """Wrapped lines; `first` stands in the margin of the first one."""
        lines = wrap(printable(text), self._width - indent)
        margins = (first if number == 0 else "" for number in range(len(lines)))
        return [margin.ljust(indent) + self.paint(line, code) for margin, line in zip(margins, lines, strict=True)]

    def _title(self, title: str) -> list[str]:
        return self._wrapped(title, 2, _BOLD)

    def _items(self, items: Iterable[Item]) -> Iterator[str]:
        for item in items:
            marks = "; ".join(item.marks)
            yield from self._wrapped(f"{item.title} ({marks})" if marks else item.title, 4, first="  \N{BULLET}")
            yield from self._wrapped(item.gist, 4)
            yield from self._wrapped(item.text, 4, _DIM)
            yield from self._wrapped("; ".join(item.grounds), 6, _DIM)
            yield from self._wrapped(item.note, 4, _DIM)
            for source in item.sources:
                said = f"{source.title} ({source.status})" + (f": {source.shows}" if source.shows else "")
                yield from self._wrapped(said, 8, _DIM, first="      \N{RIGHTWARDS ARROW}")
                yield from self._wrapped(source.href or "", 8, _DIM)

    def _meter(self, meter: Meter) -> list[str]:
        length = 24
        filled = round(min(max(meter.value, 0.0), 1.0) * length)
        bar = self.paint(_BAR * filled, _ACCENT) + self.paint(_REST * (length - filled), _DIM)
        label = printable(meter.label)
        line = f"  {label}{' ' * max(_LABELS - cells(label), 1)}{bar}  {printable(meter.reading)}"
        return [line, *self._wrapped(meter.says, 2, _DIM)]

    def _bars(self, bars: Bars) -> Iterator[str]:
        length = self._width - _LABELS - 26
        shown = max((cells(bar.shown) for bar in bars.bars), default=0)
        for bar, (start, share) in zip(bars.bars, bars.extents(), strict=True):
            label = wrap(printable(bar.label), _LABELS - 2)[:1] or [""]
            drawn = " " * round(start * length) + _BAR * max(round(share * length), 1 if share else 0)
            value = " " * (shown - cells(bar.shown)) + bar.shown
            gap = " " * (_LABELS - cells(label[0]))
            space = " " * max(length - cells(drawn), 0)
            mark = self.paint(f"  {printable(bar.mark)}", _DIM) if bar.mark else ""
            yield f"  {label[0]}{gap}{self.paint(drawn, _DIM if bar.mark else _ACCENT)}{space}  {value}{mark}".rstrip()

    def _steps(self, steps: Steps) -> Iterator[str]:
        for number, step in enumerate(steps.steps, start=1):
            title = f"{step.title} ({step.mark})" if step.mark else step.title
            yield from self._wrapped(title, 6, _BOLD, first=f"  {number}.")
            yield from self._wrapped(step.text, 6)
            for label, text in step.signs:
                yield from self._wrapped(f"{label}: {text}", 6, _DIM)

    def _pairs(self, block: KeyValues) -> Iterator[str]:
        widest = max((cells(printable(name)) for name, _ in block.pairs), default=0)
        column = min(widest + 4, self._width // 2)
        for name, value in block.pairs:
            label = printable(name)
            if cells(label) + 4 > column:
                yield from self._wrapped(label, 2, _DIM)
                yield from self._wrapped(value, column)
            else:
                margin = "  " + self.paint(label, _DIM) + " " * (column - 2 - cells(label))
                lines = self._wrapped(value, column) or [""]
                yield (margin + lines[0][column:]).rstrip()
                yield from lines[1:]

    def _table(self, table: Table) -> Iterator[str]:
        """Each row as its first cell with the others below: prose does not fit into columns of a terminal."""
        for row in table.rows:
            joined = "  \N{MIDDLE DOT}  ".join(cell for cell in row if cell)
            if cells(joined) <= self._width - 4:
                yield from self._wrapped(joined, 4, first="  \N{BULLET}")
                continue
            named = zip(table.columns[1:], row[1:], strict=True)
            yield from self._wrapped(row[0], 4, first="  \N{BULLET}")
            yield from self._wrapped("; ".join(f"{name.lower()}: {cell}" for name, cell in named if cell), 4, _DIM)
