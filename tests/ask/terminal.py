"""A terminal that a test looks at: the command runs in a pseudo-terminal, and its screen is what a person would see."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pexpect
import pyte

__all__ = ["CTRL_C", "DOWN", "ENTER", "ESCAPE", "F5", "UP", "Terminal"]

ROOT = Path(__file__).resolve().parent.parent.parent
UP, DOWN, ENTER, ESCAPE, CTRL_C, F5 = "\x1b[A", "\x1b[B", "\r", "\x1b", "\x03", "\x1b[15~"
BACKSPACE = "\x7f"
PATIENCE = 15
"""Seconds; far above what any step takes, for machines that do other work."""
FRAME = 0.05
"""Seconds without a byte after which a frame is painted."""


class Terminal:
    """`python -m advisor` in a pseudo-terminal of `rows` by `columns`."""

    def __init__(self, folder: Path, *words: str, rows: int = 24, columns: int = 80, term: str = "xterm-256color"):
        self._screen = pyte.HistoryScreen(columns, rows, history=1000)
        self._stream = pyte.Stream(self._screen)
        environment = {**os.environ, "TERM": term, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error"}
        for name in ("NO_COLOR", "COLUMNS", "LINES"):
            environment.pop(name, None)
        self.process: pexpect.spawn[str] = pexpect.spawn(
            sys.executable,
            ["-m", "advisor", *words],
            cwd=str(folder),
            env=environment,
            dimensions=(rows, columns),
            encoding="utf-8",
        )
        self.process.delaybeforesend = None
        self.raw = ""

    def press(self, *keys: str) -> None:
        """Sends keys, all at once."""
        self.process.send("".join(keys))

    def lines(self) -> list[str]:
        """What stands on the screen, without the blanks at the end of lines."""
        return [line.rstrip() for line in self._screen.display]

    def text(self) -> str:
        """What stands on the screen."""
        return "\n".join(self.lines())

    def everything(self) -> str:
        """What scrolled off the screen, then what stands on it."""
        above = ["".join(line[at].data for at in range(self._screen.columns)) for line in self._screen.history.top]
        return "\n".join([line.rstrip() for line in above] + self.lines())

    def chosen(self) -> str:
        """The code of the option with the mark."""
        return next((line.split()[2] for line in self.lines() if line.lstrip().startswith("▸")), "")

    def colour_of(self, words: str) -> str:
        """The colour in which these words stand on the screen."""
        row = next(number for number, line in enumerate(self.lines()) if words in line)
        return str(self._screen.buffer[row][self.lines()[row].index(words)].fg)

    def wait(self, *wanted: str, gone: str | None = None) -> str:
        """The screen, once all of the words stand on it and `gone` does not."""
        return self.wait_until(
            lambda: all(words in self.text() for words in wanted) and (gone is None or gone not in self.text()),
            f"{wanted} and not {gone!r}",
        )

    def wait_until(self, holds: Callable[[], bool], what: str) -> str:
        """The screen, once the condition holds."""
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end, f"waited in vain for {what} on:\n{self.text()}"
            assert self._read() or holds(), f"it ended before {what}:\n{self.text()}"
        self._take_in_the_frame()
        return self.text()

    def answer(self, *keys: str) -> str:
        """Sends keys that answer the question; the screen with the next one."""
        before = self.everything().count("✓")
        self.press(*keys)
        return self.wait_until(
            lambda: self.everything().count("✓") == before + 1 and "save and stop" in self.text(), "the next question"
        )

    def ended(self) -> int | None:
        """Waits for the end; the exit code."""
        end = time.monotonic() + PATIENCE
        while self._read():
            assert time.monotonic() < end, f"it does not end:\n{self.text()}"
        self.process.close()
        return self.process.exitstatus

    def _take_in_the_frame(self) -> None:
        """Takes in the rest of a frame, which comes in pieces: the words waited for may stand in the first."""
        taken = -1
        while taken < len(self.raw):
            taken = len(self.raw)
            self._read(FRAME)

    def _read(self, patience: float = 0.1) -> bool:
        """Takes in what was written; whether more may come."""
        try:
            written = self.process.read_nonblocking(65536, timeout=patience)
        except pexpect.TIMEOUT:
            return True
        except pexpect.EOF:
            return False
        self.raw += written
        self._stream.feed(written)
        if "\x1b[6n" in written:  # it asks where the cursor stands, as terminals are asked
            self.process.send(f"\x1b[{self._screen.cursor.y + 1};{self._screen.cursor.x + 1}R")
        return True
