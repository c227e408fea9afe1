"""Smoke checks of tuned models that answer from passages, on the untrained stand-in: the path and a falling loss."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...fine_tuning.ladder.ladder import LADDER
from ...project_base.checks import Check, CheckFailed, Outcome
from ...project_base.terminal import shortened
from ..settings import ProjectSettings
from ..smoke_project import HANDBOOK, SAMPLE, SmokeProject, figures, told_cells

ASKED = "How long is the warranty of the Bridge B1?"
_JUDGED = 6
_ROWS = 70


def small_writers(project: Path) -> dict[str, dict[str, object]]:
    """Settings with which the stand-in is trained and answers within seconds."""
    return {
        "corpus": {"chunk_words": 60},
        "embedding": {"backend": "torch"},
        "labelled_data": {"test_share": 0.15, "validation_share": 0.15, "personal_data": "warn"},
        "training": {"epochs": 1.0, "batch_size": 8, "batch_tokens": 8192},
        "generators": {
            "model": "stand_in",
            "stand_in_folder": str(project / "stand_in"),
            "most_tokens": 640,
            "max_new_tokens": 12,
            "base_precision": "float32",
            "chat_template": "auto",
        },
        "fine_tuning": {"task": "generation", "climb_to": "lora", "in_turn": False, "refit": False},
        "rag": {"passages": 1, "refuse_below": 0.0, "require_citation": False},
    }


def merged_changes(*changes: Mapping[str, Mapping[str, object]]) -> dict[str, dict[str, object]]:
    """Changes by section, the later ones on top."""
    found: dict[str, dict[str, object]] = {}
    for each in changes:
        for section, keys in each.items():
            found.setdefault(section, {}).update(keys)
    return found


def few_questions(folder: Path) -> Path:
    """A few questions of the handbook, answerable ones and others."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (HANDBOOK / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    answerable = [line for line in lines if json.loads(line).get("answerable", True)]
    others = [line for line in lines if line not in answerable]
    file = folder / "few-questions.jsonl"
    file.write_text("\n".join([*answerable[:_JUDGED], *others[:2]]) + "\n", encoding="utf-8")
    return file


def few_rows(folder: Path, sample: str) -> Path:
    """Rows of a sample, enough for the ladder to try an adapter, the shortest ones."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = sorted((SAMPLE / sample).read_text(encoding="utf-8").splitlines(), key=len)
    file = folder / sample
    file.write_text("\n".join(lines[:_ROWS]) + "\n", encoding="utf-8")
    return file


def checks_of(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks in order; each goes on with what those before it left."""
    folder = workdir / "tuned-inside-rag"
    own: dict[str, dict[str, object]] = {
        "fine_tuning": {"examples": str(few_rows(folder, "answers.jsonl"))},
        "rag": {"questions": str(few_questions(folder))},
        "hybrid": {"pattern": "tuned_inside_rag"},
    }
    project = SmokeProject(settings, folder, merged_changes(small_writers(folder), own))
    return [
        Check("the handbook is indexed, and base model and examples are looked at", lambda: looked_at(project)),
        Check("an adapter is trained on examples with the passages that are found", lambda: trained(project)),
        Check("base and tuned model are judged, without and with retrieval", lambda: judged(project)),
        Check("the adapter answers from passages, and not without its base model", lambda: served(project)),
    ]


def looked_at(project: SmokeProject) -> Outcome:
    """Before the index stands, `check` says so."""
    project.refused("check", saying="there is no index")
    project.index()
    return Outcome(shortened(project.asked("check").out, 160))


def trained(project: SmokeProject) -> Outcome:
    """The ladder keeps the adapter, to which validation rows are likelier than to the untuned model."""
    project.asked("train")
    ladder: dict[str, Any] = json.loads((project.folder / "runs" / LADDER).read_bytes())
    scores = {step["rung"]: step["score"] for step in ladder["steps"] if step["score"] is not None}
    if ladder["kept"] != "lora" or scores["lora"] <= scores["untuned"]:
        raise CheckFailed(f"the adapter learnt nothing: {scores}")
    project.refused("promote", "1", saying="was not judged beside both halves")
    told = f"likelihood of a token of validation rows: {scores['untuned']:.2e} untuned, {scores['lora']:.2e} tuned"
    return Outcome(told, {f"token_likelihood_{rung}": float(score) for rung, score in scores.items()})


def judged(project: SmokeProject) -> Outcome:
    """All four cells are measured."""
    found = project.evaluated("1")
    if any(cell.score is None for cell in found.cells):
        raise CheckFailed(f"a cell was not measured: {told_cells(found)}")
    return Outcome(f"{told_cells(found)}; {found.verdict} (the stand-in answers nothing right)", figures(found))


def served(project: SmokeProject) -> Outcome:
    """The version in service answers; without its base model it is refused."""
    project.asked("promote", "1", "--force", "--why", "smoke run")
    reply = json.loads(project.asked("ask", ASKED, "--format", "json").out)
    if not reply["version"].startswith("0001"):
        raise CheckFailed(f"the tuned model was not asked: {reply}")
    elsewhere = {"generators": {"stand_in_folder": str(project.folder / "gone")}}
    said = project.refused("ask", ASKED, saying="retired", config=project.write_config("gone.yaml", elsewhere))
    return Outcome(f"{reply['way']} by {reply['version']}; refused: {shortened(said.told, 120)}")
