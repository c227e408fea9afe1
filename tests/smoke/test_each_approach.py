"""`advisor run` of the approaches beside RAG and fine-tuning, each with its example and its real models."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from advisor.documents import SmokeResult
from advisor.smoke import RESULT
from tests.smoke.conftest import ROOT, advisor


@pytest.mark.parametrize(
    ("example", "title", "options", "checks"),
    [
        ("message-desk", "Prompting is enough: the baseline meets its target, nothing more is needed.", (), 5),
        ("visit-forecast", "Retraining by the calendar", (), 5),
        pytest.param("support-router", "Hybrid: Router between a tuned model and RAG", (), 6, marks=pytest.mark.soak),
        # Of the hybrids, the one that is proven in half the time.
        ("support-router", "Hybrid: Router between a tuned model and RAG", ("--pattern", "tuned_helper"), 4),
    ],
)
def test_the_example_becomes_a_project_that_passes(
    example: str, title: str, options: tuple[str, ...], checks: int, tmp_path: Path
) -> None:
    done = advisor("run", str(ROOT / "examples" / f"{example}.yaml"), example, *options, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"{example}/report.html"
    assert done.stdout.startswith(f"{title}\n")
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    result = SmokeResult.load(tmp_path / example / RESULT)
    assert result.passed
    assert len(result.checks) >= checks
    assert all(check.message for check in result.checks)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("example", ["help-desk", "ticket-routing", "visit-forecast", "support-router", "message-desk"])
def test_the_project_passes_in_an_environment_that_has_what_it_asks_for_and_nothing_else(
    example: str, tmp_path: Path
) -> None:
    made = advisor("scaffold", str(ROOT / "examples" / f"{example}.yaml"), "desk", cwd=tmp_path)
    assert made.returncode == 0, made.stderr
    proven = subprocess.run(
        [sys.executable, "-m", "advisor", "smoke", "desk", "--isolated"],
        cwd=tmp_path,
        # The versions that were tested; the newest ones of torch bring gigabytes for GPUs.
        env={**os.environ, "PYTHONPATH": str(ROOT), "PIP_CONSTRAINT": str(ROOT / "constraints.txt"), "NO_COLOR": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert proven.returncode == 0, proven.stderr
    assert "Traceback" not in proven.stderr
    assert SmokeResult.load(tmp_path / "desk" / RESULT).passed
