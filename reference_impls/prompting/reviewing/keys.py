"""Single keys from a terminal, and lines where there is none."""

import os
import sys
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import click

ReadKey = Callable[[], str]
"""Waits for a key and gives it in lower case; at the end of the input it gives `q`."""

QUIT = "q"
_ESCAPE = b"\x1b"
_AT_ONCE = 64


@contextmanager
def key_reader() -> Iterator[ReadKey]:
    """Reads keys without Enter from a terminal; elsewhere the first letter of each line.

    The terminal is as it was when the block ends.
    """
    if not sys.stdin.isatty():
        yield _from_lines
        return
    try:
        import termios  # noqa: PLC0415 -- Windows has none
        import tty  # noqa: PLC0415 -- likewise
    except ImportError:
        yield _from_getchar
        return
    descriptor = sys.stdin.fileno()
    before = termios.tcgetattr(descriptor)
    # Once for the whole review, and now: changing it at each key would throw away what is typed ahead.
    tty.setcbreak(descriptor, termios.TCSANOW)
    typed: deque[str] = deque()
    try:
        yield lambda: _from_terminal(descriptor, typed)
    finally:
        termios.tcsetattr(descriptor, termios.TCSADRAIN, before)


def _from_terminal(descriptor: int, typed: deque[str]) -> str:
    while not typed:
        try:
            given = os.read(descriptor, _AT_ONCE)
        except KeyboardInterrupt:
            # What was said is on disk: leaving in the middle is nothing special.
            return QUIT
        if not given:
            return QUIT
        # The letters within the sequence of an arrow key are no keys that somebody pressed.
        typed.extend("?" if given.startswith(_ESCAPE) else given.decode("utf-8", "replace").lower())
    return typed.popleft()


def _from_getchar() -> str:
    try:
        return click.getchar().lower()
    except (EOFError, KeyboardInterrupt):
        return QUIT


def _from_lines() -> str:
    while line := sys.stdin.readline():
        if line.strip():
            return line.strip()[0].lower()
    return QUIT
