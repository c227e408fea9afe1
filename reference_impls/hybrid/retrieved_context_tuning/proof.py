"""Smoke checks of tuning on retrieved context: rows are built without a leak, the loss falls, all cells are judged."""

import json
from pathlib import Path

from ...language_models.prompting import NO_ANSWER
from ...project_base.checks import Check, CheckFailed, Outcome
from ..settings import ProjectSettings
from ..smoke_project import HANDBOOK, SmokeProject
from ..tuned_inside_rag.proof import judged, looked_at, merged_changes, served, small_writers, trained


def checks_of(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks in order; each goes on with what those before it left."""
    folder = workdir / "retrieved-context"
    own: dict[str, dict[str, object]] = {
        "corpus": {"chunk_words": 40},
        # A document is one piece of evidence, however many rows it gives: with five no gain could be shown.
        "labelled_data": {"test_share": 0.2, "validation_share": 0.45},
        "rag": {"passages": 2},
        "hybrid": {
            "pattern": "retrieved_context_tuning",
            "pairs": str(_questions(folder)),
            "rows_per_question": 2,
            "without_gold": 0.5,
        },
    }
    project = SmokeProject(settings, folder, merged_changes(small_writers(folder), own))
    return [
        Check("the handbook is indexed, and base model and questions are looked at", lambda: looked_at(project)),
        Check("rows are built with distractors, and an adapter is trained on them", lambda: _built(project)),
        Check("base and tuned model are judged on documents that no row holds", lambda: judged(project)),
        Check("the adapter answers from passages, and not without its base model", lambda: served(project)),
    ]


def _questions(folder: Path) -> Path:
    """Rows enough for the ladder to try an adapter; a question of several documents would make one piece of them."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (HANDBOOK / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    file = folder / "pairs.jsonl"
    file.write_text("\n".join(line for line in lines if len(json.loads(line).get("gold_docs", ())) < 2) + "\n", "utf-8")
    return file


def _built(project: SmokeProject) -> Outcome:
    outcome = trained(project)
    file = project.folder / "runs" / "rows" / "retrieved_context_tuning.jsonl"
    rows = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    refused = sum(row["messages"][-1]["content"] == NO_ANSWER for row in rows)
    if not 0 < refused < len(rows):
        raise CheckFailed(f"{refused} of {len(rows)} rows are to be refused")
    return Outcome(f"{len(rows)} rows, {refused} of them to be refused; {outcome.message}", outcome.measured)
