"""Smoke checks of the tuned retriever: trained on a few questions, judged on unseen documents, put in service."""

import json
import re
from pathlib import Path

from ...project_base.checks import Check, CheckFailed, Outcome
from ...project_base.terminal import shortened
from ..settings import ProjectSettings
from ..smoke_project import HANDBOOK, SmokeProject, figures, told_cells

_ASKED = "How long is the warranty of the Bridge B1?"
_LOSSES = re.compile(r"loss ([\d.]+) to ([\d.]+)")


def checks_of(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks in order; each goes on with what those before it left."""
    project = SmokeProject(
        settings,
        workdir / "tuned-retriever",
        {
            "embedding": {"backend": "torch"},
            "encoders": {"most_tokens": 48, "lora_rank": 4},
            "training": {"epochs": 2.0, "learning_rate": 0.0005, "batch_size": 8},
            "labelled_data": {"test_share": 0.3},
            "fine_tuning": {"task": "classification"},
            "hybrid": {
                "pattern": "tuned_retriever",
                "pairs": str(HANDBOOK / "questions.jsonl"),
                "hard_negatives": 1,
            },
        },
    )
    return [
        Check("the handbook is indexed and the questions are split by document", lambda: _looked_at(project)),
        Check("an adapter of the embedder is trained on mined pairs", lambda: _trained(project)),
        Check("tuned and untuned search for unseen documents", lambda: _judged(project)),
        Check("the version answers, and an index of another embedder is refused", lambda: _served(project)),
    ]


def _looked_at(project: SmokeProject) -> Outcome:
    project.refused("check", saying="there is no index")
    project.index()
    said = project.asked("check")
    return Outcome(shortened(said.out, 160))


def _trained(project: SmokeProject) -> Outcome:
    said = project.asked("train")
    told = " ".join(said.out.split())
    losses = _LOSSES.search(told)
    if losses is None or float(losses[2]) >= float(losses[1]):
        raise CheckFailed(f"the loss did not fall: {told}")
    project.refused("promote", "1", saying="was not judged beside both halves")
    return Outcome(told, {"first_loss": float(losses[1]), "last_loss": float(losses[2])})


def _judged(project: SmokeProject) -> Outcome:
    found = project.evaluated("1")
    return Outcome(f"{told_cells(found)}; {found.verdict} (the sample is too small to tell)", figures(found))


def _served(project: SmokeProject) -> Outcome:
    reply = json.loads(project.asked("ask", _ASKED, "--version", "1", "--format", "json").out)
    if "36 months" not in reply["text"]:
        raise CheckFailed(f"the tuned embedder did not find the warranty: {reply['text']}")
    project.asked("promote", "1", "--force", "--why", "smoke run")
    project.refused("ask", _ASKED, saying="must be embedded by one model")
    version = next(path for path in (project.folder / "models").glob("0001-*"))
    named = {"embedding": {"model": str(version / "encoder")}}
    config = project.write_config("tuned.yaml", named)
    said = project.refused("ask", _ASKED, saying="was built with the embedder", config=config)
    project.index(config)
    again = json.loads(project.asked("ask", _ASKED, "--format", "json", config=config).out)
    if "36 months" not in again["text"]:
        raise CheckFailed(f"the version in service did not find the warranty: {again['text']}")
    return Outcome(f"refused before the index was built anew: {shortened(said.told, 120)}")
