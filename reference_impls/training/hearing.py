"""What the main one of several processes says, passed on to whoever watches the run."""

import json
import queue

from ..labelled_data.rungs import Run
from ..project_base.progress import Advance, show, silent


def heard(lines: "queue.SimpleQueue[bytes]", hearing: "Hearing", seconds: float) -> None:
    """Passes on what has come, and what comes within so many seconds of the one before."""
    try:
        while True:
            hearing.line(lines.get(timeout=seconds) if seconds else lines.get_nowait())
    except queue.Empty:
        return


class Hearing:
    """Passes what the main worker says on to whoever watches the run."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._advance: Advance = silent("", 0)

    def line(self, line: bytes) -> None:
        """One message, as `worker.Speaking` writes it."""
        kind, *values = json.loads(line)
        if kind == "tell":
            self._run.tell(values[0])
        elif kind == "stage":
            self._advance = self._run.progress(values[0], values[1])
        elif kind == "show":
            show(self._advance, values[0])
        else:
            self._advance(values[0])
