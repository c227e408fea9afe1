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
from pathlib import Path

from ..project_base.errors import UserError
from ..project_base.optional import require
from ..project_base.rooms import PACKAGE_NAME
from .machine import physical_cores
from .settings import Settings

_LAUNCHED = "TRAINING_LAUNCHED_BY"
"""Holds the id of the process that started this one as one of several."""
_LOOPBACK = "127.0.0.1"
_TOLD = 2000


def is_main_process() -> bool:
    """Whether this process is the one that writes and prints: True without a launcher; torch is not loaded."""
    return int(os.environ.get("RANK") or 0) == 0


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
        UserError: Both settings are given, the file is missing, or there are more processes than GPUs.
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
    """Starts the processes on this machine by torch's launcher; they find each other on the loopback interface."""
    import logging  # noqa: PLC0415 -- needed with torch only

    import torch  # noqa: PLC0415 -- heavy
    from torch.distributed.elastic.multiprocessing import DefaultLogsSpecs, Std, start_processes  # noqa: PLC0415

    gpus = torch.cuda.device_count() if settings.device in ("auto", "cuda") else 0
    if gpus and settings.processes > gpus:
        raise UserError(
            f"training.processes is {settings.processes}, and there are {gpus} GPUs",
            f"set training.processes: {gpus} or fewer",
        )
    count = settings.processes
    shared = {
        _LAUNCHED: str(os.getpid()),
        "WORLD_SIZE": str(count),
        "LOCAL_WORLD_SIZE": str(count),
        "MASTER_ADDR": _LOOPBACK,
        "MASTER_PORT": str(_free_port()),
        "OMP_NUM_THREADS": os.environ.get("OMP_NUM_THREADS") or str(max(1, physical_cores() // count)),
        # gloo would otherwise take the interface that the machine's name leads to.
        "GLOO_SOCKET_IFNAME": {"Linux": "lo", "Darwin": "lo0"}.get(platform.system(), ""),
        "ACCELERATE_USE_CPU": "false" if gpus else "true",
    }
    # What a user can mend is printed by the main process itself.
    logging.getLogger("torch.distributed.elastic").setLevel(logging.CRITICAL)
    with tempfile.TemporaryDirectory(prefix="training-") as folder:
        quiet = {rank: Std.ALL if rank else Std.NONE for rank in range(count)}
        started = start_processes(
            name="training",
            entrypoint=sys.executable,
            args=dict.fromkeys(range(count), ("-m", PACKAGE_NAME, *arguments)),
            envs={rank: {**shared, "RANK": str(rank), "LOCAL_RANK": str(rank)} for rank in range(count)},
            logs_specs=DefaultLogsSpecs(log_dir=folder, redirects=quiet),
        )
        try:
            result = started.wait(period=0.2)
        finally:
            started.close()
        if result is None or not result.failures:
            return 0
        first = min(result.failures.values(), key=lambda failure: failure.timestamp)
        if first.local_rank:
            told = Path(started.stderrs[first.local_rank]).read_text("utf-8", "replace")
            sys.stderr.write(told[-_TOLD:])
        return first.exitcode if first.exitcode > 0 else 1


def _free_port() -> int:
    with socket.socket() as opened:
        opened.bind((_LOOPBACK, 0))
        return int(opened.getsockname()[1])
