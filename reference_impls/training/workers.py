"""The processes of this machine that share a training: started, heard, and ended together."""

import json
import os
import queue
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from pydantic import JsonValue

from ..labelled_data.rungs import Run
from ..project_base.errors import UserError
from ..project_base.files import write_text
from ..project_base.optional import require
from ..project_base.rooms import PACKAGE_NAME
from .hearing import Hearing, heard
from .machine import physical_cores

JOB = "job.json"
FAILURE = "failure-{place}.json"
"""What ended a worker: `message`, `next_step`, and `gone` where it only found another one gone."""
_LAUNCHED = "TRAINING_LAUNCHED_BY"
"""Holds the id of the process that started this one as one of several."""
_LEFT_AS_SET = ("GLOO_SOCKET_IFNAME", "NCCL_SOCKET_IFNAME")
_TOLD = 2000
_POLL_SECONDS = 0.05
_GRACE_SECONDS = 5.0
_KILL_SECONDS = 20.0


class Gone(UserError):
    """Another of the processes that share a training is gone; that one's own error is the cause."""


@dataclass(frozen=True)
class Team:
    """Where the processes of this machine stand among all that share a training.

    Attributes:
        host: Address of the machine of rank 0.
        port: On which the process of rank 0 waits for the others.
        count: All processes.
        here: Those of this machine.
        first: The rank of the first of them.
    """

    host: str
    port: int
    count: int
    here: int
    first: int = 0

    def environment(self) -> dict[str, str]:
        """The variables that torch.distributed documents for its method env://, but for the rank."""
        told = {
            "WORLD_SIZE": str(self.count),
            "LOCAL_WORLD_SIZE": str(self.here),
            "MASTER_ADDR": self.host,
            "MASTER_PORT": str(self.port),
        }
        if interface := _interface_to(self.host, self.port):
            # Both would otherwise take the interface that the machine's name leads to.
            told |= {"GLOO_SOCKET_IFNAME": interface, "NCCL_SOCKET_IFNAME": interface}
        return told


def is_worker() -> bool:
    """Whether this process is one of several that share a training."""
    return bool(os.environ.get(_LAUNCHED))


def is_main_process() -> bool:
    """Whether this process is the one that validates, tells and writes; torch is not loaded."""
    return not is_worker() or os.environ.get("RANK", "0") == "0"


def work(described: Mapping[str, JsonValue], team: Team, run: Run) -> None:
    """Has the processes of this machine do their share of a training, and waits for them.

    Args:
        described: `module` and `function` of what makes the training in each of them, and its `job`.
        team: Where they stand.
        run: Who watches.

    Raises:
        Gone: All that they met is that a process of another machine is gone.
        UserError: What one of them met, or it was killed.
        RuntimeError: One of them failed by a fault of the program.
    """
    with tempfile.TemporaryDirectory(prefix="training-") as name:
        folder = Path(name)
        # Only this user may read it, as the folder's own mode has it.
        write_text(folder / JOB, json.dumps(described))
        with _started(folder, team) as workers:
            _wait(workers, Hearing(run))
            failed = [place for place, worker in enumerate(workers) if worker.returncode]
        if failed:
            raise _failure(folder, workers, failed)


@contextmanager
def _started(folder: Path, team: Team) -> Iterator[list["subprocess.Popen[bytes]"]]:
    """The workers, which find each other by what they are told; none of them outlasts the context.

    The launcher of torch.distributed would end every failure, one of the user's too, in a traceback.
    """
    package = str(Path(__file__).parents[2])
    shared = {
        **os.environ,
        _LAUNCHED: str(os.getpid()),
        "PYTHONPATH": os.pathsep.join(filter(None, (package, os.environ.get("PYTHONPATH", "")))),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS") or str(max(1, physical_cores() // team.here)),
        **team.environment(),
        **{name: os.environ[name] for name in _LEFT_AS_SET if os.environ.get(name)},
    }
    command = [sys.executable, "-m", f"{PACKAGE_NAME}.{Path(__file__).parent.name}.worker", str(folder)]
    workers: list[subprocess.Popen[bytes]] = []
    try:
        for place in range(team.here):
            environment = {**shared, "RANK": str(team.first + place), "LOCAL_RANK": str(place)}
            # The first says how it goes on, or nothing where the main process works on another machine.
            out = subprocess.DEVNULL if place else subprocess.PIPE
            with _said(folder, place).open("wb") as said:
                workers.append(subprocess.Popen(command, env=environment, stdout=out, stderr=said))
        yield workers
    finally:
        _end(workers)


def _wait(workers: Sequence["subprocess.Popen[bytes]"], hearing: Hearing) -> None:
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
        heard(lines, hearing, _POLL_SECONDS)
        if deadline is None and any(worker.poll() for worker in workers):
            deadline = time.monotonic() + _GRACE_SECONDS
        if deadline is not None and time.monotonic() > deadline:
            _end(workers)
    reading.join()
    heard(lines, hearing, 0.0)
    told.close()


def _failure(folder: Path, workers: Sequence["subprocess.Popen[bytes]"], failed: Sequence[int]) -> Exception:
    """The error of the worker that failed by itself, and not since another one had."""
    told = {place: _read_failure(folder, place) for place in failed}
    for found in told.values():
        if found and not found["gone"]:
            return UserError(str(found["message"]), str(found["next_step"]))
    silent_ones = [place for place in failed if not told[place]]
    if not silent_ones:
        return Gone("another process of this training is gone", "run the command again")
    # A worker that was ended here is no cause.
    killed = [place for place in silent_ones if workers[place].returncode not in {1, -signal.SIGTERM}]
    if killed:
        return UserError(
            f"one of {len(workers)} training processes was killed (exit code {workers[killed[0]].returncode}), most "
            "likely since memory did not suffice",
            "run the command again, it goes on from the last checkpoint; with fewer training.processes if it happens "
            "again",
        )
    said = _said(folder, silent_ones[0] if silent_ones else failed[0]).read_text("utf-8", "replace").strip()
    return RuntimeError(f"a training process failed: {said[-_TOLD:]}")


def _read_failure(folder: Path, place: int) -> dict[str, object] | None:
    path = folder / FAILURE.format(place=place)
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


def _said(folder: Path, place: int) -> Path:
    return folder / f"said-{place}.txt"


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


def _interface_to(host: str, port: int) -> str | None:
    """The network interface that leads to a machine, where the system tells."""
    try:
        # Nothing is sent: the system only chooses the way.
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as way:
            way.connect((host, port))
            own = way.getsockname()[0]
    except OSError:
        return None
    known = require("psutil", "psutil").net_if_addrs()
    return next((name for name, found in known.items() if own in {each.address for each in found}), None)
