"""Has a training made by several processes on this machine, and hears from them how it goes on.

The command itself stays one process. It starts workers (`worker.py`), which make the same training from a description
of it, share each step, and leave the finished run in its folder; from there the command takes it, as it takes a run
that was interrupted. All else is done once, by the command.
"""

import json
import os
import platform
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pydantic import JsonValue

from ..labelled_data.rungs import Run
from ..project_base.errors import UserError
from ..project_base.files import write_text
from ..project_base.progress import Advance, Progress, show, silent
from ..project_base.rooms import PACKAGE_NAME
from .machine import physical_cores
from .settings import Settings

Entry = Callable[[JsonValue, Progress, Callable[[str], object]], object]
"""Makes a training from its description, in a worker: given that, the bars and who hears what is told.

A function at the top of a module, so that its name says where it is.
"""

JOB = "job.json"
FAILURE = "failure-{rank}.json"
"""What ended a worker: `message`, `next_step`, and `gone` where it only found another one gone."""
_LAUNCHED = "TRAINING_LAUNCHED_BY"
"""Holds the id of the process that started this one as one of several."""
_LOOPBACK = "127.0.0.1"
_TOLD = 2000
_POLL_SECONDS = 0.05
_GRACE_SECONDS = 5.0
_KILL_SECONDS = 20.0


class Gone(UserError):
    """Another of the processes that share a training is gone; that one's own error is the cause."""


def is_worker() -> bool:
    """Whether this process is one of several that share a training."""
    return bool(os.environ.get(_LAUNCHED))


def is_main_process() -> bool:
    """Whether this process is the one that validates, tells and writes; torch is not loaded."""
    return not is_worker() or os.environ.get("RANK", "0") == "0"


def launch(settings: Settings, entry: Entry, job: JsonValue, run: Run) -> None:
    """Has a training made by the processes that the settings ask for, and waits for them.

    Args:
        settings: `processes`.
        entry: Makes the training in each of them; in `loop.train` they share the work, and write into `run.folder`.
        job: What it is given.
        run: Who watches.

    Raises:
        UserError: What one of them met, or it was killed.
        RuntimeError: One of them failed by a fault of the program.
    """
    with tempfile.TemporaryDirectory(prefix="training-") as name:
        folder = Path(name)
        # Only this user may read it, as the folder's own mode has it.
        described = {"module": entry.__module__, "function": entry.__qualname__, "job": job}
        write_text(folder / JOB, json.dumps(described))
        with _started(folder, settings.processes) as workers:
            _wait(workers, _Hearing(run))
            failed = [rank for rank, worker in enumerate(workers) if worker.returncode]
        if failed:
            raise _failure(folder, workers, failed)


@contextmanager
def _started(folder: Path, count: int) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """The workers, which find each other on the loopback interface; none of them outlasts the context.

    They are told by the variables that torch.distributed documents for its method env://. Its own launcher ends every
    failure, one of the user's too, in a traceback.
    """
    package = str(Path(__file__).parents[2])
    shared = {
        **os.environ,
        _LAUNCHED: str(os.getpid()),
        "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", "")))),
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": _LOOPBACK,
        "MASTER_PORT": str(_free_port()),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS") or str(max(1, physical_cores() // count)),
    }
    if interface := {"Linux": "lo", "Darwin": "lo0"}.get(platform.system()):
        # gloo would otherwise take the interface that the machine's name leads to.
        shared["GLOO_SOCKET_IFNAME"] = interface
    command = [sys.executable, "-m", f"{PACKAGE_NAME}.{Path(__file__).parent.name}.worker", str(folder)]
    workers: list[subprocess.Popen[bytes]] = []
    try:
        for rank in range(count):
            environment = {**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)}
            out = subprocess.DEVNULL if rank else subprocess.PIPE
            with _said(folder, rank).open("wb") as said:
                workers.append(subprocess.Popen(command, env=environment, stdout=out, stderr=said))
        yield workers
    finally:
        _end(workers)


def _wait(workers: Sequence["subprocess.Popen[bytes]"], hearing: "_Hearing") -> None:
    """Waits until all have ended; where one fails the others get a moment to find out, and are ended then."""
    lines: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    told = workers[0].stdout
    assert told is not None  # noqa: S101 -- it is a pipe

    def read() -> None:
        for line in told:
            lines.put(line)

    reading = threading.Thread(target=read, daemon=True)
    reading.start()
    deadline: float | None = None
    # Whoever watches is told by this thread alone.
    while any(worker.poll() is None for worker in workers):
        _heard(lines, hearing, _POLL_SECONDS)
        if deadline is None and any(worker.poll() for worker in workers):
            deadline = time.monotonic() + _GRACE_SECONDS
        if deadline is not None and time.monotonic() > deadline:
            _end(workers)
    reading.join()
    _heard(lines, hearing, 0.0)
    told.close()


def _heard(lines: "queue.SimpleQueue[bytes]", hearing: "_Hearing", seconds: float) -> None:
    try:
        while True:
            hearing.line(lines.get(timeout=seconds) if seconds else lines.get_nowait())
    except queue.Empty:
        return


class _Hearing:
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


def _failure(folder: Path, workers: Sequence["subprocess.Popen[bytes]"], failed: Sequence[int]) -> Exception:
    """The error of the worker that failed by itself, and not since another one had."""
    told = {rank: _read_failure(folder, rank) for rank in failed}
    for found in told.values():
        if found and not found["gone"]:
            return UserError(str(found["message"]), str(found["next_step"]))
    silent_ones = [rank for rank in failed if not told[rank]]
    # A worker that was ended here is no cause.
    killed = [rank for rank in silent_ones if workers[rank].returncode not in {1, -signal.SIGTERM}]
    if killed:
        return UserError(
            f"one of {len(workers)} training processes was killed (exit code {workers[killed[0]].returncode}), most "
            "likely since memory did not suffice",
            "run the command again, it goes on from the last checkpoint; with fewer training.processes if it happens "
            "again",
        )
    said = _said(folder, silent_ones[0] if silent_ones else failed[0]).read_text("utf-8", "replace").strip()
    return RuntimeError(f"a training process failed: {said[-_TOLD:]}")


def _read_failure(folder: Path, rank: int) -> dict[str, object] | None:
    path = folder / FAILURE.format(rank=rank)
    found: dict[str, object] | None = json.loads(path.read_text("utf-8")) if path.is_file() else None
    return found


def follow_launcher() -> None:
    """Ends this process when the one that launched it is gone, so that a killed training leaves none behind."""
    launcher = int(os.environ[_LAUNCHED])
    threading.Thread(target=_end_without, args=(launcher,), daemon=True).start()


def _end_without(launcher: int) -> None:
    while os.getppid() == launcher:
        time.sleep(0.5)
    os._exit(1)


def _said(folder: Path, rank: int) -> Path:
    return folder / f"said-{rank}.txt"


def _end(workers: Sequence["subprocess.Popen[bytes]"]) -> None:
    for worker in workers:
        if worker.poll() is None:
            worker.terminate()
    for worker in workers:
        try:
            worker.wait(timeout=_KILL_SECONDS)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind((_LOOPBACK, 0))
        return int(opened.getsockname()[1])
