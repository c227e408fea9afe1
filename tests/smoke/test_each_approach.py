"""`advisor run` of the approaches beside RAG and fine-tuning, each with its example and its real models."""

from __future__ import annotations

from pathlib import Path

import pytest

from advisor.documents import SmokeResult
from advisor.smoke import RESULT
from tests.smoke.conftest import ROOT, advisor


@pytest.mark.parametrize(
    ("example", "title"),
    [
        ("message-desk", "Prompting is enough: the baseline meets its target, nothing more is needed."),
        ("visit-forecast", "Retraining by the calendar"),
        ("support-router", "Hybrid: Router between a tuned model and RAG"),
    ],
)
def test_the_example_becomes_a_project_that_passes(example: str, title: str, tmp_path: Path) -> None:
    done = advisor("run", str(ROOT / "examples" / f"{example}.yaml"), example, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1] == f"{example}/report.html"
    assert done.stdout.startswith(f"{title}\n")
    assert "Traceback" not in done.stderr
    assert "Warning" not in done.stderr
    result = SmokeResult.load(tmp_path / example / RESULT)
    assert result.passed
    assert len(result.checks) >= 5
    assert all(check.message for check in result.checks)
