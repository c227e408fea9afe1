"""The report as Markdown, for a decision record or a review thread. Nothing in it can turn into markup."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import assert_never
from urllib.parse import quote

from advisor.report.blocks import (
    Bars,
    Block,
    Callout,
    Fold,
    Headline,
    Items,
    KeyValues,
    Meter,
    Paragraph,
    Section,
    Source,
    Steps,
    Table,
)
from advisor.report.characters import printable

__all__ = ["render_markdown"]

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>|~$&])")
_AT_START = re.compile(r"^(#{1,6}(?= |$)|[-+=](?=[ =-]|$)|\d{1,9}(?=[.)](?: |$)))")
_RUN = re.compile(r"`+")


def render_markdown(sections: Iterable[Section]) -> str:
    """All sections; the headline is the first heading."""
    parts: list[str] = []
    for section in sections:
        if not isinstance(section.blocks[0], Headline):
            parts.append(f"## {_escaped(section.title)}")
        parts += [part for block in section.blocks for part in _block(block)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _escaped(text: str) -> str:
    text = _SPECIAL.sub(r"\\\1", printable(text))
    # A list marker, a heading or a rule at the start of a line; digits are told apart by the mark behind them.
    return _AT_START.sub(lambda found: f"{found[0]}\\" if found[0].isdigit() else f"\\{found[0]}", text)


def _code(text: str) -> str:
    text = printable(text)
    fence = "`" * (max((len(run) for run in _RUN.findall(text)), default=0) + 1)
    pad = " " if text.startswith("`") or text.endswith("`") or not text else ""
    return f"{fence}{pad}{text}{pad}{fence}"


def _block(block: Block) -> Iterator[str]:
    match block:
        case Headline():
            yield f"# {_escaped(block.text)}"
            yield _escaped(block.why)
        case Paragraph():
            yield _escaped(block.text)
        case Callout():
            yield "\n".join(f"> {line}" for line in (f"**{_escaped(block.title)}**", _escaped(block.text)) if line)
        case Items():
            yield _heading(block.title)
            yield "\n".join(_items(block))
            yield f"*{_escaped(block.more)}*" if block.more else ""
        case Table():
            yield f"*{_escaped(block.caption)}*" if block.caption else ""
            yield _table(block.columns, block.rows, block.numbers)
        case Meter():
            yield f"**{_escaped(block.label)}:** {_escaped(block.reading)}"
            yield _escaped(block.says)
        case Bars():
            yield f"*{_escaped(block.caption)}*" if block.caption else ""
            rows = tuple((bar.label, bar.shown, bar.mark) for bar in block.bars)
            yield _table(("", "Value", ""), rows, (1,))
        case Steps():
            yield _heading(block.title)
            yield "\n".join(_steps(block))
        case KeyValues():
            yield _heading(block.title)
            shown = _code if block.literal else _escaped
            yield "\n".join(f"- {_escaped(name)}: {shown(value)}" for name, value in block.pairs)
        case Fold():
            yield _heading(block.summary)
            for inner in block.blocks:
                yield from _block(inner)
        case _:
            assert_never(block)


def _heading(title: str) -> str:
    return f"### {_escaped(title)}" if title else ""


def _items(block: Items) -> Iterator[str]:
    for item in block.items:
        marks = f" ({_escaped('; '.join(item.marks))})" if item.marks else ""
        yield f"- **{_escaped(item.title)}**{marks}"
        yield from (f"  {_escaped(line)}" for line in (item.gist, item.text, item.note) if line)
        if item.grounds:
            yield "  " + ", ".join(_code(ground) for ground in item.grounds)
        yield from (f"  - {_source(source)}" for source in item.sources)


def _steps(block: Steps) -> Iterator[str]:
    for number, step in enumerate(block.steps, start=1):
        mark = f" ({_escaped(step.mark)})" if step.mark else ""
        yield f"{number}. **{_escaped(step.title)}**{mark}"
        yield f"   {_escaped(step.text)}"
        yield from (f"   *{_escaped(label)}:* {_escaped(text)}" for label, text in step.signs)


def _source(source: Source) -> str:
    title = _escaped(source.title)
    # The address stands between angle brackets: what could end them is encoded.
    linked = f"[{title}](<{quote(source.href, safe=':/?#@!$&()*+,;=%~-._')}>)" if source.href else title
    shows = f": {_escaped(source.shows)}" if source.shows else ""
    return f"{linked} ({_escaped(source.status)}){shows}"


def _table(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...], numbers: tuple[int, ...]) -> str:
    rule = ("---:" if number in numbers else "---" for number in range(len(columns)))
    lines = [tuple(_escaped(column) for column in columns), tuple(rule)]
    lines += [tuple(_escaped(cell) for cell in row) for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)
