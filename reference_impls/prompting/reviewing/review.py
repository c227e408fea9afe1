"""Shows one output after another and keeps what a person says of it."""

import shutil
import textwrap
from collections.abc import Callable
from typing import Final

from ...project_base.terminal import printable
from ..measuring.trial import Row
from .heaps import Verdict, Verdicts
from .keys import QUIT, ReadKey

_KEYS: Final[dict[str, Verdict]] = {
    "k": "did_not_know",
    "b": "behaved_wrongly",
    "g": "good",
    "w": "item_is_wrong",
}
HELP = (
    "k  it did not know: a fact is missing or outdated\n"
    "b  it behaved wrongly: it had what it needed, and form, manner or judgement is off\n"
    "g  good enough: whatever was wanted, an expert would accept this\n"
    "w  the item is wrong: what is wanted there is no right answer\n"
    "s  skip, i  the whole input, u  undo the last one, q  leave; everything said is kept"
)
_PROMPT = "k/b/g/w, s skip, i input, u undo, q leave, ? help: "
_MOST_LINES = 12


def review(verdicts: Verdicts, read_key: ReadKey, write: Callable[[str], object]) -> int:
    """Goes through what is open.

    Args:
        verdicts: Of the result; each is kept as soon as its key is pressed.
        read_key: Gives the next key.
        write: Prints text, without a line end of its own.

    Returns:
        How many outputs are still open.
    """
    waiting = verdicts.open_rows()
    said: list[Row] = []
    place = 0
    write(f"{len(waiting)} outputs to look at.\n{HELP}\n")
    while place < len(waiting):
        row = waiting[place]
        write(_shown(row, place + 1, len(waiting)))
        step = _decide(row, verdicts, read_key, write)
        if step == QUIT:
            break
        if step == "undo":
            if not said:
                write("there is nothing to undo\n")
                continue
            last = said.pop()
            verdicts.say(last.id, None)
            place = waiting.index(last)
            continue
        if step == "said":
            said.append(row)
        place += 1
    return len(verdicts.open_rows())


def _decide(row: Row, verdicts: Verdicts, read_key: ReadKey, write: Callable[[str], object]) -> str:
    while True:
        write(_PROMPT)
        key = read_key()
        write(f"{key if key.isprintable() else '?'}\n")
        if key in _KEYS:
            verdicts.say(row.id, _KEYS[key])
            return "said"
        match key:
            case "s":
                return "skip"
            case "u":
                return "undo"
            case "q" | "\x04" | "\x03":
                return QUIT
            case "i":
                write(printable(row.input) + "\n")
            case _:
                write(f"{HELP}\n")


def _shown(row: Row, number: int, total: int) -> str:
    why = row.refused or "; ".join(row.problems) or ", ".join(row.wrong_fields)
    parts = [f"\n--- {number} of {total}: {row.id}", *_block("input ", row.input), *_block("wanted", row.wanted)]
    parts += _block("got   ", row.output or "(nothing)")
    if why:
        parts += _block("why   ", why)
    return printable("\n".join(parts) + "\n")


def _block(name: str, text: str) -> list[str]:
    width = max(40, min(shutil.get_terminal_size().columns, 110))
    lines = [
        line for part in text.splitlines() for line in textwrap.wrap(part, width - len(name) - 2, tabsize=4) or [""]
    ]
    if len(lines) > _MOST_LINES:
        lines = [*lines[:_MOST_LINES], "... (i shows the whole input)" if name.startswith("input") else "..."]
    return [f"{name if not place else ' ' * len(name)}  {line}" for place, line in enumerate(lines or [""])]
