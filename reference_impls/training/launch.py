"""Has a training made by several processes, here or on several machines, and hears from them how it goes on.

The command itself stays one process. It starts workers (`worker.py`), which make the same training from a description
of it, share each step, and leave the finished run in its folder; from there the command takes it, as it takes a run
that was interrupted. All else is done once, by the command. The workers of other machines are started by `join` there.
"""

import socket
from collections.abc import Callable

from pydantic import JsonValue

from ..labelled_data.rungs import Run
from ..project_base.progress import Progress
from .meeting import met
from .settings import Settings
from .workers import Team, work

Entry = Callable[[JsonValue, Progress, Callable[[str], object]], object]
"""Makes a training from its description, in a worker: given that, the bars and who hears what is told.

A function `make` at the top of a module, so that its name says where it is.
"""

_LOOPBACK = "127.0.0.1"


def launch(settings: Settings, entry: Entry, job: JsonValue, run: Run) -> None:
    """Has a training made by the processes that the settings ask for, and waits for them.

    Args:
        settings: `processes` on each of the `machines`, which meet at `meet_at`.
        entry: Makes the training in each of them; in `loop.train` they share the work, and that of rank 0 writes into
            `run.folder`.
        job: What it is given.
        run: Who watches.

    Raises:
        UserError: What one of them met, or it was killed.
        RuntimeError: One of them failed by a fault of the program.
    """
    described: dict[str, JsonValue] = {"module": entry.__module__, "function": entry.__qualname__, "job": job}
    if settings.machines > 1:
        with met(settings, described, run.tell) as team:
            work(described, team, run)
    else:
        work(described, Team(_LOOPBACK, _free_port(), settings.processes, settings.processes), run)


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind((_LOOPBACK, 0))
        return int(opened.getsockname()[1])
