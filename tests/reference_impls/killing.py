"""Work in a process that can be killed at any moment: what the tests of durability share.

A worker module ends with `serve(work)`. It reads one job a line on standard input, forks, lets the child do the real
work, kills it if the job says so, and prints what became of it. Forking after the imports makes the moments of the
kills cover the work alone. A test starts such a worker by `worker_of("registry_worker")`.
"""

from __future__ import annotations

import json
import os
import resource
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from reference_impls.project_base.errors import UserError, system_error

ROOT = Path(__file__).resolve().parents[2]
NOBODY = 65534

Done = Callable[[], None]
Work = Callable[[dict[str, Any], Done], "dict[str, Any] | None"]
"""Does a job, calls `done` after each of its steps, and gives what is told of it."""
Job = Callable[..., dict[str, Any]]


@contextmanager
def worker_of(module: str) -> Iterator[Job]:
    """`job(folder, kill_after_s=.1)`: has the worker do a job; gives its outcome, steps, seconds and what it told.

    Jobs know `kill_after_s`, `kill_at_event` (the n-th time that the interpreter touches the folder), `largest_file`
    and `as_nobody`; all else is for the work.
    """
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    process = subprocess.Popen(
        [sys.executable, "-W", "error", "-m", f"tests.reference_impls.{module}"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=ROOT,
        env=environment,
    )
    assert process.stdin is not None
    assert process.stdout is not None

    def run(folder: Path, **job: object) -> dict[str, Any]:
        print(json.dumps({"folder": str(folder), **job}), file=process.stdin, flush=True)
        told: dict[str, Any] = json.loads(process.stdout.readline())  # type: ignore[union-attr]
        return told

    yield run
    process.stdin.close()
    process.wait(timeout=60)
    process.stdout.close()


def serve(work: Work, watched: str = "") -> None:
    """Does jobs until standard input ends.

    Args:
        work: What a job is.
        watched: The folder within that of the job whose touches `kill_at_event` counts; empty for all of it.
    """
    for line in sys.stdin:
        print(json.dumps(_run(work, json.loads(line), watched)), flush=True)


def _run(work: Work, job: dict[str, Any], watched: str) -> dict[str, Any]:
    reading, writing = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        _child(work, job, watched, writing)
    os.close(writing)
    if "kill_after_s" in job:
        time.sleep(job["kill_after_s"])
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        *steps, last = pipe.read().split(b"\n")
    os.waitpid(child, 0)
    told = json.loads(last or b'{"outcome": "killed"}')
    return {**told, "steps": len(steps), "seconds": time.perf_counter() - started}


def _child(work: Work, job: dict[str, Any], watched: str, report: int) -> None:
    def done() -> None:
        os.write(report, b"\n")

    try:
        _restrict(job, watched)
        told = {"outcome": "done", **(work(job, done) or {})}
    except UserError as error:
        told = {"outcome": "UserError", "message": error.message, "next": error.next_step}
    except OSError as error:
        known = system_error(error)
        told = {"outcome": "OSError", "message": known.message, "next": known.next_step}
    except BaseException as error:
        told = {"outcome": type(error).__name__, "message": str(error)}
    os.write(report, json.dumps(told).encode())
    os._exit(0)


def _restrict(job: dict[str, Any], watched: str) -> None:
    if "largest_file" in job:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["largest_file"], job["largest_file"]))
    if job.get("as_nobody"):
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if job.get("kill_at_event"):
        _kill_at_event(job["kill_at_event"], str(Path(job["folder"]) / watched))


def _kill_at_event(count: int, folder: str) -> None:
    """Dies right before the n-th time that the interpreter touches the folder."""
    left = count
    # A tree is removed by names within open folders, which do not begin with the path.
    within = {"os.remove", "os.rmdir"}

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal left
        if event in within or any(
            isinstance(each, str | os.PathLike) and os.fspath(each).startswith(folder) for each in arguments
        ):
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    sys.addaudithook(hook)
