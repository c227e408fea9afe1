"""Smoke checks of the router: trained on the sample requests, judged, put in service, asked and refused."""

import json
import re
from pathlib import Path

from ...project_base.checks import Check, CheckFailed, Outcome
from ...project_base.terminal import shortened
from ..settings import ProjectSettings
from ..smoke_project import HANDBOOK, SAMPLE, SmokeProject, figures, told_cells

REPEATED = "Where is my parcel? It should have arrived on Tuesday, order number HC-20931."
TO_THE_DOCUMENTS = "Which radio band do the tags use in North America?"


def checks_of(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks in order; each goes on with what those before it left."""
    project = SmokeProject(
        settings,
        workdir / "router",
        {
            "fine_tuning": {"task": "classification", "examples": str(SAMPLE / "requests.csv")},
            "rag": {"questions": str(_questions(workdir / "router"))},
            "hybrid": {"pattern": "router", "handling": str(SAMPLE / "handling.yaml"), "wanted_accuracy": 0.9},
        },
    )
    return [
        Check("the handbook is indexed and the requests are looked at", lambda: _looked_at(project)),
        Check("the classifier is trained, and its threshold keeps a promise", lambda: _trained(project)),
        Check("the router is judged beside both halves alone", lambda: _judged(project)),
        Check("a repeated request and a question each take their way", lambda: _ways(project)),
        Check("a changed file of fixed answers is refused until train", lambda: _changed(project)),
        Check("either half goes on alone", lambda: _dropped(project)),
    ]


def _questions(folder: Path) -> Path:
    """Every second question of the handbook: enough to see that both ways are asked."""
    folder.mkdir(parents=True, exist_ok=True)
    lines = (HANDBOOK / "questions.jsonl").read_text(encoding="utf-8").splitlines()
    file = folder / "questions.jsonl"
    file.write_text("\n".join(lines[::2]) + "\n", encoding="utf-8")
    return file


def _looked_at(project: SmokeProject) -> Outcome:
    project.refused("check", saying="there is no index")
    project.index()
    said = project.asked("check")
    return Outcome(f"before the index stood, check said so; then: {shortened(said.out, 120)}")


def _trained(project: SmokeProject) -> Outcome:
    said = project.asked("train")
    promised = re.search(r"from a confidence of .* with a risk of [0-9.]+", " ".join(said.out.split()))
    if promised is None:
        raise CheckFailed(f"no threshold was chosen: {said.out}")
    project.refused("promote", "1", saying="was not judged beside both halves")
    return Outcome(promised[0])


def _judged(project: SmokeProject) -> Outcome:
    found = project.evaluated("1")
    hybrid, tuned = found.cell("tuned_retrieval"), found.cell("tuned")
    if hybrid.score is None or tuned.score is None or hybrid.score <= tuned.score:
        raise CheckFailed(f"the router is no better than the classifier alone: {told_cells(found)}")
    measured = {**figures(found), **found.measured}
    return Outcome(f"{told_cells(found)}; {found.verdict}; {found.measured['kept_from_retrieval']:.2f} kept", measured)


def _ways(project: SmokeProject) -> Outcome:
    # Whether it pays on a sample is no question of whether it works: the owner may force it, and leaves a trace.
    project.asked("promote", "1", "--force", "--why", "smoke run")
    repeated = json.loads(project.asked("ask", REPEATED, "--format", "json").out)
    asked = json.loads(project.asked("ask", TO_THE_DOCUMENTS, "--format", "json").out)
    if (repeated["way"], repeated["label"]) != ("fixed", "delivery") or repeated["sources"]:
        raise CheckFailed(f"the parcel went to {repeated['way']} as {repeated['label']} ({repeated['confidence']:.2f})")
    if asked["way"] != "retrieval" or "915 MHz" not in asked["text"]:
        raise CheckFailed(f"the radio band went to {asked['way']}: {asked['text']}")
    return Outcome(f"{repeated['why']}; {asked['why']}", {"fixed_ms": repeated["total_ms"]})


def _changed(project: SmokeProject) -> Outcome:
    own = project.folder / "handling.yaml"
    text = (SAMPLE / "handling.yaml").read_text(encoding="utf-8")
    own.write_text(text.replace("  return:", "  battery:"), encoding="utf-8")
    config = project.write_config("changed.yaml", {"hybrid": {"handling": str(own)}})
    said = project.refused("ask", REPEATED, saying="changed since the threshold was chosen", config=config)
    return Outcome(f"refused: {said.told}")


def _dropped(project: SmokeProject) -> Outcome:
    for half in ("rag", "fine_tuning"):
        project.asked("drop", "--keep", half)
    alone = project.folder / "keep-rag.yaml"
    said = project.run("rag", "ask", TO_THE_DOCUMENTS, config=alone)
    if said.code or "915 MHz" not in said.out:
        raise CheckFailed(f"retrieval alone did not answer with {alone.name}: {said.told or said.out}")
    words = ("fine_tuning", "predict", "--text", REPEATED)
    label = project.run(*words, config=project.folder / "keep-fine-tuning.yaml")
    if label.code or "delivery" not in label.out:
        raise CheckFailed(f"the classifier alone did not answer: {label.told or label.out}")
    return Outcome("retrieval alone answers with keep-rag.yaml, and the classifier alone with keep-fine-tuning.yaml")
