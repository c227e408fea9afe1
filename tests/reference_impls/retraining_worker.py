"""Retrains a project in a process that can be killed; run as a program by `test_retraining_durability`.

Reads one job a line on standard input, forks, lets the child do the real work, kills it if the job says so, and prints
what became of it and how many steps were reported as done before.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path
from typing import Any

from reference_impls.project_base.config import load_settings
from reference_impls.project_base.errors import UserError
from reference_impls.project_base.files import write_text
from reference_impls.retraining.operation.project import Project
from reference_impls.retraining.operation.retrain import retrain
from reference_impls.retraining.proof.invented_requests import COLUMNS, make_requests
from reference_impls.retraining.settings import ProjectSettings

BEFORE, AFTER, LATER = "2024-08-01", "2025-02-01", "2025-03-25"
CONFIG = """\
project_base: {threads: 1}
history: {target: outcome, time: received, known: confirmed, window: 2mo}
predictors: {kind: linear, word_features: 1024}
registry: {folder: models}
retraining: {data: requests.csv, runs_folder: runs, metrics_file: metrics.jsonl, policy: scheduled}
"""


def project_in(folder: Path) -> Project:
    return Project(load_settings(folder / "config.yaml", ProjectSettings))


def come(folder: Path, until: str) -> None:
    """The history as it is on a day; whoever reads it sees that of the day before, or all of this one."""
    import csv
    import io

    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    for row in make_requests():
        if row.received < until:
            known = bool(row.confirmed) and row.confirmed < until
            writer.writerow(astuple(row if known else replace(row, outcome="", confirmed="")))
    write_text(folder / "requests.csv", text.getvalue())


def begin(folder: Path) -> None:
    """A project whose first version is in service."""
    (folder / "config.yaml").write_text(CONFIG)
    come(folder, BEFORE)
    retrain(project_in(folder))


def steps(folder: Path) -> Iterator[Callable[[], object]]:
    """Two retrainings as a scheduler runs them; each step ends with a version in service."""

    def again(day: str) -> None:
        come(folder, day)
        found = retrain(project_in(folder), forced=True)
        if found.decision != "promoted":
            raise RuntimeError(f"{found.decision}: {found.why}")

    yield partial(again, AFTER)
    yield partial(again, LATER)


def _work(job: dict[str, Any], done: Callable[[], None]) -> None:
    folder = Path(job["folder"])
    if job.get("kill_at_event"):
        _kill_at_event(job["kill_at_event"], str(folder))
    for step in steps(folder):
        step()
        done()


def _kill_at_event(count: int, folder: str) -> None:
    """Dies right before the n-th time that the interpreter touches the folder."""
    left = count
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
        told = {"outcome": "UserError", "message": error.message}
    except BaseException as error:
        told = {"outcome": type(error).__name__, "message": str(error)}
    os.write(report, json.dumps(told).encode())
    os._exit(0)


def _run(job: dict[str, Any]) -> dict[str, Any]:
    if "begin" in job:
        begin(Path(job["begin"]))
        return {"outcome": "done"}
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
