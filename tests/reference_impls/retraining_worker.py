"""Retrains a project in a process that can be killed; run as a program by `test_retraining_durability`."""

import csv
import io
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import astuple, replace
from functools import partial
from pathlib import Path
from typing import Any

from reference_impls.project_base.config import load_settings
from reference_impls.project_base.files import write_text
from reference_impls.retraining.operation.project import Project
from reference_impls.retraining.operation.retrain import retrain
from reference_impls.retraining.proof.invented_requests import COLUMNS, make_requests
from reference_impls.retraining.settings import ProjectSettings

from .killing import Done, serve

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


def _work(job: dict[str, Any], done: Done) -> None:
    folder = Path(job["folder"])
    if job.get("begin"):
        begin(folder)
        return
    for step in steps(folder):
        step()
        done()


if __name__ == "__main__":
    # What the first training imports and sets up is paid for once.
    with tempfile.TemporaryDirectory() as made:
        begin(Path(made))
    serve(_work)
