"""What all tests share: the built-in knowledge, read once, and the command line in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import settings

from advisor.documents import Answers, Recommendation
from advisor.knowledge import Knowledge, load_knowledge
from advisor.pipeline import advise

ROOT = Path(__file__).resolve().parent.parent

# A machine that others use is no reason for a test to fail.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")

Run = Callable[..., "subprocess.CompletedProcess[str]"]


@pytest.fixture(scope="session")
def knowledge() -> Knowledge:
    return load_knowledge()


@pytest.fixture(scope="session")
def recommend_for(knowledge: Knowledge) -> Callable[..., Recommendation]:
    """`recommend_for(volatility="weekly", ...)`: the recommendation for these answers."""
    from advisor.ask.answers_file import with_answers

    def recommend(**answers: str) -> Recommendation:
        return advise(
            with_answers(Answers(), [f"{fact}={code}" for fact, code in answers.items()], knowledge), knowledge
        )

    return recommend


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Runs `python -m advisor` in a fresh folder; returns the finished process."""

    def run_advisor(*words: str, **options: object) -> subprocess.CompletedProcess[str]:
        settings: dict[str, object] = {"cwd": tmp_path, "capture_output": True, "text": True, "timeout": 120, **options}
        environment = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "error", "NO_COLOR": "1"}
        return subprocess.run([sys.executable, "-m", "advisor", *words], env=environment, check=False, **settings)  # type: ignore[call-overload,no-any-return]

    return run_advisor
