"""Asks a person for the wanted outputs that are missing; everything said is kept at once."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from ...project_base.files import write_text
from ...project_base.terminal import printable
from .base import Item
from .making import as_lines

ReadLine = Callable[[], str]
"""Waits for a line and gives it without its end; at the end of the input it gives `:q`."""

LEAVE = ":q"


def fill(
    items: Sequence[Item],
    path: Path,
    labels: Mapping[str, str],
    read_line: ReadLine,
    write: Callable[[str], object],
) -> int:
    """Goes through the items without an output.

    Args:
        items: All of them.
        path: Where they stand; the file is replaced after each answer.
        labels: What may be answered, by number or by name; empty takes any text.
        read_line: Gives the next line.
        write: Prints text, without a line end of its own.

    Returns:
        How many items are still without an output.
    """
    done = list(items)
    names = list(labels)
    choices = ", ".join(f"{number} {name}" for number, name in enumerate(names, start=1))
    for place, item in enumerate(done):
        if item.complete:
            continue
        write(
            f"\n{printable(item.input)}\n{choices + chr(10) if choices else ''}wanted (empty skips, {LEAVE} leaves): "
        )
        answer = _answer(read_line, names, write)
        if answer == LEAVE:
            break
        if answer:
            done[place] = replace(item, output=answer)
            write_text(path, as_lines(done))
    return sum(not item.complete for item in done)


def _answer(read_line: ReadLine, names: Sequence[str], write: Callable[[str], object]) -> str:
    while True:
        given = read_line().strip()
        if not given or given == LEAVE or not names or given in names:
            return given
        if given.isdecimal() and 1 <= int(given) <= len(names):
            return names[int(given) - 1]
        write(f"one of 1 to {len(names)}, or a label: ")
