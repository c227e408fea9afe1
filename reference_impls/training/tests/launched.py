"""What the processes of the tests of launching do; loading no torch they start at once."""

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import JsonValue

from ...project_base.errors import UserError
from ...project_base.progress import Progress
from ..workers import Gone

_TOLD = ("LOCAL_RANK", "WORLD_SIZE", "MASTER_ADDR", "MASTER_PORT")


def rank_of(folder: Path, rank: int) -> dict[str, Any]:
    """What a worker of these tests left: what it was told, and its `process`."""
    found: dict[str, Any] = json.loads((folder / f"{rank}").read_text())
    return found


def make(job: JsonValue, progress: Progress, tell: Callable[[str], object]) -> None:
    """What the workers of these tests do; each leaves a file."""
    assert isinstance(job, dict)
    rank = os.environ["RANK"]
    told = {name: os.environ[name] for name in _TOLD} | {"process": os.getpid()}
    Path(str(job["folder"]), rank).write_text(json.dumps(told))
    print("noise of a library")
    tell("reading")
    advance = progress("reading", 2)
    advance(2)
    if job.get("fails") == "the other" and rank == "1":
        raise UserError("this one fails", "look at process 1")
    if job.get("fails") == "all" and rank == "1":
        raise UserError("this one fails", "look at process 1")
    if job.get("fails") == "all":
        raise Gone("another process is gone", "run it again")
    if job.get("fails") == "fault":
        raise AssertionError("a fault of the program")
    if job.get("fails") == "killed" and rank == "1":
        os.kill(os.getpid(), 9)
    if job.get("fails"):
        time.sleep(60)
