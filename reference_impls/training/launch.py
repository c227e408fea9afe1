"""Starts the project's own command again in several processes, where the settings ask for it."""

import os
import platform
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from ..project_base.errors import UserError
from ..project_base.optional import require
from ..project_base.rooms import PACKAGE_NAME
from .machine import physical_cores
from .settings import Settings

_LAUNCHED = "TRAINING_LAUNCHED_BY"
"""Holds the id of the process that started this one as one of several."""
_RANKS = ("RANK", "PMI_RANK", "OMPI_COMM_WORLD_RANK", "MV2_COMM_WORLD_RANK")
"""Where a launcher puts the number of a process; the last three are those of MPI."""
_LOOPBACK = "127.0.0.1"
_SAID = "TRAINING_SAID_IN"
"""Holds the folder of what the processes beside the main one say."""
_TOLD = 2000
_POLL_SECONDS = 0.05
_GRACE_SECONDS = 3.0
_KILL_SECONDS = 20.0


def is_main_process() -> bool:
    """Whether this process is the one that writes and prints: True without a launcher; torch is not loaded."""
    return int(next((os.environ[name] for name in _RANKS if os.environ.get(name)), 0)) == 0


def relaunch(settings: Settings, arguments: Sequence[str]) -> int | None:
    """Runs a command of this project again, in the processes that the settings ask for, and waits for them.

    Each of them runs the whole command; in `loop.train` they share the work, and everywhere else only the one for
    which `is_main_process` holds may write or print.

    Args:
        settings: `processes` on this machine, or an `accelerate_config`.
        arguments: The command and its options, as they were given.

    Returns:
        The exit code; None where there is nothing to launch, since one process is enough or this is one of several.

    Raises:
        UserError: Both settings are given, or the file is missing.
    """
    if os.environ.get(_LAUNCHED) or (settings.processes == 1 and not settings.accelerate_config):
        return None
    if settings.accelerate_config:
        return _by_accelerate(settings, arguments)
    return _here(settings, arguments)


def follow_launcher() -> None:
    """Ends this process when the one that launched it is gone, so that a killed training leaves none behind."""
    launcher = os.environ.get(_LAUNCHED, "")
    if launcher.isdigit() and os.getppid() == int(launcher):
        threading.Thread(target=_end_without, args=(int(launcher),), daemon=True).start()


def _end_without(launcher: int) -> None:
    while os.getppid() == launcher:
        time.sleep(0.5)
    os._exit(1)


def _by_accelerate(settings: Settings, arguments: Sequence[str]) -> int:
    require("accelerate", "accelerate>=1.0")
    if settings.processes > 1:
        raise UserError(
            "training.processes and training.accelerate_config are both set",
            "set training.processes: 1; the file of accelerate says how many processes there are",
        )
    if not Path(settings.accelerate_config).is_file():
        raise UserError(
            f"training.accelerate_config: there is no file {settings.accelerate_config}",
            f"make it: accelerate config --config_file {settings.accelerate_config}",
        )
    command = [sys.executable, "-m", "accelerate.commands.launch", "--config_file", settings.accelerate_config]
    environment = {**os.environ, _LAUNCHED: "accelerate"}
    return subprocess.run([*command, "-m", PACKAGE_NAME, *arguments], env=environment, check=False).returncode


def _here(settings: Settings, arguments: Sequence[str]) -> int:
    """Starts the processes on this machine; they find each other on the loopback interface.

    They are told by the variables that torch.distributed documents for its method env://. Its own launcher ends every
    failure, one of the user's too, in a traceback.
    """
    count = settings.processes
    shared = {
        **os.environ,
        _LAUNCHED: str(os.getpid()),
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": _LOOPBACK,
        "MASTER_PORT": str(_free_port()),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS") or str(max(1, physical_cores() // count)),
    }
    if interface := {"Linux": "lo", "Darwin": "lo0"}.get(platform.system()):
        # gloo would otherwise take the interface that the machine's name leads to.
        shared["GLOO_SOCKET_IFNAME"] = interface
    command = [sys.executable, "-m", PACKAGE_NAME, *arguments]
    with tempfile.TemporaryDirectory(prefix="training-") as folder, ExitStack() as opened:
        # What others than the main process say is shown only if it is the reason for the end.
        said = [opened.enter_context(_said(Path(folder), rank).open("wb")) for rank in range(count)]
        started: list[subprocess.Popen[bytes]] = []
        opened.callback(_end, started)
        for rank in range(count):
            environment = {**shared, _SAID: folder, "RANK": str(rank), "LOCAL_RANK": str(rank)}
            out, error = (subprocess.DEVNULL, said[rank]) if rank else (None, None)
            started.append(subprocess.Popen(command, env=environment, stdout=out, stderr=error))
        first = _first_failed(started)
        if first is None:
            return 0
        # The main process meets the same failure, or finds the other one gone and tells what that said.
        own = first == 0 or _ends_by_itself(started[0])
        _end(started)
        if not own:
            sys.stderr.write(_said(Path(folder), first).read_text("utf-8", "replace")[-_TOLD:])
        code = started[0 if own else first].returncode
        return code if code > 0 else 1


def said_by_others() -> str:
    """The last words of the other processes that were launched here: why one of them is gone."""
    folder = os.environ.get(_SAID)
    texts = [path.read_text("utf-8", "replace").strip() for path in sorted(Path(folder).iterdir())] if folder else []
    return " ".join(text[-_TOLD:] for text in texts if text)


def _said(folder: Path, rank: int) -> Path:
    return folder / f"{rank:04d}.txt"


def _ends_by_itself(process: "subprocess.Popen[bytes]") -> bool:
    try:
        return process.wait(timeout=_GRACE_SECONDS) != 0
    except subprocess.TimeoutExpired:
        return False


def _first_failed(started: Sequence["subprocess.Popen[bytes]"]) -> int | None:
    """Waits for the processes; the first of them that fails, or None."""
    while any(process.poll() is None for process in started):
        failed = [rank for rank, process in enumerate(started) if process.poll()]
        if failed:
            return failed[0]
        time.sleep(_POLL_SECONDS)
    return next((rank for rank, process in enumerate(started) if process.returncode), None)


def _end(started: Sequence["subprocess.Popen[bytes]"]) -> None:
    for process in started:
        if process.poll() is None:
            process.terminate()
    for process in started:
        try:
            process.wait(timeout=_KILL_SECONDS)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind((_LOOPBACK, 0))
        return int(opened.getsockname()[1])
