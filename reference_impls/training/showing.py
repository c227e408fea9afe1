"""What a run shows while it goes on: a bar for each round, and lines in its log."""

import time

from ..labelled_data.rungs import Run
from ..project_base.progress import Advance, show
from .estimates import duration
from .position import Position
from .records import Log

_LOG_SECONDS = 1.0


class Showing:
    """Shows how a run goes on; the other processes show nothing."""

    def __init__(self, run: Run, position: Position, *, main: bool) -> None:
        self._run = run
        self._log = Log(run.folder, position.step) if main else None
        self._logged = time.monotonic()
        self._advance: Advance | None = None

    def open(self, at: float, items: int) -> None:
        """Opens the bar of a round where none is open.

        Args:
            at: Epochs so far.
            items: From here to the end of the round.
        """
        if self._advance is None:
            self._advance = self._run.progress(f"training from epoch {at:.3g}", items)

    def step(self, position: Position, items: int, left: float, at: float, rate: float) -> None:
        """Shows a step.

        Args:
            position: After the step.
            items: In the step.
            left: Items left at most, over all epochs.
            at: Epochs so far.
            rate: The learning rate of the step.
        """
        loss = position.loss / position.count if position.count else 0.0
        speed = position.seen / position.seconds if position.seconds else 0.0
        last = position.history[-1].validation if position.history else None
        validated = f", validation {last:.4f}" if last is not None else ""
        remaining = f", at most {duration(left / speed)} left" if speed else ""
        if self._advance:
            show(self._advance, f"loss {loss:.4f}{validated}, {speed:.0f} examples/s{remaining}")
            self._advance(items)
        if self._log and time.monotonic() - self._logged > _LOG_SECONDS:
            self._logged = time.monotonic()
            self._add(position, at, loss, rate, None)

    def round(self, position: Position) -> None:
        """Shows the end of a round."""
        self._advance = None
        done = position.history[-1]
        if self._log:
            self._add(position, done.epoch, done.loss, done.learning_rate, done.validation)

    def _add(self, position: Position, at: float, loss: float, rate: float, validation: float | None) -> None:
        if self._log:
            self._log.add(
                step=position.step,
                epoch=round(at, 4),
                loss=loss,
                learning_rate=rate,
                validation=validation,
                examples_per_second=round(position.seen / position.seconds, 2) if position.seconds else None,
                seconds=round(position.seconds + position.validation_seconds, 3),
            )
