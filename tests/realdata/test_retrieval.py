"""A generated project, pointed at real documents by its configuration alone, reaches what was measured."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests import projects
from tests.realdata.conftest import data_set

ROOT = Path(__file__).resolve().parents[2]
PROFILE = ROOT / "examples" / "medical-help-desk.yaml"
MARGIN = 0.002
"""Two questions of 1,190: what another build of torch may turn by its rounding."""


@dataclass(frozen=True)
class Job:
    """One data set, how the project is set for it, and what benchmarks/README.md reports: nDCG@10, hit@1, hit@5.

    `chance` is hit@1 of a random order: one paragraph, or one document, of all.
    """

    name: str
    documents: str
    questions: str
    settings: dict[str, str]
    unit: str
    counts: tuple[int, int]
    reported: tuple[float, float, float]
    chance: float


JOBS = [
    Job(
        "xquad",
        "docs_en",
        "questions_en.jsonl",
        {"chunk_by": "paragraph"},
        "paragraph",
        (48, 1190),
        (0.983, 0.961, 0.998),
        1 / 240,
    ),
    Job("medquad_niddk", "docs", "questions.jsonl", {}, "document", (151, 1192), (0.991, 0.977, 1.0), 1 / 151),
]


def command(*words: str, cwd: Path) -> str:
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        [sys.executable, "-m", *words], cwd=cwd, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.mark.realdata
@pytest.mark.timeout(900)
@pytest.mark.parametrize("job", JOBS, ids=lambda job: job.name)
def test_retrieval_reaches_what_is_reported(job: Job, tmp_path: Path) -> None:
    data = data_set(job.name)
    command("advisor", "scaffold", str(PROFILE), "desk", cwd=tmp_path)
    project = tmp_path / "desk"
    projects.configure(project, folder=str(data / job.documents), questions=str(data / job.questions), **job.settings)
    documents, questions = job.counts
    assert command("desk", "index", cwd=project).startswith(f"{documents} documents, ")
    command("desk", "evaluate", "--retrieval-only", "--out", "results.json", cwd=project)
    results = json.loads((project / "results.json").read_text())
    assert (results["unit"], results["questions"], results["judged"]) == (job.unit, questions, questions)
    fused = results["retrieval"][0]
    assert fused["mode"] == "fused"
    measured = (fused["ndcg_at_10"], fused["hit_at_1"], fused["hit_at_5"])
    assert all(value >= known - MARGIN for value, known in zip(measured, job.reported, strict=True)), measured
    verdicts = {each["measure"]: each["verdict"] for each in results["beside_bm25"]}
    assert verdicts["nDCG@10"] in {"better", "not worse"}, results["beside_bm25"]
    random = results["retrieval"][-1]
    assert (random["mode"], random["hit_at_1"]) == ("random", pytest.approx(job.chance, abs=0.0005))
    again = command("desk", "index", cwd=project)
    assert again.endswith(f"(0 files read, 0 texts embedded, {_taken_over(project)})\n")


def _taken_over(project: Path) -> str:
    manifest = json.loads((project / "index" / "manifest.json").read_text())
    return f"{manifest['chunks']} taken over"
