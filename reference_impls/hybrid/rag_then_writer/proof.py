"""Smoke checks of the writer: trained on edited drafts, judged, and a rewriting that loses a fact is put aside."""

import json
from pathlib import Path

from ...project_base.checks import Check, CheckFailed, Outcome
from ...project_base.terminal import shortened
from ..settings import ProjectSettings
from ..smoke_project import SmokeProject
from ..tuned_inside_rag.proof import (
    ASKED,
    few_questions,
    few_rows,
    judged,
    looked_at,
    merged_changes,
    served,
    small_writers,
    trained,
)
from .survival import lost

_DRAFT = "The warranty lasts 36 months for the Bridge B1 and does not cover batteries. [1]"
_KEPT = "Thank you for asking. Batteries are not covered, and the Bridge B1 has 36 months of warranty [1]."


def checks_of(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks in order; each goes on with what those before it left."""
    folder = workdir / "rag-then-writer"
    own: dict[str, dict[str, object]] = {
        "fine_tuning": {"examples": str(few_rows(folder, "drafts.jsonl"))},
        "corpus": {"chunk_words": settings.corpus.chunk_words},
        "generators": {"most_tokens": 256, "max_new_tokens": 40},
        "rag": {"questions": str(few_questions(folder)), "passages": 5, "refuse_below": 0.33, "require_citation": True},
        "hybrid": {"pattern": "rag_then_writer"},
    }
    project = SmokeProject(settings, folder, merged_changes(small_writers(folder), own))
    return [
        Check("the handbook is indexed, and base model and edited drafts are looked at", lambda: looked_at(project)),
        Check("an adapter is trained on drafts and their edited form", lambda: trained(project)),
        Check("base and tuned writer are judged, without and with stated facts", lambda: judged(project)),
        Check("the check tells a kept fact from a lost one", _survives),
        Check("what the writer changes goes out as it was stated", lambda: _unstyled(project)),
        Check("the writer answers, and not without its base model", lambda: served(project)),
    ]


def _survives() -> Outcome:
    if found := lost(_DRAFT, _KEPT):
        raise CheckFailed(f"a rewriting that keeps everything was put aside: {found}")
    changed = {
        "figure": _KEPT.replace("36", "38"),
        "unit": _KEPT.replace("months", "days"),
        "name": _KEPT.replace("B1", "B2"),
        "citation": _KEPT.replace("[1]", "[2]"),
        "denial": _KEPT.replace("not ", ""),
    }
    unseen = [kind for kind, text in changed.items() if not lost(_DRAFT, text)]
    if unseen:
        raise CheckFailed(f"a changed {', '.join(unseen)} was not seen")
    return Outcome(f"a changed {', '.join(changed)} is seen, and another order of the same facts is let through")


def _unstyled(project: SmokeProject) -> Outcome:
    reply = json.loads(project.asked("ask", ASKED, "--version", "1", "--format", "json").out)
    if "36 months" not in reply["text"]:
        raise CheckFailed(f"the stated fact did not go out: {reply['text']}")
    return Outcome(f"{reply['way']}: {shortened(reply['why'], 160)}")
