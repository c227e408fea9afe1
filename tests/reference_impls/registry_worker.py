"""Works on a registry in a process that can be killed; run as a program by `test_registry_durability`.

Reads one job a line on standard input, forks, lets the child do the real work, kills it if the job says so, and prints
what became of it and how many steps were reported as done before.
"""

import json
import os
import resource
import signal
import sys
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

from reference_impls.project_base.errors import UserError, system_error
from reference_impls.registry.model_folder import ModelFolder, write_model
from reference_impls.registry.registry import Registry

NOBODY = 65534
KEEP = 3
SIZE = 200_000


def model(folder: Path, name: str) -> ModelFolder:
    def write(target: Path) -> None:
        (target / "weights.bin").write_bytes(name.encode() * (SIZE // len(name)))
        (target / "words").mkdir()
        (target / "words" / "vocabulary.txt").write_text(name)

    return write_model(folder / "runs" / name, "lora", {"name": name}, write)


def steps(folder: Path, rounds: int) -> Iterator[Callable[[], object]]:
    """What a long life of a registry consists of; each step ends with a whole registry."""
    registry = Registry(folder / "models", keep=KEEP)

    def add(name: str, move: bool) -> None:
        registry.add(model(folder, name), {"name": name}, move=move)

    def promote() -> None:
        registry.promote(registry.versions()[-1].id, "newest")

    for number in range(rounds):
        yield partial(add, f"round{number}", False)
        yield promote
        yield partial(add, f"round{number}moved", True)
        yield promote
        yield partial(registry.rollback, "not as good as it looked")


def _work(job: dict[str, Any], done: Callable[[], None]) -> None:
    folder = Path(job["folder"])
    if "largest_file" in job:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job["largest_file"], job["largest_file"]))
    if job.get("as_nobody"):
        os.setgid(NOBODY)
        os.setuid(NOBODY)
    if job.get("kill_at_event"):
        _kill_at_event(job["kill_at_event"], str(folder))
    for step in steps(folder, job["rounds"]):
        step()
        done()


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


def _child(job: dict[str, Any], report: int) -> None:
    def done() -> None:
        os.write(report, b"\n")

    try:
        _work(job, done)
        told = {"outcome": "done"}
    except UserError as error:
        told = {"outcome": "UserError", "message": error.message, "next": error.next_step}
    except OSError as error:
        known = system_error(error)
        told = {"outcome": "OSError", "message": known.message, "next": known.next_step}
    except BaseException as error:
        told = {"outcome": type(error).__name__, "message": str(error)}
    os.write(report, json.dumps(told).encode())
    os._exit(0)


def _run(job: dict[str, Any]) -> dict[str, Any]:
    reading, writing = os.pipe()
    started = time.perf_counter()
    child = os.fork()
    if child == 0:
        _child(job, writing)
    os.close(writing)
    if "kill_after_s" in job:
        time.sleep(job["kill_after_s"])
        os.kill(child, signal.SIGKILL)
    with os.fdopen(reading, "rb") as pipe:
        *steps_done, last = pipe.read().split(b"\n")
    os.waitpid(child, 0)
    told = json.loads(last or b'{"outcome": "killed"}')
    return {**told, "steps": len(steps_done), "seconds": time.perf_counter() - started}


if __name__ == "__main__":
    for line in sys.stdin:
        print(json.dumps(_run(json.loads(line))), flush=True)
