"""Progress as bars in a terminal."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from typing import Any

import click

from .progress import Advance, Progress


class _Bar:
    """One bar; what is shown stands at its right."""

    def __init__(self, bar: Any) -> None:
        self._bar = bar

    def __call__(self, steps: int) -> None:
        self._bar.update(steps)

    def show(self, text: str) -> None:
        # click shows it with the next step.
        self._bar.current_item = text


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """One bar after another on standard error, where that is a terminal."""
    with ExitStack() as bars:

        def stage(label: str, steps: int) -> Advance:
            if not sys.stderr.isatty():
                return lambda _: None
            # A bar ends its line when it is closed; the stages follow one another.
            bars.close()
            bar: Any = click.progressbar(
                length=steps, label=label, file=sys.stderr, item_show_func=lambda shown: str(shown or "")
            )
            return _Bar(bars.enter_context(bar))

        yield stage
