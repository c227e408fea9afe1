"""How long work tells whoever watches how far it has come."""

from collections.abc import Callable
from typing import Protocol, runtime_checkable

Advance = Callable[[int], object]
Progress = Callable[[str, int], Advance]
"""Opens one stage of a progress report: its label and its number of steps; returns what to call for each step done."""


@runtime_checkable
class Showing(Protocol):
    """What an `Advance` may do as well: show beside the bar how things stand."""

    def show(self, text: str) -> object:
        """Shows a few words in place of the former ones."""
        ...


def show(advance: Advance, text: str) -> None:
    """Shows how things stand, where the stage can."""
    if isinstance(advance, Showing):
        advance.show(text)


def silent(_label: str, _steps: int) -> Advance:
    """The progress report of a run that nobody watches."""
    return lambda _: None
