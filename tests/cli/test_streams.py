"""Pipes that break, disks that are full, streams that are closed: never a traceback, never half a file."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.conftest import ROOT
from tests.conftest import Run

ADVISOR = f"'{sys.executable}' -W error -m advisor"
HELP_DESK = ROOT / "examples" / "help-desk.yaml"
OWN_RULES = "mkdir own; echo 'review_by: 2030-01-31' > own/prices.yaml"
"""That they count is said beside the result."""


def shell(script: str, folder: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "PYTHONPATH": str(ROOT), **variables}
    return subprocess.run(
        ["bash", "-o", "pipefail", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )


@pytest.mark.parametrize(
    "script",
    [
        f"{ADVISOR} rules list | head -1",
        f"{ADVISOR} recommend {HELP_DESK} | head -1",
        f"{ADVISOR} recommend {HELP_DESK} {HELP_DESK} {HELP_DESK} {HELP_DESK} --format json | head -c 20",
        f"{ADVISOR} explain {HELP_DESK} | true",
    ],
)
def test_a_reader_that_has_enough_is_no_error(script: str, tmp_path: Path) -> None:
    done = shell(script, tmp_path)
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("command", [f"recommend {HELP_DESK}", "rules list", "--help"])
def test_a_full_disk_behind_standard_output_is_named(command: str, tmp_path: Path) -> None:
    done = shell(f"{ADVISOR} {command} > /dev/full", tmp_path)
    assert done.returncode == 1
    assert done.stderr.startswith("error: No space left on device\nnext: ")
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize(
    ("script", "code"),
    [
        (f"{ADVISOR} recommend {HELP_DESK} >&-", 0),
        (f"{ADVISOR} recommend nowhere.yaml 2>&-", 1),
        (f"{ADVISOR} recommend - <&-", 1),
        (f"{ADVISOR} ask --out mine.yaml <&-", 130),
        (f"{OWN_RULES}; {ADVISOR} recommend {HELP_DESK} --rules own <&- >&- 2>&-", 0),
    ],
)
def test_closed_streams_do_no_harm(script: str, code: int, tmp_path: Path) -> None:
    done = shell(script, tmp_path)
    assert done.returncode == code
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_a_terminal_without_our_characters_gets_others(encoding: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "advisor", "recommend", str(HELP_DESK)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONIOENCODING": encoding},
        cwd=tmp_path,
        capture_output=True,
        timeout=120,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, b"")
    assert b"RAG" in done.stdout


def test_a_disk_that_fills_up_leaves_the_old_answers_whole(run: Run, tmp_path: Path) -> None:
    """A limit on the size of files stands in for the disk: it holds for root too."""
    text = "answers:\n  model_kind: llm\n"
    (tmp_path / "mine.yaml").write_text(text)

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (100, 100))

    done = run("ask", "--plain", "--resume", "mine.yaml", input="1\n", preexec_fn=little_room)
    assert done.returncode == 1
    assert "error: mine.yaml: cannot be written: File too large" in done.stderr
    assert "next: " in done.stderr
    assert "Traceback" not in done.stderr
    # The owner's file is spared before it is written over, and small enough to fit; nothing else may be left.
    assert {path.name: path.read_text() for path in tmp_path.iterdir()} == {"mine.yaml": text, "mine.yaml.bak": text}


def test_a_report_on_a_full_disk_leaves_the_old_one_whole(run: Run, tmp_path: Path) -> None:
    (tmp_path / "report.html").write_text("the report of yesterday")

    def little_room() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))

    done = run("report", str(HELP_DESK), "--out", "report.html", preexec_fn=little_room)
    assert (done.returncode, done.stdout) == (1, "")
    assert "report.html" in done.stderr
    assert "Traceback" not in done.stderr
    assert (tmp_path / "report.html").read_text() == "the report of yesterday"
    assert [path.name for path in tmp_path.iterdir()] == ["report.html"]


def test_standard_output_carries_the_result_alone(run: Run, tmp_path: Path) -> None:
    done = run("report", str(HELP_DESK), "--out", "report.html")
    assert (done.returncode, done.stdout, done.stderr) == (0, "report.html\n", "")
    assert (tmp_path / "report.html").stat().st_size > 10_000


def test_the_module_and_the_command_are_the_same(run: Run) -> None:
    done = run("--version")
    assert done.returncode == 0
    assert done.stdout.startswith("advisor ")
