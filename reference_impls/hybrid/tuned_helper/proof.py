"""Smoke checks of the helper: trained on the sample, judged on the log, and put beside a real local endpoint."""

import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ...project_base.checks import Check, CheckFailed, Outcome
from ...texts.sentences import sentence_spans
from ...texts.words import words_of
from ..local_endpoint import endpoint
from ..settings import ProjectSettings
from ..smoke_project import SAMPLE, SmokeProject, figures, told_cells

_PASSAGE = re.compile(r'<passage-\w+ number="(\d+)" source="[^"]*"[^>]*>\n(.*?)\n</passage-', re.DOTALL)
_QUESTION = re.compile(r"<question>\n(.*?)\n</question>", re.DOTALL)
_FIGURE = re.compile(r"\b\d+\b")
_ASKED = "How long is the warranty of the Bridge B1?"


def closed_model(body: Mapping[str, Any]) -> str:
    """What stands for a closed model: it repeats the passages' nearest sentence, and gets the first figure wrong.

    Without passages it does not know. It is no language model: what is proved is the way from an endpoint's fault to
    the mended answer.
    """
    text = str(body["messages"][-1]["content"])
    asked = _QUESTION.search(text)
    if asked is None:
        return "I do not know."
    wanted = set(words_of(asked[1]))
    sentences = [
        (len(wanted.intersection(words_of(passage[start:end]))), -int(number), passage[start:end])
        for number, passage in _PASSAGE.findall(text)
        for start, end in sentence_spans(passage)
        if not passage[start:end].startswith(("|", "#"))
    ]
    if not sentences:
        return "NO ANSWER"
    _, number, sentence = max(sentences)
    wrong = _FIGURE.sub(lambda found: str(int(found[0]) + 2), sentence, count=1)
    return f"{wrong} [{-number}]"


def checks_of(settings: ProjectSettings, workdir: Path) -> list[Check]:
    """The checks in order; each goes on with what those before it left."""
    project = SmokeProject(
        settings,
        workdir / "tuned-helper",
        {
            # The cheapest rung that is good enough is kept here, so that a smoke run takes seconds.
            "fine_tuning": {"task": "extraction", "examples": str(SAMPLE / "facts.jsonl"), "enough": 0.75},
            "hybrid": {"pattern": "tuned_helper", "said": str(SAMPLE / "said.jsonl")},
        },
    )
    return [
        Check("the handbook is indexed, and the helper is trained to mark facts", lambda: _trained(project)),
        Check("faults of the log are found and mended", lambda: _judged(project)),
        Check("an endpoint's wrong figure is mended before it goes out", lambda: _mended(project)),
        Check("an endpoint that is gone is told as such", lambda: _gone(project)),
    ]


def _config(project: SmokeProject, address: str) -> Path:
    model = {"generator": "openai_compatible", "model": "closed", "base_url": address, "api_key_variable": ""}
    return project.write_config("closed.yaml", {"language_models": {**model, "retries": 0}})


def _trained(project: SmokeProject) -> Outcome:
    project.index()
    project.asked("check")
    said = project.asked("train")
    project.refused("promote", "1", saying="was not judged beside both halves")
    return Outcome(" ".join(said.out.split()))


def _judged(project: SmokeProject) -> Outcome:
    out = project.folder / "result.json"
    with endpoint(closed_model) as address:
        project.asked("evaluate", "1", "--out", str(out), config=_config(project, address))
    found = project.read(out)
    measured = {**figures(found), **found.measured}
    told = (
        f"{told_cells(found)}; precision {measured.get('helper_precision', 0):.2f}, recall "
        f"{measured.get('helper_recall', 0):.2f} (a plain rule {measured.get('plain_rule_recall', 0):.2f}); right "
        f"{measured['right_before']:.2f} before, {measured['right_after']:.2f} after"
    )
    if measured["right_after"] <= measured["right_before"]:
        raise CheckFailed(f"the helper mends nothing: {told}", measured)
    return Outcome(told, measured)


def _mended(project: SmokeProject) -> Outcome:
    project.asked("promote", "1", "--force", "--why", "smoke run")
    with endpoint(closed_model) as address:
        reply = json.loads(project.asked("ask", _ASKED, "--format", "json", config=_config(project, address)).out)
    if "38" not in reply["retrieved"]["text"]:
        raise CheckFailed(f"the endpoint said something else than planned: {reply['retrieved']['text']}")
    if "38" in reply["text"] or not (reply["repaired"] or reply["refused"]):
        raise CheckFailed(f"the wrong figure went out: {reply['text']}")
    return Outcome(f"{reply['retrieved']['text']} -> {reply['text']} ({reply['why']})")


def _gone(project: SmokeProject) -> Outcome:
    with endpoint(closed_model) as address:
        config = _config(project, address)
    said = project.refused("ask", _ASKED, saying="cannot be reached", config=config)
    return Outcome(f"refused: {said.told}")
