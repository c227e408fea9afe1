"""One project that was made, proven and reported by `advisor run`, for all tests of the smoke run."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from advisor.documents import Answers, Manifest
from advisor.knowledge import Knowledge
from advisor.pipeline import advise
from advisor.scaffold.write import write_project
from tests import projects

ROOT = Path(__file__).resolve().parents[2]
EXAMPLE = ROOT / "examples" / "help-desk.yaml"


@dataclass(frozen=True)
class Finished:
    """What `advisor run` printed, and the project that it left."""

    project: Path
    code: int
    stdout: str
    stderr: str


def advisor(*words: str, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    """The command line, in an environment where a warning of advisor's own is an error."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "NO_COLOR": "1", **variables}
    return subprocess.run(
        [sys.executable, "-W", "error", "-m", "advisor", *words],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Finished:
    """Of the real thing: the reference implementation with its real embedder."""
    folder = tmp_path_factory.mktemp("run")
    done = advisor("run", str(EXAMPLE), "help-desk", cwd=folder)
    return Finished(folder / "help-desk", done.returncode, done.stdout, done.stderr)


FRAME = """
from ..project_base.checks import Check, CheckFailed, Outcome
from ..project_base.settings import RoomSettings
from ..project_base.settings import Settings as BaseSettings


class Settings(RoomSettings):
    project_base: BaseSettings


SETTINGS = Settings


def checks(settings, workdir):
    return [Check("the room is dry", dry), Check("the door is shut", shut)]


def dry():
    return Outcome("no water", {"litres": 0.0})


def shut():
"""
"""A room's checks in the project's own frame, without a model: what `shut` does is up to the test."""


@dataclass(frozen=True)
class Quick:
    """A project whose checks take no time."""

    folder: Path
    manifest: Manifest

    def shut(self, *lines: str) -> None:
        """What the second check does."""
        text = FRAME + "".join(f"    {line}\n" for line in lines)
        (self.folder / "demo" / "rag" / "smoke.py").write_text(text)


@pytest.fixture
def quick(knowledge: Knowledge, tmp_path: Path) -> Quick:
    """A project with the frame that every project has, and two small checks."""
    plan = projects.plan(advise(Answers(), knowledge), knowledge)
    manifest = write_project(plan, tmp_path / "demo")
    # Of the rooms only the frame and the checks are left: nothing here waits for a model library.
    for room in set(manifest.components) - {"project_base", "rag"}:
        shutil.rmtree(tmp_path / "demo" / "demo" / room)
    config = tmp_path / "demo" / "config.yaml"
    config.write_text("project_base:\n  offline: true\n")
    (tmp_path / "demo" / "demo" / "rag" / "settings.py").unlink()
    (tmp_path / "demo" / "demo" / "rag" / "commands.py").unlink()
    made = Quick(tmp_path / "demo", manifest)
    made.shut('return Outcome("shut")')
    return made
