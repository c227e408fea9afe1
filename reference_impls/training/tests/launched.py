"""What the processes of the tests of launching do; loading no torch they start at once."""

import os
import time
from collections.abc import Callable
from pathlib import Path

from pydantic import JsonValue

from ...project_base.errors import UserError
from ...project_base.progress import Progress
from ..launch import Gone


def work(job: JsonValue, progress: Progress, tell: Callable[[str], object]) -> None:
    """What the workers of these tests do; each leaves a file."""
    assert isinstance(job, dict)
    rank = os.environ["RANK"]
    Path(str(job["folder"]), rank).write_text(f"{os.getpid()}")
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
